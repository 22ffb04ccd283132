package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// serveWith serves the joined rooms as the program does, after change, and returns the site and its address.
func serveWith(t *testing.T, changes map[string]string, change func(*app)) (*site, string) {
	t.Helper()
	simulator := wisphubtest.New(wisphubtest.Config{Clients: 5})
	t.Cleanup(simulator.Close)
	_, a := startApp(t, simulator, changes)
	change(a)
	ctx, stop := newStop(t)
	listener := listen(t)
	served := make(chan error, 1)
	go func() { served <- a.serveOn(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		<-served
		http.DefaultClient.CloseIdleConnections()
	})
	return &site{t: t, url: "http://" + listener.Addr().String()}, listener.Addr().String()
}

// dialTo opens a connection that ends with the test.
func dialTo(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second)) // a connection just made has deadlines
	return conn
}

// TestSlowCallersAreCutOff, each by the deadline that is meant for it; the others are far away.
func TestSlowCallersAreCutOff(t *testing.T) {
	t.Parallel()
	const soon, far = 200 * time.Millisecond, time.Minute
	const half = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	whole := "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
	patient := patience{header: far, body: far, answer: far, idle: far}
	tests := map[string]struct {
		change  func(*patience)
		request string // then a byte now and then
		drip    string
		want    string // the beginning of what is answered before the end, if anything
	}{
		"silent from the start": {func(p *patience) { p.header = soon }, "", "", ""},
		"slow header":           {func(p *patience) { p.header = soon }, half, "X-A: b\r\n", ""},
		"slow body":             {func(p *patience) { p.body = soon }, half + "Content-Length: 1000\r\n\r\n{", " ", "HTTP/1.1 400"},
		"slow body of a form":   {func(p *patience) { p.body = soon }, strings.Replace(strings.Replace(half, "/graphql", "/api/v1/auth/token", 1), "json", "x-www-form-urlencoded", 1) + "Content-Length: 1000\r\n\r\nu", "u", "HTTP/1.1 422"},
		"chunks":                {func(p *patience) { p.body = soon }, half + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", "1\r\n \r\n", "HTTP/1.1 400"},
		"body without a taker":  {func(p *patience) { p.body = soon }, strings.Replace(half, "/graphql", "/nothing", 1) + "Content-Length: 1000\r\n\r\n{", " ", "HTTP/1.1 404"},
		"idle":                  {func(p *patience) { p.idle = soon }, whole, "", "HTTP/1.1 200"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, address := serveWith(t, nil, func(a *app) {
				a.patience = patient
				tt.change(&a.patience)
			})
			conn, began := dialTo(t, address), time.Now()
			answer := make(chan string, 1)
			go func() {
				text, _ := io.ReadAll(conn)
				answer <- string(text)
			}()
			_, _ = io.WriteString(conn, tt.request)
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			for ended := false; !ended; {
				select {
				case text := <-answer:
					ended = true
					if took := time.Since(began); took < soon/2 || took > 4*time.Second || !strings.HasPrefix(text, tt.want) || tt.want == "" && strings.HasPrefix(text, "HTTP/1.1 2") {
						t.Errorf("cut off after %v with %.60q, want it soon after %v, with %q", took, text, soon, tt.want)
					}
				case <-tick.C:
					_, _ = io.WriteString(conn, tt.drip) // fails once it is cut off
				}
			}
		})
	}
}

// TestSlowReadersAreCutOff in the middle of an answer that they do not take, and the handler goes on.
func TestSlowReadersAreCutOff(t *testing.T) {
	t.Parallel()
	written := make(chan error, 1)
	_, address := serveWith(t, nil, func(a *app) {
		a.patience.answer = 300 * time.Millisecond
		a.handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, err := w.Write(make([]byte, 64<<20)) // more than any kernel holds for a reader
			written <- err
		})
	})
	conn, began := dialTo(t, address), time.Now()
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	var err error
	select {
	case err = <-written:
	case <-time.After(4 * time.Second):
	}
	if err == nil {
		t.Errorf("the answer ended with %v after %v, want a time-out", err, time.Since(began))
	}
}

// TestLargeHeadersAreRefused: 16 kB and what net/http adds to it.
func TestLargeHeadersAreRefused(t *testing.T) {
	t.Parallel()
	_, address := serveWith(t, nil, func(*app) {})
	conn := dialTo(t, address)
	fmt.Fprintf(conn, "GET /health HTTP/1.1\r\nHost: x\r\nX-Large: %s\r\n\r\n", strings.Repeat("x", 32<<10))
	if line, err := bufio.NewReader(conn).ReadString('\n'); !strings.HasPrefix(line, "HTTP/1.1 431") {
		t.Errorf("a header of 32 kB got %q, %v, want 431", line, err)
	}
}

// TestUsualPatience is what the README and design promise.
func TestUsualPatience(t *testing.T) {
	t.Parallel()
	_, a := startApp(t, http.NotFoundHandler(), nil)
	server := a.newServer()
	if server.ReadHeaderTimeout != 5*time.Second || server.ReadTimeout != 15*time.Second ||
		server.WriteTimeout != time.Minute || server.IdleTimeout != 90*time.Second || server.MaxHeaderBytes != 16<<10 {
		t.Errorf("the server's time-outs are %+v", a.patience)
	}
}
