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

// slowExecutor takes as long for an operation as it may.
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

// placesWriter notes how many places are taken while an answer is written.
type placesWriter struct {
	*httptest.ResponseRecorder
	taken, whileWriting *int
}

func (w placesWriter) Write(p []byte) (int, error) {
	*w.whileWriting += *w.taken
	return w.ResponseRecorder.Write(p)
}

// quickExecutor refuses where there are errors, and else answers at once.
type quickExecutor struct {
	graphql.GraphExecutor
	kind ast.Operation
	errs gqlerror.List
}

func (e quickExecutor) CreateOperationContext(context.Context, *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	return &graphql.OperationContext{Operation: &ast.OperationDefinition{Operation: e.kind}}, e.errs
}

func (quickExecutor) DispatchError(_ context.Context, errs gqlerror.List) *graphql.Response {
	return &graphql.Response{Errors: errs}
}

func (quickExecutor) DispatchOperation(ctx context.Context, _ *graphql.OperationContext) (graphql.ResponseHandler, context.Context) {
	return graphql.OneShot(&graphql.Response{Data: []byte(`{"a":null}`)}), ctx
}

// TestSlowReadersHoldNoPlace: an operation is over when its answer is there, whoever takes it.
func TestSlowReadersHoldNoPlace(t *testing.T) {
	t.Parallel()
	for name, exec := range map[string]quickExecutor{
		"a query":        {kind: ast.Query},
		"a refusal":      {errs: gqlerror.List{gqlerror.Errorf("no")}},
		"a subscription": {kind: ast.Subscription},
	} {
		for _, accept := range []string{jsonType, eventType} {
			if exec.kind == ast.Subscription && accept == eventType {
				continue
			}
			taken, ended, whileWriting := 0, 0, 0
			admit := func() (func(), bool) {
				taken++
				return func() { taken--; ended++ }, true
			}
			r := httptest.NewRequestWithContext(auth.NewContext(t.Context(), &auth.Caller{Username: "ana"}),
				http.MethodPost, "/graphql", strings.NewReader(`{"query":"{a}"}`))
			r.Header.Set("Content-Type", jsonType)
			r.Header.Set("Accept", accept)
			w := placesWriter{httptest.NewRecorder(), &taken, &whileWriting}
			post{streams: newStreams(Config{}), cfg: Config{AcquireSlot: admit}}.Do(w, r, exec)
			wanted := 0
			if accept == eventType {
				wanted = 1 // the comment with which a stream begins, before there is an answer
			}
			if whileWriting != wanted || taken != 0 || ended != 1 || w.Body.Len() == 0 {
				t.Errorf("%s as %s: %d places at the writes, %d ends, %q, want %d and one", name, accept, whileWriting, ended, w.Body, wanted)
			}
		}
	}
}

func TestOperationHasADeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := httptest.NewRequestWithContext(auth.NewContext(t.Context(), &auth.Caller{Username: "ana"}),
			http.MethodPost, "/graphql", strings.NewReader(`{"query":"{a}"}`))
		r.Header.Set("Content-Type", jsonType)
		w, began := httptest.NewRecorder(), time.Now()
		post{streams: newStreams(Config{})}.Do(w, r, slowExecutor{})
		if took := time.Since(began); took != OperationTimeout || w.Body.String() != `{"data":{"a":null}}` {
			t.Errorf("the operation took %s and answered %s, want %s and its data", took, w.Body, OperationTimeout)
		}
	})
}
