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

// slowExecutor runs an operation until its deadline.
type slowExecutor struct{ graphql.GraphExecutor }

func (slowExecutor) CreateOperationContext(context.Context, *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	return &graphql.OperationContext{}, nil
}

func (slowExecutor) DispatchOperation(ctx context.Context, _ *graphql.OperationContext) (graphql.ResponseHandler, context.Context) {
	return func(ctx context.Context) *graphql.Response {
		<-ctx.Done()
		return &graphql.Response{Data: []byte(`{"a":null}`)}
	}, ctx
}

// slotWriter adds the number of acquired slots to whileWriting at each write.
type slotWriter struct {
	*httptest.ResponseRecorder
	acquired, whileWriting *int
}

func (w slotWriter) Write(p []byte) (int, error) {
	*w.whileWriting += *w.acquired
	return w.ResponseRecorder.Write(p)
}

// quickExecutor responds at once, with errs if there are any.
type quickExecutor struct {
	graphql.GraphExecutor
	operation ast.Operation
	errs      gqlerror.List
}

func (e quickExecutor) CreateOperationContext(context.Context, *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	return &graphql.OperationContext{Operation: &ast.OperationDefinition{Operation: e.operation}}, e.errs
}

func (quickExecutor) DispatchError(_ context.Context, errs gqlerror.List) *graphql.Response {
	return &graphql.Response{Errors: errs}
}

func (quickExecutor) DispatchOperation(ctx context.Context, _ *graphql.OperationContext) (graphql.ResponseHandler, context.Context) {
	return graphql.OneShot(&graphql.Response{Data: []byte(`{"a":null}`)}), ctx
}

// TestPost_ReleasesSlotBeforeWriting checks that a caller who reads slowly does not occupy a slot.
func TestPost_ReleasesSlotBeforeWriting(t *testing.T) {
	t.Parallel()
	for name, exec := range map[string]quickExecutor{
		"a query":        {operation: ast.Query},
		"a refusal":      {errs: gqlerror.List{gqlerror.Errorf("no")}},
		"a subscription": {operation: ast.Subscription},
	} {
		for _, accept := range []string{typeJSON, typeEvents} {
			if exec.operation == ast.Subscription && accept == typeEvents {
				continue
			}
			acquired, released, whileWriting := 0, 0, 0
			acquire := func() (func(), bool) {
				acquired++
				return func() { acquired--; released++ }, true
			}
			r := httptest.NewRequestWithContext(auth.NewContext(t.Context(), &auth.Caller{Username: "ana"}),
				http.MethodPost, "/graphql", strings.NewReader(`{"query":"{a}"}`))
			r.Header.Set("Content-Type", typeJSON)
			r.Header.Set("Accept", accept)
			w := slotWriter{httptest.NewRecorder(), &acquired, &whileWriting}
			post{streams: newStreams(Config{}), cfg: Config{AcquireSlot: acquire}}.Do(w, r, exec)
			want := 0
			if accept == typeEvents {
				want = 1 // the first comment of a stream, before the operation has run
			}
			if whileWriting != want || acquired != 0 || released != 1 || w.Body.Len() == 0 {
				t.Errorf("%s as %s: %d slots while writing, %d released, body %q, want %d and 1",
					name, accept, whileWriting, released, w.Body, want)
			}
		}
	}
}

func TestPost_OperationTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := httptest.NewRequestWithContext(auth.NewContext(t.Context(), &auth.Caller{Username: "ana"}),
			http.MethodPost, "/graphql", strings.NewReader(`{"query":"{a}"}`))
		r.Header.Set("Content-Type", typeJSON)
		w, began := httptest.NewRecorder(), time.Now()
		post{streams: newStreams(Config{})}.Do(w, r, slowExecutor{})
		if took := time.Since(began); took != OperationTimeout || w.Body.String() != `{"data":{"a":null}}` {
			t.Errorf("the operation took %s and returned %s, want %s and its data", took, w.Body, OperationTimeout)
		}
	})
}
