package graph_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"wisphub-graphql/auth"
)

// countingListener counts the connections that are open at the server.
type countingListener struct {
	net.Listener
	mu         sync.Mutex
	open, most int
}

func (l *countingListener) count(change int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open += change
	l.most = max(l.most, l.open)
}

func (l *countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.count(1)
	return &countedConn{Conn: conn, listener: l}, nil
}

type countedConn struct {
	net.Conn
	listener *countingListener
	once     sync.Once
}

func (c *countedConn) Close() error {
	c.once.Do(func() { c.listener.count(-1) })
	return c.Conn.Close()
}

// dialSocketFrom opens a WebSocket from an address of the loopback network.
func dialSocketFrom(ctx context.Context, from, url string) (*websocket.Conn, error) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{
		HTTPClient:   &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}},
		Subprotocols: []string{"graphql-transport-ws"},
	})
	return conn, err
}

// Test15_6_SilentSockets fills all places for sockets without a token from two addresses, and goes on
// opening more. Callers from a third address who send a token at once are served, and the server
// never holds more network connections than its limits allow.
func Test15_6_SilentSockets(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.graphql.StreamLimits().InitTimeout = time.Minute
	listener := &countingListener{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		f.handler.ServeHTTP(w, r.WithContext(auth.WithSource(r.Context(), auth.Source{Address: host})))
	}))
	listener.Listener, server.Listener = server.Listener, listener
	server.Start()
	t.Cleanup(server.Close)
	ctx, stop := context.WithCancel(t.Context())
	var flood sync.WaitGroup
	full := make(chan struct{})
	var silent []*websocket.Conn
	flood.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			if i == 520 {
				close(full)
			}
			if conn, err := dialSocketFrom(ctx, fmt.Sprintf("127.0.0.%d", 2+i%2), server.URL); err == nil {
				silent = append(silent, conn)
			}
		}
	})
	defer func() {
		stop()
		flood.Wait()
		for _, conn := range silent {
			_ = conn.CloseNow()
		}
	}()
	<-full
	for n := range 10 {
		conn, err := dialSocketFrom(t.Context(), "127.0.0.9", server.URL)
		if err != nil {
			t.Fatalf("caller %d during the flood: %v", n, err)
		}
		c := &socketClient{t, conn}
		c.send(`{"type":"connection_init","payload":{"authorization":"Bearer ` + f.tokenFor(t, ana) + `"}}`)
		c.want(`{"type":"connection_ack"}`)
		defer conn.CloseNow()
	}
	limits := f.graphql.StreamLimits()
	listener.mu.Lock()
	defer listener.mu.Unlock()
	if most := limits.MaxWaiting + 10 + 2; listener.most > most { // 10 with a token, and 2 handshakes
		t.Errorf("%d connections were open at once, want at most %d", listener.most, most)
	}
}
