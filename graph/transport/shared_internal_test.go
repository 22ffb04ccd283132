package transport

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/answers"
	"wisphub-graphql/isp"
)

// gatedExecutor counts its operations. Each waits for the gate, and then ends as end says.
type gatedExecutor struct {
	graphql.GraphExecutor
	gate chan struct{}
	end  func(ctx context.Context) *graphql.Response
	runs int
}

func (e *gatedExecutor) CreateOperationContext(context.Context, *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	return &graphql.OperationContext{Operation: &ast.OperationDefinition{Operation: ast.Query}}, nil
}

func (e *gatedExecutor) DispatchOperation(ctx context.Context, _ *graphql.OperationContext) (graphql.ResponseHandler, context.Context) {
	return func(ctx context.Context) *graphql.Response {
		e.runs++
		if e.runs > 1 { // only the leader waits
			return e.end(ctx)
		}
		select {
		case <-e.gate:
			return e.end(ctx)
		case <-ctx.Done():
			return nil
		}
	}, ctx
}

// asker sends one question, and returns the answer.
func asker(ctx context.Context, p post, exec graphql.GraphExecutor) chan *httptest.ResponseRecorder {
	answer := make(chan *httptest.ResponseRecorder, 1)
	go func() {
		w := httptest.NewRecorder()
		defer func() {
			if recover() != nil {
				w.Code = 0
			}
			answer <- w
		}()
		r := httptest.NewRequestWithContext(auth.NewContext(ctx, &auth.Caller{Username: "ana"}),
			http.MethodPost, "/graphql", strings.NewReader(`{"query":"{a}"}`))
		r.Header.Set("Content-Type", typeJSON)
		p.Do(w, r, exec)
	}()
	return answer
}

// Test16_2_SharedExecutions checks what a follower gets when its leader ends well, or badly.
func Test16_2_SharedExecutions(t *testing.T) {
	t.Parallel()
	good := func(context.Context) *graphql.Response { return &graphql.Response{Data: []byte(`{"a":1}`)} }
	for name, test := range map[string]struct {
		end   func(ctx context.Context) *graphql.Response
		leave bool // the leader's caller leaves instead
		runs  int
		want  string
	}{
		"good":                       {good, false, 1, `{"data":{"a":1}}`},
		"the leader's caller leaves": {good, true, 2, `{"data":{"a":1}}`},
		"an error": {func(context.Context) *graphql.Response {
			return &graphql.Response{Data: []byte(`{"a":1}`), Errors: gqlerror.List{gqlerror.Wrap(errors.New("b"))}}
		}, false, 2, `{"errors":[{"message":"b"}],"data":{"a":1}}`},
		"no data": {func(context.Context) *graphql.Response { return &graphql.Response{} }, false, 2, `{"data":null}`},
		"a panic": {func(context.Context) *graphql.Response { panic("a bug") }, false, 2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := answers.New(answers.Config[isp.DataVersion]{MaxBytes: 1 << 20, Version: func() (v isp.DataVersion) { return v }})
				p := post{streams: newStreams(Config{}), cfg: Config{
					Answers: store, Shareable: func(*graphql.OperationContext) bool { return true },
				}}
				exec := &gatedExecutor{gate: make(chan struct{}), end: test.end}
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				leader := asker(ctx, p, exec)
				synctest.Wait()
				follower := asker(t.Context(), p, exec)
				synctest.Wait()
				if test.leave {
					leave()
				} else {
					close(exec.gate)
				}
				<-leader
				if got := (<-follower).Body.String(); got != test.want || exec.runs != test.runs {
					t.Errorf("the follower gets %s after %d executions, want %s after %d", got, exec.runs, test.want, test.runs)
				}
			})
		})
	}
}

// Test16_1_UsualAccepts checks that headers that are known ready mean what they say.
func Test16_1_UsualAccepts(t *testing.T) {
	t.Parallel()
	for header, want := range usual {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", nil)
		r.Header.Set("Accept", header)
		got := acceptedBy(r)
		r.Header["Accept"] = strings.SplitAfter(header, ",") // as several lines, which are parsed
		if parsed := acceptedBy(r); got != want || got != parsed {
			t.Errorf("%s: %+v, parsed %+v, want %+v", header, got, parsed, want)
		}
	}
}

// Test16_1_ReadyHeaders checks that headers that CORS or a handler adds do not change the ready ones.
func Test16_1_ReadyHeaders(t *testing.T) {
	t.Parallel()
	for _, earlier := range []string{"", "Origin"} {
		header := http.Header{}
		want := []string{"Accept, Accept-Encoding"}
		if earlier != "" {
			header.Set("Vary", earlier)
			want = []string{earlier, want[0]}
		}
		setHeader(header, typeJSON, []string{"5"})
		if got := strings.Join(header["Vary"], "|"); got != strings.Join(want, "|") {
			t.Errorf("Vary after %q = %s, want %v", earlier, got, want)
		}
		header.Add("Vary", "X")
		header.Add("Content-Type", "X")
		header.Add("Cache-Control", "X")
		if len(varies) != 1 || cap(varies) != 1 || cap(noStore) != 1 || cap(contentTypes[typeJSON]) != 1 || cap(gzipEncoding) != 1 {
			t.Error("a ready slice has room that an append would fill")
		}
	}
}
