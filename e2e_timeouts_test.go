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

	"wisphub-graphql/httpserver"
	"wisphub-graphql/wisphub/wisphubtest"
)

// serveWith changes an app and serves it as the program does. It returns the site and its address.
func serveWith(t *testing.T, changes map[string]string, change func(*app)) (*site, string) {
	t.Helper()
	simulator := wisphubtest.New(wisphubtest.Config{Clients: 5})
	t.Cleanup(simulator.Close)
	_, a := startApp(t, simulator, changes)
	change(a)
	s, stop, served := startServing(t, a)
	t.Cleanup(func() {
		stop()
		<-served
	})
	return s, strings.TrimPrefix(s.url, "http://")
}

// dialTo opens a connection until the end of the test.
func dialTo(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second)) // cannot fail on an open connection
	return conn
}

// TestTimeouts_SlowCallers expects each timeout to close slow connections, with all other timeouts
// far away.
func TestTimeouts_SlowCallers(t *testing.T) {
	t.Parallel()
	const soon, far = 200 * time.Millisecond, time.Minute
	const half = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	whole := "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
	timeouts := httpserver.Timeouts{Header: far, Body: far, Answer: far, Idle: far}
	tests := map[string]struct {
		change  func(*httpserver.Timeouts)
		request string // followed by drip every 20 ms
		drip    string
		want    string // prefix of the answer, if any
	}{
		"silent from the start": {func(t *httpserver.Timeouts) { t.Header = soon }, "", "", ""},
		"slow header":           {func(t *httpserver.Timeouts) { t.Header = soon }, half, "X-A: b\r\n", ""},
		"slow body":             {func(t *httpserver.Timeouts) { t.Body = soon }, half + "Content-Length: 1000\r\n\r\n{", " ", "HTTP/1.1 400"},
		"slow body of a form":   {func(t *httpserver.Timeouts) { t.Body = soon }, strings.Replace(strings.Replace(half, "/graphql", "/api/v1/auth/token", 1), "json", "x-www-form-urlencoded", 1) + "Content-Length: 1000\r\n\r\nu", "u", "HTTP/1.1 422"},
		"chunks":                {func(t *httpserver.Timeouts) { t.Body = soon }, half + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", "1\r\n \r\n", "HTTP/1.1 400"},
		"unread body":           {func(t *httpserver.Timeouts) { t.Body = soon }, strings.Replace(half, "/graphql", "/nothing", 1) + "Content-Length: 1000\r\n\r\n{", " ", "HTTP/1.1 404"},
		"idle":                  {func(t *httpserver.Timeouts) { t.Idle = soon }, whole, "", "HTTP/1.1 200"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, address := serveWith(t, nil, func(a *app) {
				a.timeouts = timeouts
				tt.change(&a.timeouts)
			})
			conn, start := dialTo(t, address), time.Now()
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
					if took := time.Since(start); took < soon/2 || took > 4*time.Second || !strings.HasPrefix(text, tt.want) || tt.want == "" && strings.HasPrefix(text, "HTTP/1.1 2") {
						t.Errorf("closed after %v with %.60q, want it after about %v, with %q", took, text, soon, tt.want)
					}
				case <-tick.C:
					_, _ = io.WriteString(conn, tt.drip) // fails after the close
				}
			}
		})
	}
}

// TestTimeouts_SlowReaders expects the write to fail when the caller does not read the answer.
func TestTimeouts_SlowReaders(t *testing.T) {
	t.Parallel()
	written := make(chan error, 1)
	_, address := serveWith(t, nil, func(a *app) {
		a.timeouts.Answer = 300 * time.Millisecond
		a.handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, err := w.Write(make([]byte, 64<<20)) // more than kernels buffer
			written <- err
		})
	})
	conn, start := dialTo(t, address), time.Now()
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	var err error
	select {
	case err = <-written:
	case <-time.After(4 * time.Second):
	}
	if err == nil {
		t.Errorf("Write = %v after %v, want a timeout", err, time.Since(start))
	}
}

// TestServer_LargeHeaders sends more than 16 kB and the 4 kB that net/http adds.
func TestServer_LargeHeaders(t *testing.T) {
	t.Parallel()
	_, address := serveWith(t, nil, func(*app) {})
	conn := dialTo(t, address)
	fmt.Fprintf(conn, "GET /health HTTP/1.1\r\nHost: x\r\nX-Large: %s\r\n\r\n", strings.Repeat("x", 32<<10))
	if line, err := bufio.NewReader(conn).ReadString('\n'); !strings.HasPrefix(line, "HTTP/1.1 431") {
		t.Errorf("a header of 32 kB got %q, %v, want 431", line, err)
	}
}

// TestNewServer_DefaultTimeouts expects the values that the README and the design document.
func TestNewServer_DefaultTimeouts(t *testing.T) {
	t.Parallel()
	_, a := startApp(t, http.NotFoundHandler(), nil)
	server := a.newServer()
	if server.ReadHeaderTimeout != 5*time.Second || server.ReadTimeout != 15*time.Second ||
		server.WriteTimeout != time.Minute || server.IdleTimeout != 90*time.Second || server.MaxHeaderBytes != 16<<10 {
		t.Errorf("newServer = %+v, want the documented timeouts", server)
	}
}
