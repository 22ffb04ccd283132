package graph_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"wisphub-graphql/auth"
	"wisphub-graphql/wisphub/wisphubtest"
)

// TestSocket_HalfAMessage checks that a caller who stops in the middle of a message does not delay
// the closing of the server.
func TestSocket_HalfAMessage(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	var netConn net.Conn
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (_ net.Conn, err error) {
		netConn, err = (&net.Dialer{}).DialContext(ctx, network, address)
		return netConn, err
	}}
	conn, _, err := websocket.Dial(t.Context(), f.server.URL, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, Subprotocols: []string{"graphql-transport-ws"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	const text, masked = 0x81, 0x80
	if _, err := netConn.Write([]byte{text, masked | 100, 1, 2, 3, 4, 'x', 'x'}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond)
	began := time.Now()
	if f.graphql.Close(); time.Since(began) > 2*time.Second {
		t.Errorf("Close took %v, want at most 2 s", time.Since(began))
	}
}

func TestSocket_Limits(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.graphql.StreamLimits().MaxOpen = 2
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
	c := f.connect(t, f.tokenFor(t, ana))
	ids := strings.Split("abcdefghij", "")
	for _, id := range ids {
		c.subscribe(id, taskSubscription(taskID))
		c.want(nextMessage(id, stateEvent("PENDING")))
	}
	c.subscribe("k", taskSubscription(taskID))
	c.wantError("k", "RATE_LIMITED", "One WebSocket can have at most 10 open subscriptions.")
	c.send(completeMessage("a"))
	c.subscribe("a", taskSubscription(taskID)) // the id is free at once, the slot when the first subscription has ended
	if got := c.next(); got != nextMessage("a", stateEvent("PENDING")) && !strings.Contains(got, "RATE_LIMITED") {
		t.Errorf("message = %s, want a state or RATE_LIMITED", got)
	}
	late, _ := f.dial(t, "") // before the limit is reached
	f.connect(t, f.tokenFor(t, ben))
	late.send(`{"type":"connection_init","payload":{"authorization":"Bearer ` + f.tokenFor(t, ana) + `"}}`)
	late.wantClosed("a third caller", websocket.StatusTryAgainLater, "Too many WebSockets are open")
	_, response := f.dial(t, "")
	if response == nil || response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
		t.Errorf("the third socket = %v, want 503", response)
	}
}

// TestSocket_UnauthenticatedLimits checks that sockets without a token do not count towards the
// limit of authenticated ones, and that at their limits the one that has waited longest gives way:
// of the same network, or of the network that holds most.
func TestSocket_UnauthenticatedLimits(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	limits := f.graphql.StreamLimits()
	limits.MaxOpen, limits.MaxWaiting, limits.MaxWaitingPerNetwork, limits.InitTimeout = 2, 23, 20, time.Minute
	var address string // of the next request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.handler.ServeHTTP(w, r.WithContext(auth.WithSource(r.Context(), auth.Source{Address: address})))
	}))
	t.Cleanup(server.Close)
	f.server = server
	open := func(from string) *socketClient {
		t.Helper()
		address = from
		c, response := f.dial(t, "")
		if c == nil {
			t.Fatalf("a socket from %s without a token = %v, want it accepted", from, response)
		}
		return c
	}
	var silent []*socketClient
	for range 20 {
		silent = append(silent, open("2001:db8::1"))
	}
	open("2001:db8::2") // the same /64
	silent[0].wantClosed("the oldest of the full network", 4408, "Connection initialisation timeout")
	address = "192.0.2.7"
	f.connect(t, f.tokenFor(t, ana))
	for range 3 {
		open("192.0.2.7")
	}
	last := open("192.0.2.8")
	silent[1].wantClosed("the oldest of the largest network", 4408, "Connection initialisation timeout")
	last.send(`{"type":"connection_init","payload":{"authorization":"Bearer ` + f.tokenFor(t, ben) + `"}}`)
	last.want(`{"type":"connection_ack"}`)
}

// TestSocket_SilentCallers covers a caller who sends no token, and one who sends no pong.
func TestSocket_SilentCallers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	limits := f.graphql.StreamLimits()
	limits.InitTimeout, limits.PingInterval, limits.PongTimeout = 50*time.Millisecond, 100*time.Millisecond, 50*time.Millisecond
	c, _ := f.dial(t, "")
	c.wantClosed("silence", 4408, "Connection initialisation timeout")
	c = f.connect(t, f.tokenFor(t, ana))
	time.Sleep(400 * time.Millisecond) // without a read there is no pong
	c.wantClosed("no pong", websocket.StatusGoingAway, "No pong")
}

// TestStreams_LastUnsubscribeEndsPolling watches a task over both transports. The polling must end
// when the last caller has left.
func TestStreams_LastUnsubscribeEndsPolling(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
	c := f.connect(t, f.tokenFor(t, ana))
	c.subscribe("1", taskSubscription(taskID))
	c.subscribe("2", taskSubscription(taskID))
	s := f.subscribe(t, request{token: f.tokenFor(t, ana), body: operation(t, taskSubscription(taskID), nil)})
	s.next()
	c.next()
	c.next()
	s.leave()
	c.send(completeMessage("1"))
	time.Sleep(1200 * time.Millisecond)
	if got := f.upstream.Total(); got < 2 {
		t.Errorf("%d upstream calls while one caller is left, want at least 2", got)
	}
	_ = c.conn.CloseNow() // without a close frame
	time.Sleep(50 * time.Millisecond)
	calls := f.upstream.Total()
	if time.Sleep(1600 * time.Millisecond); f.upstream.Total() != calls {
		t.Errorf("%d upstream calls after all callers have left, want none", f.upstream.Total()-calls)
	}
}

// TestStreams_LimitPerUser checks that WebSockets and event streams count together.
func TestStreams_LimitPerUser(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.graphql.StreamLimits().MaxPerUser = 2
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
	first := f.connect(t, f.tokenFor(t, ana))
	s := f.subscribe(t, request{token: f.tokenFor(t, ana), body: operation(t, taskSubscription(taskID), nil)})
	s.next()
	third, _ := f.dial(t, "")
	third.send(`{"type":"connection_init","payload":{"authorization":"Bearer ` + f.tokenFor(t, ana) + `"}}`)
	third.wantClosed("ana's third", websocket.StatusTryAgainLater, "Too many WebSockets of this user")
	a := f.send(t, request{accept: "text/event-stream", token: f.tokenFor(t, ana), body: operation(t, taskSubscription(taskID), nil)})
	if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") != "1" {
		t.Errorf("ana's third stream = %d, Retry-After %q, want 503 and 1", a.status, a.header.Get("Retry-After"))
	}
	wantError(t, "ana's third stream", a, "RATE_LIMITED", "This user has too many streams open.")
	f.connect(t, f.tokenFor(t, ben)) // ben has a limit of his own
	_ = first.conn.CloseNow()
	s.leave()
	time.Sleep(100 * time.Millisecond)
	for range 2 {
		f.connect(t, f.tokenFor(t, ana))
	}
}
