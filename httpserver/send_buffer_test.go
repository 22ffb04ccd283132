package httpserver_test

import (
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"wisphub-graphql/httpserver"
)

// Test15_1_KernelKeepsLittle expects few bytes of an answer to leave the process while the caller does
// not read.
func Test15_1_KernelKeepsLittle(t *testing.T) {
	t.Parallel()
	const size, want = 16 << 20, 2 << 20
	written := make(chan int, 1)
	server := httpserver.New(httpserver.Config{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Second)); err != nil {
				t.Error(err)
			}
			n, _ := w.Write(make([]byte, size)) // the deadline ends it
			written <- n
		}),
		Timeouts:    httpserver.DefaultTimeouts(),
		Connections: httpserver.NewConnLimit(httpserver.ConnLimitConfig{Max: 10, MaxPerAddress: 10, Logger: slog.New(slog.DiscardHandler)}),
		Logger:      slog.New(slog.DiscardHandler),
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() { _ = server.Serve(listener) }()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if got := <-written; got > want {
		t.Errorf("%d bytes of the answer were written, want at most %d", got, want)
	}
}
