package graph_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"wisphub-graphql/auth"
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
	const only = "Only subscriptions are served over WebSocket; send queries and mutations by POST."
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

// TestStreamsEndWithTheSession, that is, though the token has not expired.
func TestStreamsEndWithTheSession(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
	open := func(user auth.User) (*client, *eventStream) {
		c := f.connect(t, f.tokenOf(t, user))
		c.subscribe("1", watching(taskID))
		c.want(nextOf("1", state("PENDING")))
		s := f.subscribe(t, request{token: f.tokenOf(t, user), body: operation(t, watching(taskID), nil)})
		if got := s.next(); got != state("PENDING") {
			t.Errorf("event = %q, want the present state", got)
		}
		return c, s
	}
	socket, events := open(ben)
	anas, anasEvents := open(ana)
	f.setUsers(t, ana)
	socket.wantClosed("a user who is gone", 4403, "Session ended")
	events.wantEvents(t, "a user who is gone", problem("UNAUTHENTICATED", "The session has ended; log in again."), complete)
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"SUCCESS"}})
	anas.want(nextOf("1", state("SUCCESS")), completeOf("1"))
	anasEvents.wantEvents(t, "a user who stays", state("SUCCESS"), complete)
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
