package transport

import (
	"context"
	"errors"
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
	"wisphub-graphql/graph/answers"
	"wisphub-graphql/inflight"
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

const questionText = `{"query":"{a}"}`

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
		ask(ctx, p, exec, w)
	}()
	return answer
}

func ask(ctx context.Context, p post, exec graphql.GraphExecutor, w http.ResponseWriter) {
	r := httptest.NewRequestWithContext(auth.NewContext(ctx, &auth.Caller{Username: "ana"}),
		http.MethodPost, "/graphql", strings.NewReader(questionText))
	r.Header.Set("Content-Type", typeJSON)
	p.Do(w, r, exec)
}

// sharingPost returns a transport that shares all answers.
func sharingPost(limiter *inflight.Limiter) post {
	store := answers.New(answers.Config[isp.DataVersion]{MaxBytes: 1 << 20, Version: func() (v isp.DataVersion) { return v }})
	return post{streams: newStreams(Config{}), cfg: Config{
		Answers: store, Shareable: func(*graphql.OperationContext) bool { return true },
		Asked: func(string) {}, Inflight: limiter,
	}}
}

func goodAnswer(context.Context) *graphql.Response { return &graphql.Response{Data: []byte(`{"a":1}`)} }

// Test16_2_SharedExecutions checks what a follower gets when its leader ends well, or badly.
func Test16_2_SharedExecutions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end   func(ctx context.Context) *graphql.Response
		leave bool // the leader's caller leaves instead
		runs  int
		want  string
	}{
		"good":                       {goodAnswer, false, 1, `{"data":{"a":1}}`},
		"the leader's caller leaves": {goodAnswer, true, 2, `{"data":{"a":1}}`},
		"an error": {func(context.Context) *graphql.Response {
			return &graphql.Response{Data: []byte(`{"a":1}`), Errors: gqlerror.List{gqlerror.Wrap(errors.New("b"))}}
		}, false, 2, `{"errors":[{"message":"b"}],"data":{"a":1}}`},
		"no data": {func(context.Context) *graphql.Response { return &graphql.Response{} }, false, 2, `{"data":null}`},
		"a panic": {func(context.Context) *graphql.Response { panic("a bug") }, false, 2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := sharingPost(nil)
				exec, began := &gatedExecutor{gate: make(chan struct{}), end: test.end}, time.Now()
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
				if took := time.Since(began); took != 0 {
					t.Errorf("the follower waits for %v after the leader's end, want none", took)
				}
			})
		})
	}
}

// unread is the connection of a caller who does not read.
type unread struct {
	*httptest.ResponseRecorder
	writes chan struct{} // gets a value with each write
	read   chan struct{} // ends the writes when it is closed
}

func (w unread) Write(p []byte) (int, error) {
	w.writes <- struct{}{}
	<-w.read
	return len(p), nil
}

// Test16_4_SharedAnswersHoldNothing checks that a caller who waits for a shared answer has no turn, and
// that one who does not read it holds no place of an operation, no turn and no bytes.
func Test16_4_SharedAnswersHoldNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiter := inflight.New(inflight.Limits{
			Operations: 4, RequestBytes: 1 << 20, AnswerBytes: 1 << 20, HeavyBytes: 1 << 20, Heavy: 1, Turns: 2,
		})
		p, slow := sharingPost(limiter), unread{httptest.NewRecorder(), make(chan struct{}), make(chan struct{})}
		exec := &gatedExecutor{gate: make(chan struct{}), end: goodAnswer}
		leader := asker(t.Context(), p, exec)
		synctest.Wait()
		underWay := begin(t, limiter, "ana", 1<<18)
		ctx := inflight.NewContext(auth.NewContext(t.Context(), &auth.Caller{Username: "ana"}), underWay)
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", nil)
		asked, sent := p.question(r, []byte(questionText)), make(chan struct{})
		go func() {
			defer close(sent)
			p.run(slow, r, exec, &graphql.RawParams{}, &asked)
		}()
		synctest.Wait()
		begin(t, limiter, "ben", 1).End() // at once: the follower waits
		close(exec.gate)
		<-leader
		<-slow.writes
		begin(t, limiter, "ben", 9<<20/10).Executed() // ana's bytes would leave no room
		for _, user := range []string{"carl", "dan", "eve", "fay"} {
			defer begin(t, limiter, user, 1).End()
			time.Sleep(time.Second) // its turn ends
		}
		close(slow.read)
		<-sent
		if exec.runs != 1 {
			t.Errorf("%d executions, want the follower to share one", exec.runs)
		}
		time.Sleep(2 * answers.MaxAge)
		if got := p.cfg.Answers.Stats(); got.Bytes != 0 {
			t.Errorf("%d bytes of answers are left, want none after the last reader", got.Bytes)
		}
	})
}

// begin returns an operation that has started, for which nothing had to wait.
func begin(t *testing.T, limiter *inflight.Limiter, user string, request int64) *inflight.Operation {
	t.Helper()
	began := time.Now()
	underWay, err := limiter.Begin(user, request)
	if err == nil {
		err = underWay.Start(t.Context())
	}
	if took := time.Since(began); err != nil || took > 0 {
		t.Errorf("%s gets %v after %v, want a turn at once", user, err, took)
	}
	return underWay
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
