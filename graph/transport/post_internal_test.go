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
	"wisphub-graphql/inflight"
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

// countingWriter counts the writes during which an operation could start, and those during which
// one could not.
type countingWriter struct {
	*httptest.ResponseRecorder
	limiter    *inflight.Limiter
	free, full int
}

func (w *countingWriter) Write(p []byte) (int, error) {
	other, err := w.limiter.Begin("ben", 0)
	if err == nil && other.Start(context.Background()) == nil {
		w.free++
	} else {
		w.full++
	}
	other.End()
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

// Test15_1_SlowReadersAreNoOperations checks that a caller who reads slowly does not count as a
// running operation, and that nothing counts after the answer.
func Test15_1_SlowReadersAreNoOperations(t *testing.T) {
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
			limiter := inflight.New(inflight.Limits{Operations: 1, RequestBytes: 1, AnswerBytes: 1 << 20, HeavyBytes: 1 << 20, Heavy: 1, Turns: 3})
			r := httptest.NewRequestWithContext(auth.NewContext(t.Context(), &auth.Caller{Username: "ana"}),
				http.MethodPost, "/graphql", strings.NewReader(`{"query":"{a}"}`))
			r.Header.Set("Content-Type", typeJSON)
			r.Header.Set("Accept", accept)
			w := &countingWriter{ResponseRecorder: httptest.NewRecorder(), limiter: limiter}
			post{streams: newStreams(Config{}), cfg: Config{Inflight: limiter}}.Do(w, r, exec)
			full := 0
			if accept == typeEvents {
				full = 1 // the first comment of a stream, before the operation has run
			}
			if w.full != full || w.free == 0 || w.Body.Len() == 0 {
				t.Errorf("%s as %s: %d writes while the operation ran and %d after it, body %q, want %d and some",
					name, accept, w.full, w.free, w.Body, full)
			}
			after, err := limiter.Begin("ben", 1)
			if err == nil {
				err = after.Start(t.Context())
			}
			if err != nil {
				t.Errorf("%s as %s: an operation afterwards = %v, want nil", name, accept, err)
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
