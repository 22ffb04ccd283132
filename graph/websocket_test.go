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

func TestSocket_TaskStates(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	id := f.upstream.StartTask(wisphubtest.TaskScript{})
	c := f.connect(t, f.tokenFor(t, ana))
	c.subscribe("a", taskSubscription(id))
	c.want(nextMessage("a", stateEvent("PENDING")))
	c.send(`{"type":"ping"}`)
	c.want(`{"type":"pong"}`)
	c.send(`{"type":"pong"}`)
	c.want(nextMessage("a", stateEvent("RUNNING")), nextMessage("a", stateEvent("SUCCESS")), completeMessage("a"))
	c.subscribe("a", taskSubscription(id)) // the id is free again
	c.want(nextMessage("a", stateEvent("SUCCESS")), completeMessage("a"))
	if got := f.upstream.Total(); got != 3 {
		t.Errorf("%d upstream calls for three states, want 3", got)
	}
}

func TestSocket_ResultNeedsScope(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"SUCCESS"}, Result: row{"router": "192.0.2.1"}})
	c := f.connect(t, f.tokenFor(t, ben))
	c.subscribe("1", `subscription{taskUpdated(taskId:"`+taskID+`"){finished result}}`)
	got := c.next()
	if !strings.Contains(got, `"data":{"taskUpdated":{"finished":true,"result":null}}`) || !strings.Contains(got, `"code":"FORBIDDEN"`) {
		t.Errorf("message = %s, want a null result and FORBIDDEN", got)
	}
	c.want(completeMessage("1"))
}

// TestSocket_OnlySubscriptions checks that the socket stays open after it refuses an operation.
func TestSocket_OnlySubscriptions(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	c := f.connect(t, f.tokenFor(t, ana))
	const only = "Only subscriptions are served over WebSocket; send queries and mutations by POST."
	for document, want := range map[string]struct{ code, message string }{
		`{viewer{username}}`: {"BAD_USER_INPUT", only},
		`mutation{login(username:"ana",password:"` + password + `"){accessToken}}`: {"BAD_USER_INPUT", only},
		`subscription{unknown}`: {"GRAPHQL_VALIDATION_FAILED", ""},
		`subscription{`:         {"GRAPHQL_PARSE_FAILED", ""},
		taskSubscription("x/"):  {"NOT_FOUND", "There is no such task."},
		taskSubscription("00000000-0000-4000-8000-000000000001"): {"NOT_FOUND", "There is no such task."},
	} {
		c.subscribe("q", document)
		c.wantError("q", want.code, want.message)
	}
	if log := f.log.String(); log != "" {
		t.Errorf("log = %s, want an empty log", log)
	}
}

// TestSocket_ClosedOnViolation checks the protocol's close codes. The log must not contain what was
// sent.
func TestSocket_ClosedOnViolation(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
	good := `{"type":"connection_init","payload":{"AUTHORIZATION":"bearer ` + f.tokenFor(t, ana) + `"}}`
	subscribe := `{"id":"canary","type":"subscribe","payload":` + operation(t, taskSubscription(taskID), nil) + `}`
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
			t.Errorf("the log contains what was sent: %s", f.log)
		}
	})
}

func TestSocket_UnknownSubprotocol(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	for _, protocol := range []string{"", "graphql-ws"} {
		conn, _, err := websocket.Dial(t.Context(), f.server.URL, &websocket.DialOptions{Subprotocols: []string{protocol}})
		if err != nil {
			t.Fatal(err)
		}
		(&socketClient{t, conn}).wantClosed(protocol, 4406, "Subprotocol not acceptable")
	}
}

// TestSocket_Origins checks that pages of other sites cannot open a socket. Browsers do not prevent
// it.
func TestSocket_Origins(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	for origin, allowed := range map[string]bool{
		f.server.URL: true, allowedOrigin: true, "": true,
		"https://evil.example.com": false, "null": false, allowedOrigin + ".evil": false, "http://panel.example.com": false, "http://127.0.0.1:1": false,
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

func TestSocket_EndsWithToken(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
	c := f.connect(t, shortLivedToken(t))
	c.subscribe("1", taskSubscription(taskID))
	c.want(nextMessage("1", stateEvent("PENDING")))
	c.wantClosed("an expired token", 4403, "Token expired")
}

// TestStreams_EndWithSession checks that removing a user ends the user's streams before the token
// expires. Those of other users continue.
func TestStreams_EndWithSession(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
	open := func(user auth.User) (*socketClient, *eventStream) {
		c := f.connect(t, f.tokenFor(t, user))
		c.subscribe("1", taskSubscription(taskID))
		c.want(nextMessage("1", stateEvent("PENDING")))
		s := f.subscribe(t, request{token: f.tokenFor(t, user), body: operation(t, taskSubscription(taskID), nil)})
		if got := s.next(); got != stateEvent("PENDING") {
			t.Errorf("event = %q, want the current state", got)
		}
		return c, s
	}
	socket, events := open(ben)
	anas, anasEvents := open(ana)
	f.setUsers(t, ana)
	socket.wantClosed("a removed user", 4403, "Session ended")
	events.wantEvents(t, "a removed user", errorEvent("UNAUTHENTICATED", "The session has ended; log in again."), complete)
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"SUCCESS"}})
	anas.want(nextMessage("1", stateEvent("SUCCESS")), completeMessage("1"))
	anasEvents.wantEvents(t, "another user", stateEvent("SUCCESS"), complete)
}

func TestSocket_EndsWithServer(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
	c := f.connect(t, f.tokenFor(t, ana))
	c.subscribe("1", taskSubscription(taskID))
	c.want(nextMessage("1", stateEvent("PENDING")))
	silent, _ := f.dial(t, "") // never reads, so it never confirms the closing
	began := time.Now()
	f.graphql.Close()
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("Close took %v, want at most 2 s, with one caller that does not confirm", took)
	}
	c.wantClosed("a server that stops", websocket.StatusGoingAway, "Server is stopping")
	silent.wantClosed("a server that stops", websocket.StatusGoingAway, "Server is stopping")
}
