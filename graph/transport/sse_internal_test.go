package transport

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
)

// slowStream has its one answer later than any operation may take that is no subscription.
type slowStream struct{ graphql.GraphExecutor }

func (slowStream) CreateOperationContext(context.Context, *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	return &graphql.OperationContext{Operation: &ast.OperationDefinition{
		Operation: ast.Subscription, SelectionSet: ast.SelectionSet{&ast.Field{Name: "a", Alias: "a"}},
	}}, nil
}

func (slowStream) DispatchOperation(ctx context.Context, _ *graphql.OperationContext) (graphql.ResponseHandler, context.Context) {
	answers := 0
	return func(ctx context.Context) *graphql.Response {
		if answers++; answers > 1 {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(OperationTimeout + 10*time.Second):
			return &graphql.Response{Data: []byte(`{"a":1}`)}
		}
	}, ctx
}

func TestSubscriptionsHaveNoDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		caller := &auth.Caller{Username: "ana", ExpiresAt: time.Now().Add(time.Hour)}
		r := httptest.NewRequestWithContext(auth.NewContext(t.Context(), caller),
			http.MethodPost, "/graphql", strings.NewReader(`{"query":"subscription{a}"}`))
		r.Header.Set("Content-Type", jsonType)
		r.Header.Set("Accept", eventType)
		w := httptest.NewRecorder()
		post{streams: newStreams(Config{})}.Do(w, r, slowStream{})
		const want = ":\n\n:\n\nevent: next\ndata: {\"data\":{\"a\":1}}\n\nevent: complete\ndata:\n\n"
		if got := w.Body.String(); got != want {
			t.Errorf("the stream = %q, want a sign of life, the answer and %q", got, want)
		}
	})
}

// TestEventsAreOneLine: a task's result may come on several, and a line that is empty would end the event.
func TestEventsAreOneLine(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	out := newStreams(Config{}).openEvents(w)
	out.next([]byte("{\"result\":{\r\n\"a\":\n\n\"b\\n\"}}"))
	out.complete()
	const want = ":\n\nevent: next\ndata: {\"result\":{  \"a\":  \"b\\n\"}}\n\nevent: complete\ndata:\n\n"
	if got := w.Body.String(); got != want {
		t.Errorf("the stream = %q, want %q", got, want)
	}
	if !w.Flushed {
		t.Error("events are held back, want each flushed")
	}
}

func TestKeepAliveStops(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	stop := newStreams(Config{}).openEvents(w).keepAlive(time.Millisecond)
	time.Sleep(20 * time.Millisecond)
	stop()
	before := w.Body.Len()
	if time.Sleep(5 * time.Millisecond); w.Body.Len() != before || before <= len(":\n\n") {
		t.Errorf("%d bytes, and %d after stop, want some and no more", before, w.Body.Len())
	}
}
