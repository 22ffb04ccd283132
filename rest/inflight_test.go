package rest

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/inflight"
)

// newLimits returns limits that no test reaches by accident.
func newLimits() inflight.Limits {
	return inflight.Limits{Operations: 100, RequestBytes: 64 << 20, AnswerBytes: 64 << 20, HeavyBytes: 2 << 20, Heavy: 1, Turns: 3}
}

// begun returns a running operation of a user.
func begun(t *testing.T, limiter *inflight.Limiter, user string) *inflight.Operation {
	t.Helper()
	o, err := limiter.Begin(user, 0)
	if err == nil {
		err = o.Start(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// Test15_1_RESTOperations expects the limit in all and the limit of one user, on private routes only.
func Test15_1_RESTOperations(t *testing.T) {
	t.Parallel()
	service := newService(t)
	token, err := service.Login(t.Context(), "ana", testPassword)
	if err != nil {
		t.Fatal(err)
	}
	good := http.Header{"Authorization": {"Bearer " + token.AccessToken}}
	limits := newLimits()
	limits.Operations = 2
	limiter := inflight.New(limits)
	base := serve(t, newHandler(Config{Auth: service, Inflight: limiter}, testRoutes))
	expect := func(why string, status int, body string) {
		t.Helper()
		got := do(t, "GET", base+"/api/v1/things/7", "", good)
		if got.status != status || !strings.Contains(got.body, body) || (status != 200) != (got.header.Get("Retry-After") == "1") {
			t.Errorf("GET with %s = %d %s, Retry-After %q, want %d %s", why, got.status, got.body, got.header.Get("Retry-After"), status, body)
		}
	}
	for range 5 { // nothing is left of an answered request
		expect("nothing under way", 200, `"data":"7"`)
	}
	own := begun(t, limiter, "ana")
	expect("half of the operations", 429, `{"detail":"This user has too many operations running."}`)
	own.End()
	for _, user := range []string{"ben", "carl"} {
		defer begun(t, limiter, user).End()
	}
	expect("all operations of others", 503, `{"detail":"Too many requests."}`)
	if got := do(t, "GET", base+"/api/v1/things/7", "", nil); got.status != 401 {
		t.Errorf("GET without a token = %d, want 401", got.status)
	}
	if got := do(t, "POST", base+"/api/v1/7/ping/", "", nil); got.status != 200 {
		t.Errorf("POST to a public route = %d, want 200", got.status)
	}
}

// Test15_1_RESTBodies expects bodies to count before they are read, and as the largest without a
// size.
func Test15_1_RESTBodies(t *testing.T) {
	t.Parallel()
	service := newService(t)
	token, err := service.Login(t.Context(), "ana", testPassword)
	if err != nil {
		t.Fatal(err)
	}
	limits := newLimits()
	limits.RequestBytes = 4 << 20 // two of the largest bodies of one user do not fit
	for _, size := range []string{"Content-Length: 65536", "Content-Length: 9999999", "Transfer-Encoding: chunked"} {
		base := serve(t, newHandler(Config{Auth: service, Inflight: inflight.New(limits)}, testRoutes))
		lines := make(chan string, 2)
		for range cap(lines) {
			conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(5 * time.Second)) // cannot fail on an open connection
			fmt.Fprintf(conn, "PUT /api/v1/things/7 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s\r\n\r\n", token.AccessToken, size)
			go func() {
				line, _ := bufio.NewReader(conn).ReadString('\n')
				lines <- line
			}()
		}
		if line := <-lines; !strings.HasPrefix(line, "HTTP/1.1 429") {
			t.Errorf("the second body with %s, of which nothing was sent = %q, want 429", size, line)
		}
	}
}

// Test15_1_RESTSlowReaders expects a list that the caller does not read to count no operation, and
// its bytes to count until the connection is gone.
func Test15_1_RESTSlowReaders(t *testing.T) {
	t.Parallel()
	limits := newLimits()
	limits.Operations, limits.AnswerBytes = 2, 3*listBytes
	limiter := inflight.New(limits)
	release := make(chan struct{})
	service := newService(t)
	token, err := service.Login(t.Context(), "ana", testPassword)
	if err != nil {
		t.Fatal(err)
	}
	good := http.Header{"Authorization": {"Bearer " + token.AccessToken}}
	written := make(chan struct{})
	table := append([]route{{method: "GET", path: "/api/v1/list", handle: func(a *api, w http.ResponseWriter, r *http.Request) {
		if err := inflight.FromContext(r.Context()).Reserve(r.Context(), listBytes); err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(make([]byte, listChunk))
		close(written)
		<-release
	}}}, testRoutes...)
	base := serve(t, newHandler(Config{Auth: service, Inflight: limiter}, table))
	done := make(chan struct{})
	go func() {
		defer close(done)
		do(t, "GET", base+"/api/v1/list", "", good)
	}()
	<-written
	if got := do(t, "GET", base+"/api/v1/things/7", "", good); got.status != 200 {
		t.Errorf("GET while a list is written = %d %s, want 200", got.status, got.body)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	other := begun(t, limiter, "ana")
	if err := other.Reserve(ctx, listBytes); err == nil {
		t.Error("Reserve while a list is written = nil, want that its bytes still count")
	}
	other.End()
	close(release)
	<-done
	after := begun(t, limiter, "ana")
	defer after.End()
	if err := after.Reserve(t.Context(), 3*listBytes); err != nil {
		t.Errorf("Reserve after the list = %v, want nil", err)
	}
}
