package graph_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

func TestEvents_TaskStates(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	id := f.upstream.StartTask(wisphubtest.TaskScript{})
	s := f.subscribe(t, request{token: f.tokenFor(t, ana), body: operation(t, taskSubscription(id), nil)})
	if got := s.response.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control = %q, want no-store", got)
	}
	s.wantEvents(t, "task", stateEvent("PENDING"), stateEvent("RUNNING"), stateEvent("SUCCESS"), complete)
	if got := f.upstream.Total(); got != 3 {
		t.Errorf("%d upstream calls for three states, want 3", got)
	}
}

// TestEvents_PingResultNeedsScope watches a ping as ana and as ben. Both see the diagnosis, but ben
// lacks the scope for WispHub's result.
func TestEvents_PingResultNeedsScope(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	id := f.upstream.PingTask(wisphubtest.PingStable, 2)
	document := `query later{viewer{username}} subscription ping($id:String!){done:taskUpdated(taskId:$id){finished result ping{connection sent}}}`
	body := operationNamed(t, "ping", document, map[string]any{"id": id})
	streams := map[string]*eventStream{
		"ana": f.subscribe(t, request{token: f.tokenFor(t, ana), body: body}),
		"ben": f.subscribe(t, request{token: f.tokenFor(t, ben), body: body}),
	}
	for name, s := range streams {
		var last string
		for e := s.next(); e != complete && e != (event{}); e = s.next() {
			last = e.data
		}
		if !strings.Contains(last, `"finished":true`) || !strings.Contains(last, `"ping":{"connection":"STABLE","sent":2}`) {
			t.Errorf("%s: the last event = %s, want a diagnosis", name, last)
		}
		if forbidden := strings.Contains(last, `"path":["done","result"]`) && strings.Contains(last, `"FORBIDDEN"`); forbidden != (name == "ben") {
			t.Errorf("%s: the last event = %s, want FORBIDDEN in it: %t", name, last, name == "ben")
		}
		if hidden := strings.Contains(last, `"result":null`); hidden != (name == "ben") {
			t.Errorf("%s: the last event = %s, want a null result: %t", name, last, name == "ben")
		}
	}
}

// TestEvents_EndAtOnce covers finished and unknown tasks, invalid documents and other operations.
func TestEvents_EndAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"SUCCESS"}, Result: row{"a": 1}})
	const located = `"path":["taskUpdated"],"locations":[{"line":1,"column":14}],"extensions"`
	tests := map[string]struct {
		document string
		want     event
	}{
		"finished":  {taskSubscription(taskID), stateEvent("SUCCESS")},
		"query":     {`{viewer{username}}`, nextEvent(`{"data":{"viewer":{"username":"ana"}}}`)},
		"unknown":   {taskSubscription("00000000-0000-4000-8000-000000000001"), nextEvent(strings.Replace(errorEvent("NOT_FOUND", "There is no such task.").data, `"extensions"`, located, 1))},
		"not an id": {taskSubscription("x"), event{}},
		"no field":  {`subscription{unknown}`, event{}},
		"aliases":   {`subscription{a:taskUpdated(taskId:"x"){id} b:taskUpdated(taskId:"x"){id}}`, errorEvent("BAD_USER_INPUT", "A subscription must select exactly one field.")},
		"skipped":   {`subscription{taskUpdated(taskId:"x")@skip(if:true){id}}`, errorEvent("BAD_USER_INPUT", "A subscription must select exactly one field.")},
		"itself":    {`subscription{__typename}`, event{}},
		"syntax":    {`subscription{`, event{}},
	}
	for name, tt := range tests {
		s := f.subscribe(t, request{token: f.tokenFor(t, ana), body: operation(t, tt.document, nil)})
		if tt.want != (event{}) {
			s.wantEvents(t, name, tt.want, complete)
		} else if e := s.next(); e.name != "next" || !strings.HasPrefix(e.data, `{"errors":[{`) || strings.Contains(e.data, "INTERNAL") {
			t.Errorf("%s: event = %q, want errors", name, e)
		} else {
			s.wantEvents(t, name, complete)
		}
	}
}

// TestEvents_RefusedLikeOtherPosts checks that refusals have the status and the body of any other
// POST.
func TestEvents_RefusedLikeOtherPosts(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	body := operation(t, taskSubscription(taskID), nil)
	tests := map[string]struct {
		request request
		status  int
		code    string
	}{
		"no token":     {request{body: body}, http.StatusUnauthorized, "UNAUTHENTICATED"},
		"bad token":    {request{body: body, token: "abc"}, http.StatusUnauthorized, "UNAUTHENTICATED"},
		"no JSON":      {request{body: `{"password":"canary"`, token: f.tokenFor(t, ana)}, http.StatusBadRequest, "BAD_USER_INPUT"},
		"content type": {request{body: body, contentType: "text/plain"}, http.StatusUnsupportedMediaType, "BAD_USER_INPUT"},
		"too large":    {request{body: body + strings.Repeat(" ", 128<<10)}, http.StatusRequestEntityTooLarge, "BAD_USER_INPUT"},
	}
	for name, tt := range tests {
		tt.request.accept = events
		a := f.send(t, tt.request)
		if a.status != tt.status || len(a.Errors) != 1 || a.Errors[0].Extensions.Code != tt.code || strings.Contains(a.body, "canary") {
			t.Errorf("%s = %d %s, want %d %s", name, a.status, a.body, tt.status, tt.code)
		}
	}
	a := f.send(t, request{token: f.tokenFor(t, ana), body: body})
	wantError(t, "plain POST", a, "BAD_USER_INPUT", "Subscriptions need Accept: text/event-stream, or a WebSocket.")
	if a.status != http.StatusNotAcceptable {
		t.Errorf("plain POST = %d, want 406", a.status)
	}
}

// TestEvents_JSONIsPreferred checks callers that accept both: they get events for subscriptions
// only.
func TestEvents_JSONIsPreferred(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	const both = "application/graphql-response+json, application/json, text/event-stream, multipart/mixed"
	a := f.send(t, request{accept: both, token: f.tokenFor(t, ana), body: operation(t, `{viewer{username}}`, nil)})
	wantJSON(t, "query", a.body, `{"data":{"viewer":{"username":"ana"}}}`)
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"SUCCESS"}})
	s := f.subscribe(t, request{accept: both, token: f.tokenFor(t, ana), body: operation(t, taskSubscription(taskID), nil)})
	s.wantEvents(t, "subscription", stateEvent("SUCCESS"), complete)
	login := `mutation($p:String!){login(username:"ben",password:$p){tokenType}}`
	s = f.subscribe(t, request{body: operation(t, login, map[string]any{"p": password})})
	s.wantEvents(t, "login", nextEvent(`{"data":{"login":{"tokenType":"bearer"}}}`), complete)
}

func TestEvents_EndWithToken(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
	s := f.subscribe(t, request{token: shortLivedToken(t), body: operation(t, taskSubscription(taskID), nil)})
	s.wantEvents(t, "task", stateEvent("PENDING"), errorEvent("UNAUTHENTICATED", "The token has expired; subscribe again with a new one."), complete)
}

// TestEvents_EndWithServer checks that the stream ends without the event complete, so that callers
// reconnect.
func TestEvents_EndWithServer(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.graphql.StreamLimits().KeepAlive = 10 * time.Millisecond
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
	s := f.subscribe(t, request{token: f.tokenFor(t, ana), body: operation(t, taskSubscription(taskID), nil)})
	got := s.next()
	for got == (event{}) && s.lines.Err() == nil { // keep-alive comments, if the state takes longer
		got = s.next()
	}
	if got != stateEvent("PENDING") {
		t.Errorf("event = %q, want the current state", got)
	}
	if got := s.next(); got != (event{}) || s.lines.Err() != nil {
		t.Errorf("event = %q, error %v, want a keep-alive comment", got, s.lines.Err())
	}
	f.graphql.Close()
	for s.lines.Scan() {
		if strings.HasPrefix(s.lines.Text(), "event:") {
			t.Errorf("the stream ends with %q, want no further event", s.lines.Text())
		}
	}
	a := f.send(t, request{accept: events, token: f.tokenFor(t, ana), body: operation(t, taskSubscription(taskID), nil)})
	if a.status != http.StatusServiceUnavailable {
		t.Errorf("a new stream after Close = %d %s, want 503", a.status, a.body)
	}
}
