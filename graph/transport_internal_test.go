package graph

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql"
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

func TestOperationHasADeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := httptest.NewRequestWithContext(auth.NewContext(t.Context(), &auth.Caller{Username: "ana"}),
			http.MethodPost, "/graphql", strings.NewReader(`{"query":"{a}"}`))
		r.Header.Set("Content-Type", jsonType)
		w, began := httptest.NewRecorder(), time.Now()
		post{streams: newStreams()}.Do(w, r, slowExecutor{})
		if took := time.Since(began); took != operationTimeout || w.Body.String() != `{"data":{"a":null}}` {
			t.Errorf("the operation took %s and answered %s, want %s and its data", took, w.Body, operationTimeout)
		}
	})
}
