package transport

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/errcode"
	"wisphub-graphql/inflight"
)

// slowStream sends its only response after the timeout of queries and mutations.
type slowStream struct{ graphql.GraphExecutor }

func (slowStream) CreateOperationContext(context.Context, *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	return &graphql.OperationContext{Operation: &ast.OperationDefinition{
		Operation: ast.Subscription, SelectionSet: ast.SelectionSet{&ast.Field{Name: "a", Alias: "a"}},
	}}, nil
}

func (slowStream) DispatchOperation(ctx context.Context, _ *graphql.OperationContext) (graphql.ResponseHandler, context.Context) {
	responses := 0
	return func(ctx context.Context) *graphql.Response {
		if responses++; responses > 1 {
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

func TestEvents_SubscriptionsHaveNoTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		caller := &auth.Caller{Username: "ana", ExpiresAt: time.Now().Add(time.Hour)}
		r := httptest.NewRequestWithContext(auth.NewContext(t.Context(), caller),
			http.MethodPost, "/graphql", strings.NewReader(`{"query":"subscription{a}"}`))
		r.Header.Set("Content-Type", typeJSON)
		r.Header.Set("Accept", typeEvents)
		w := httptest.NewRecorder()
		post{streams: newStreams(Config{})}.Do(w, r, slowStream{})
		const want = ":\n\n:\n\nevent: next\ndata: {\"data\":{\"a\":1}}\n\nevent: complete\ndata:\n\n"
		if got := w.Body.String(); got != want {
			t.Errorf("the stream = %q, want %q with a keep-alive comment", got, want)
		}
	})
}

// TestEventWriter_OneLinePerEvent checks a result with line breaks. An empty line would end the
// event.
func TestEventWriter_OneLinePerEvent(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	out := newStreams(Config{}).openEvents(w)
	out.next(parts{[]byte("{\"result\":{\r\n\"a\":\n\n"), []byte("\"b\\n\"}}")})
	out.complete()
	const want = ":\n\nevent: next\ndata: {\"result\":{  \"a\":  \"b\\n\"}}\n\nevent: complete\ndata:\n\n"
	if got := w.Body.String(); got != want {
		t.Errorf("the stream = %q, want %q", got, want)
	}
	if !w.Flushed {
		t.Error("events are buffered, want each one flushed")
	}
}

func TestEventWriter_KeepAliveStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := httptest.NewRecorder()
		stop := newStreams(Config{}).openEvents(w).keepAlive(time.Second)
		time.Sleep(20 * time.Second)
		stop()
		before := w.Body.Len()
		if time.Sleep(time.Minute); w.Body.Len() != before || before <= len(":\n\n") {
			t.Errorf("%d bytes before stop and %d after, want comments before and none after", before, w.Body.Len())
		}
	})
}

// waitingExecutor runs a subscription without events.
type waitingExecutor struct{ quickExecutor }

func (waitingExecutor) CreateOperationContext(context.Context, *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	field := &ast.Field{Alias: "a", Name: "a"}
	operation := &ast.OperationDefinition{Operation: ast.Subscription, SelectionSet: ast.SelectionSet{field}}
	return &graphql.OperationContext{Operation: operation}, nil
}

func (waitingExecutor) DispatchOperation(ctx context.Context, _ *graphql.OperationContext) (graphql.ResponseHandler, context.Context) {
	return func(ctx context.Context) *graphql.Response {
		<-ctx.Done()
		return nil
	}, ctx
}

// Test15_1_EventStreamsLeaveRoomForRequests opens many subscriptions of one user. Its requests still
// find room, and the documents of subscriptions have their own limit.
func Test15_1_EventStreamsLeaveRoomForRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiter := inflight.New(inflight.Limits{Operations: 10, RequestBytes: 1 << 20, AnswerBytes: 1 << 20, HeavyBytes: 1 << 20, Heavy: 1, Turns: 1})
		s := newStreams(Config{})
		ctx, stop := context.WithCancel(auth.NewContext(t.Context(), &auth.Caller{Username: "ana", ExpiresAt: time.Now().Add(time.Hour)}))
		body := `{"query":"{a}"}` + strings.Repeat(" ", 2<<10)
		s.MaxDocuments = 50 * len(body)
		s.MaxDocumentsPerUser = s.MaxDocuments
		var streams sync.WaitGroup
		open := func() *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", strings.NewReader(body))
			r.Header.Set("Content-Type", typeJSON)
			r.Header.Set("Accept", typeEvents)
			streams.Go(func() { post{streams: s, cfg: Config{Inflight: limiter}}.Do(w, r, waitingExecutor{}) })
			synctest.Wait()
			return w
		}
		for n := range 50 {
			if w := open(); w.Code != http.StatusOK || w.Body.String() != ":\n\n" {
				t.Fatalf("stream %d = %d %s, want it open", n, w.Code, w.Body)
			}
		}
		request, err := limiter.Begin("ana", 400<<10)
		if err != nil {
			t.Errorf("a request beside the streams: %v, want room", err)
		}
		request.End()
		if w := open(); !strings.Contains(w.Body.String(), errcode.ErrStreamBytes.Error()) {
			t.Errorf("a stream beyond the limit = %s, want ErrStreamBytes", w.Body)
		}
		stop()
		streams.Wait()
		if s.documents != 0 || len(s.documentsOf) > 0 {
			t.Errorf("%d bytes of documents are left", s.documents)
		}
	})
}
