package graph_test

import (
	"cmp"
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

// TestHalfAMessage: who stops in the middle of one holds up neither the end of the socket nor that of the server.
func TestHalfAMessage(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	var beneath net.Conn
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (_ net.Conn, err error) {
		beneath, err = (&net.Dialer{}).DialContext(ctx, network, address)
		return beneath, err
	}}
	conn, _, err := websocket.Dial(t.Context(), f.server.URL, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, Subprotocols: []string{"graphql-transport-ws"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	const text, masked = 0x81, 0x80
	if _, err := beneath.Write([]byte{text, masked | 100, 1, 2, 3, 4, 'x', 'x'}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond)
	began := time.Now()
	if f.graphql.Close(); time.Since(began) > 2*time.Second {
		t.Errorf("Close took %v, want a second", time.Since(began))
	}
}

func TestSocketsAreCounted(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	f.graphql.StreamLimits().MaxOpen = 2
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
	c := f.connect(t, f.tokenOf(t, ana))
	ids := strings.Split("abcdefghij", "")
	for _, id := range ids {
		c.subscribe(id, watching(taskID))
		c.want(nextOf(id, state("PENDING")))
	}
	c.subscribe("k", watching(taskID))
	c.wantError("k", "RATE_LIMITED", "One WebSocket can have at most 10 open subscriptions.")
	c.send(completeOf("a"))
	c.subscribe("a", watching(taskID)) // at once: the id is free, and the place as soon as the first has ended
	if got := c.next(); got != nextOf("a", state("PENDING")) && !strings.Contains(got, "RATE_LIMITED") {
		t.Errorf("message = %s, want a state", got)
	}
	late, _ := f.dial(t, "") // while there is a place
	f.connect(t, f.tokenOf(t, ben))
	late.send(`{"type":"connection_init","payload":{"authorization":"Bearer ` + f.tokenOf(t, ana) + `"}}`)
	late.wantClosed("a third caller", websocket.StatusTryAgainLater, "Too many WebSockets are open")
	_, response := f.dial(t, "")
	if response == nil || response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
		t.Errorf("the third socket = %v, want 503", response)
	}
}

// TestStrangersTakeNoPlaces of callers: they have some of their own, and few of one address.
func TestStrangersTakeNoPlaces(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	limits := f.graphql.StreamLimits()
	limits.MaxOpen, limits.MaxWaiting, limits.MaxWaitingPerAddress, limits.InitTimeout = 2, 23, 20, time.Minute
	var address string // of the next request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.handler.ServeHTTP(w, r.WithContext(auth.WithSource(r.Context(), auth.Source{Address: address})))
	}))
	t.Cleanup(server.Close)
	f.server = server
	wantFull := func(name string) {
		t.Helper()
		if _, response := f.dial(t, ""); response == nil || response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
			t.Errorf("%s = %v, want 503", name, response)
		}
	}
	var first *client
	for n := range 20 {
		c, response := f.dial(t, "")
		if c == nil {
			t.Fatalf("stranger %d = %v, want a socket", n, response)
		}
		first = cmp.Or(first, c)
	}
	wantFull("one more of the address")
	address = "192.0.2.7"
	f.connect(t, f.tokenOf(t, ana))
	for range 3 {
		if c, response := f.dial(t, ""); c == nil {
			t.Fatalf("a stranger of another address = %v, want a socket", response)
		}
	}
	address = "192.0.2.8"
	wantFull("one more stranger")
	_ = first.conn.CloseNow()
	for again := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) { // until the place is free again
		if c, _ := f.dial(t, ""); c != nil {
			return
		}
		if time.Now().After(again) {
			t.Fatal("the place of a stranger who has gone is not free again")
		}
	}
}

// TestSocketsOfTheSilent: who does not say who calls, and who does not answer a ping.
func TestSocketsOfTheSilent(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	limits := f.graphql.StreamLimits()
	limits.InitTimeout, limits.PingInterval, limits.PongTimeout = 50*time.Millisecond, 100*time.Millisecond, 50*time.Millisecond
	c, _ := f.dial(t, "")
	c.wantClosed("silence", 4408, "Connection initialisation timeout")
	c = f.connect(t, f.tokenOf(t, ana))
	time.Sleep(400 * time.Millisecond) // without a read there is no pong
	c.wantClosed("no pong", websocket.StatusGoingAway, "No pong")
}

// TestLeavingEndsThePolls: of a task that is watched over both, once both have left.
func TestLeavingEndsThePolls(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
	c := f.connect(t, f.tokenOf(t, ana))
	c.subscribe("1", watching(taskID))
	c.subscribe("2", watching(taskID))
	s := f.subscribe(t, request{token: f.tokenOf(t, ana), body: operation(t, watching(taskID), nil)})
	s.next()
	c.next()
	c.next()
	s.leave()
	c.send(completeOf("1"))
	time.Sleep(1200 * time.Millisecond)
	if got := f.upstream.Total(); got < 2 {
		t.Errorf("%d upstream calls while one watcher is left, want a poll", got)
	}
	_ = c.conn.CloseNow() // without a word
	time.Sleep(50 * time.Millisecond)
	calls := f.upstream.Total()
	if time.Sleep(1600 * time.Millisecond); f.upstream.Total() != calls {
		t.Errorf("%d polls after all have left, want none", f.upstream.Total()-calls)
	}
}

// TestStreamsOfOneUserAreCounted, sockets and events together, so that one who has gone wild leaves some to others.
func TestStreamsOfOneUserAreCounted(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	f.graphql.StreamLimits().MaxPerUser = 2
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
	first := f.connect(t, f.tokenOf(t, ana))
	s := f.subscribe(t, request{token: f.tokenOf(t, ana), body: operation(t, watching(taskID), nil)})
	s.next()
	third, _ := f.dial(t, "")
	third.send(`{"type":"connection_init","payload":{"authorization":"Bearer ` + f.tokenOf(t, ana) + `"}}`)
	third.wantClosed("ana's third", websocket.StatusTryAgainLater, "Too many WebSockets of this user")
	a := f.send(t, request{accept: "text/event-stream", token: f.tokenOf(t, ana), body: operation(t, watching(taskID), nil)})
	if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") != "1" {
		t.Errorf("ana's third stream = %d, Retry-After %q, want 503 and 1", a.status, a.header.Get("Retry-After"))
	}
	wantError(t, "ana's third stream", a, "RATE_LIMITED", "This user has too many streams open.")
	f.connect(t, f.tokenOf(t, ben)) // who has streams of his own
	_ = first.conn.CloseNow()
	s.leave()
	time.Sleep(100 * time.Millisecond)
	for range 2 {
		f.connect(t, f.tokenOf(t, ana))
	}
}
