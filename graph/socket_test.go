package graph_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"wisphub-graphql/graph"
	"wisphub-graphql/wisphub/wisphubtest"
)

func TestTaskIsWatchedOverWebSocket(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	id := f.upstream.StartTask(wisphubtest.TaskScript{})
	c := f.connect(t, f.tokenOf(t, ana))
	c.subscribe("a", watching(id))
	c.want(nextOf("a", state("PENDING")))
	c.send(`{"type":"ping"}`)
	c.want(`{"type":"pong"}`)
	c.send(`{"type":"pong"}`)
	c.want(nextOf("a", state("RUNNING")), nextOf("a", state("SUCCESS")), completeOf("a"))
	c.subscribe("a", watching(id)) // the id is free again
	c.want(nextOf("a", state("SUCCESS")), completeOf("a"))
	if got := f.upstream.Total(); got != 3 {
		t.Errorf("three states cost %d upstream calls, want 3", got)
	}
}

func TestResultOverWebSocketNeedsSupport(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"SUCCESS"}, Result: row{"router": "192.0.2.1"}})
	c := f.connect(t, f.tokenOf(t, ben))
	c.subscribe("1", `subscription{taskUpdated(taskId:"`+taskID+`"){finished result}}`)
	got := c.next()
	if !strings.Contains(got, `"data":{"taskUpdated":{"finished":true,"result":null}}`) || !strings.Contains(got, `"code":"FORBIDDEN"`) {
		t.Errorf("message = %s, want no result and FORBIDDEN", got)
	}
	c.want(completeOf("1"))
}

// TestOnlySubscriptionsOverWebSocket: what cannot run is refused one by one, and the socket stays open.
func TestOnlySubscriptionsOverWebSocket(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	c := f.connect(t, f.tokenOf(t, ana))
	const only = "Only subscriptions are served over WebSocket; queries and mutations go by POST."
	for document, want := range map[string]struct{ code, message string }{
		`{viewer{username}}`: {"BAD_USER_INPUT", only},
		`mutation{login(username:"ana",password:"` + password + `"){accessToken}}`: {"BAD_USER_INPUT", only},
		`subscription{nobody}`: {"GRAPHQL_VALIDATION_FAILED", ""},
		`subscription{`:        {"GRAPHQL_PARSE_FAILED", ""},
		watching("x"):          {"BAD_USER_INPUT", "taskId: must be a task's id, such as 0e37df36-f698-4bd2-9a3d-1d3e8a0c9b1e"},
		watching("00000000-0000-4000-8000-000000000001"): {"NOT_FOUND", "There is no such task."},
	} {
		c.subscribe("q", document)
		c.wantError("q", want.code, want.message)
	}
	if log := f.log.String(); log != "" {
		t.Errorf("log = %s, want nothing", log)
	}
}

// TestSocketsAreClosed: for what the protocol does not allow, with its codes and without a word of what was sent.
func TestSocketsAreClosed(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
	good := `{"type":"connection_init","payload":{"AUTHORIZATION":"bearer ` + f.tokenOf(t, ana) + `"}}`
	subscribe := `{"id":"canary","type":"subscribe","payload":` + operation(t, watching(taskID), nil) + `}`
	tests := map[string]struct {
		messages []string
		code     websocket.StatusCode
		reason   string
	}{
		"no payload":       {[]string{`{"type":"connection_init"}`}, 4403, "Forbidden"},
		"bad token":        {[]string{`{"type":"connection_init","payload":{"authorization":"Bearer canary"}}`}, 4403, "Forbidden"},
		"another scheme":   {[]string{strings.Replace(good, "bearer", "Basic", 1)}, 4403, "Forbidden"},
		"two tokens":       {[]string{strings.Replace(good, `{"AUTH`, `{"authorization":"Bearer canary","AUTH`, 1)}, 4403, "Forbidden"},
		"no init":          {[]string{subscribe}, 4401, "Unauthorized"},
		"two inits":        {[]string{good, good}, 4429, "Too many initialisation requests"},
		"id taken":         {[]string{good, subscribe, subscribe}, 4409, "already exists"},
		"no JSON":          {[]string{"canary"}, 4400, "Invalid message"},
		"no such type":     {[]string{good, `{"type":"canary"}`}, 4400, "Invalid message"},
		"the old protocol": {[]string{good, `{"type":"start","id":"canary","payload":{"query":"{a}"}}`}, 4400, "Invalid message"},
		"no id":            {[]string{good, `{"type":"subscribe","payload":{"query":"{a}"}}`}, 4400, "Invalid message"},
		"no query":         {[]string{good, `{"type":"subscribe","id":"canary","payload":{"query":5}}`}, 4400, "Invalid message"},
		"too large":        {[]string{good, `{"type":"` + strings.Repeat("canary", 12_000) + `"}`}, websocket.StatusMessageTooBig, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := f.dial(t, "")
			for _, message := range tt.messages {
				c.send(message)
			}
			c.wantClosedSoon(name, tt.code, tt.reason)
		})
	}
	t.Cleanup(func() {
		if strings.Contains(f.log.String(), "canary") {
			t.Errorf("the log repeats what was sent: %s", f.log)
		}
	})
}

func TestSocketsWithoutTheProtocol(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	for _, protocol := range []string{"", "graphql-ws"} {
		conn, _, err := websocket.Dial(t.Context(), f.server.URL, &websocket.DialOptions{Subprotocols: []string{protocol}})
		if err != nil {
			t.Fatal(err)
		}
		(&client{t, conn}).wantClosed(protocol, 4406, "Subprotocol not acceptable")
	}
}

// TestOrigins: pages of other sites cannot open a socket, though browsers would let them.
func TestOrigins(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	for origin, allowed := range map[string]bool{
		f.server.URL: true, friend: true, "": true,
		"https://evil.example.com": false, "null": false, friend + ".evil": false, "http://panel.example.com": false, "http://127.0.0.1:1": false,
	} {
		_, response := f.dial(t, origin)
		want := http.StatusForbidden
		if allowed {
			want = http.StatusSwitchingProtocols
		}
		if response == nil || response.StatusCode != want {
			t.Errorf("a socket for %q = %v, want %d", origin, response, want)
		}
	}
}

func TestSocketsEndWithTheToken(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
	c := f.connect(t, shortToken(t))
	c.subscribe("1", watching(taskID))
	c.want(nextOf("1", state("PENDING")))
	c.wantClosed("an expired token", 4403, "Token expired")
}

func TestSocketsEndWithTheServer(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
	c := f.connect(t, f.tokenOf(t, ana))
	c.subscribe("1", watching(taskID))
	c.want(nextOf("1", state("PENDING")))
	silent, _ := f.dial(t, "") // never reads, so never says that it has heard
	began := time.Now()
	f.graphql.Close()
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("Close took %v, want a second for those who do not answer", took)
	}
	c.wantClosed("a server that stops", websocket.StatusGoingAway, "Server is stopping")
	silent.wantClosed("a server that stops", websocket.StatusGoingAway, "Server is stopping")
}

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
	f.graphql.SetPace(graph.Pace{MaxSockets: 2})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
	c := f.connect(t, f.tokenOf(t, ana))
	ids := strings.Split("abcdefghij", "")
	for _, id := range ids {
		c.subscribe(id, watching(taskID))
		c.want(nextOf(id, state("PENDING")))
	}
	c.subscribe("k", watching(taskID))
	c.wantError("k", "RATE_LIMITED", "At most 10 subscriptions are open at a time on one socket.")
	c.send(completeOf("a"))
	c.subscribe("a", watching(taskID)) // at once: the id is free, and the place as soon as the first has ended
	if got := c.next(); got != nextOf("a", state("PENDING")) && !strings.Contains(got, "RATE_LIMITED") {
		t.Errorf("message = %s, want a state", got)
	}
	if second, _ := f.dial(t, ""); second == nil {
		t.Error("the second socket is refused, want two")
	}
	_, response := f.dial(t, "")
	if response == nil || response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
		t.Errorf("the third socket = %v, want 503", response)
	}
}

// TestSocketsOfTheSilent: who does not say who calls, and who does not answer a ping.
func TestSocketsOfTheSilent(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	f.graphql.SetPace(graph.Pace{Initialising: 50 * time.Millisecond, Pings: 100 * time.Millisecond, Pong: 50 * time.Millisecond})
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
