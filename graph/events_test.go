package graph_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

func TestTaskIsWatchedOverEvents(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	id := f.upstream.StartTask(wisphubtest.TaskScript{})
	s := f.subscribe(t, request{token: f.tokenOf(t, ana), body: operation(t, watching(id), nil)})
	if got := s.response.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control = %q, want no-store", got)
	}
	s.wantEvents(t, "task", state("PENDING"), state("RUNNING"), state("SUCCESS"), complete)
	if got := f.upstream.Total(); got != 3 {
		t.Errorf("three states cost %d upstream calls, want 3", got)
	}
}

// TestPingIsWatched: by ana, and by ben, who may not see the result as WispHub gives it, but the diagnosis.
func TestPingIsWatched(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	id := f.upstream.PingTask(wisphubtest.PingStable, 2)
	document := `query later{viewer{username}} subscription ping($id:String!){done:taskUpdated(taskId:$id){finished result ping{connection sent}}}`
	body := operationNamed(t, "ping", document, map[string]any{"id": strings.ToUpper(id)})
	streams := map[string]*eventStream{
		"ana": f.subscribe(t, request{token: f.tokenOf(t, ana), body: body}),
		"ben": f.subscribe(t, request{token: f.tokenOf(t, ben), body: body}),
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
			t.Errorf("%s: the last event = %s, FORBIDDEN should be %v", name, last, name == "ben")
		}
		if hidden := strings.Contains(last, `"result":null`); hidden != (name == "ben") {
			t.Errorf("%s: the last event = %s, the result hidden should be %v", name, last, name == "ben")
		}
	}
}

// TestEventsThatEndAtOnce: what cannot be watched, and what is no subscription.
func TestEventsThatEndAtOnce(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"SUCCESS"}, Result: row{"a": 1}})
	const located = `"path":["taskUpdated"],"locations":[{"line":1,"column":14}],"extensions"`
	tests := map[string]struct {
		document string
		want     event
	}{
		"finished":  {watching(taskID), state("SUCCESS")},
		"query":     {`{viewer{username}}`, next(`{"data":{"viewer":{"username":"ana"}}}`)},
		"unknown":   {watching("00000000-0000-4000-8000-000000000001"), next(strings.Replace(problem("NOT_FOUND", "There is no such task.").data, `"extensions"`, located, 1))},
		"not an id": {watching("x"), event{}},
		"no field":  {`subscription{nobody}`, event{}},
		"aliases":   {`subscription{a:taskUpdated(taskId:"x"){id} b:taskUpdated(taskId:"x"){id}}`, problem("BAD_USER_INPUT", "A subscription must select exactly one field.")},
		"skipped":   {`subscription{taskUpdated(taskId:"x")@skip(if:true){id}}`, problem("BAD_USER_INPUT", "A subscription must select exactly one field.")},
		"itself":    {`subscription{__typename}`, event{}},
		"syntax":    {`subscription{`, event{}},
	}
	for name, tt := range tests {
		s := f.subscribe(t, request{token: f.tokenOf(t, ana), body: operation(t, tt.document, nil)})
		if tt.want != (event{}) {
			s.wantEvents(t, name, tt.want, complete)
		} else if e := s.next(); e.name != "next" || !strings.HasPrefix(e.data, `{"errors":[{`) || strings.Contains(e.data, "INTERNAL") {
			t.Errorf("%s: event = %q, want errors", name, e)
		} else {
			s.wantEvents(t, name, complete)
		}
	}
}

// TestEventsAreRefusedAsAnswersAre: with the words and the status of any other POST.
func TestEventsAreRefusedAsAnswersAre(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	body := operation(t, watching(taskID), nil)
	tests := map[string]struct {
		request request
		status  int
		code    string
	}{
		"nobody":       {request{body: body}, http.StatusUnauthorized, "UNAUTHENTICATED"},
		"bad token":    {request{body: body, token: "abc"}, http.StatusUnauthorized, "UNAUTHENTICATED"},
		"no JSON":      {request{body: `{"password":"canary"`, token: f.tokenOf(t, ana)}, http.StatusBadRequest, "BAD_USER_INPUT"},
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
	a := f.send(t, request{token: f.tokenOf(t, ana), body: body})
	wantError(t, "plain POST", a, "BAD_USER_INPUT", "Subscriptions need Accept: text/event-stream, or a WebSocket.")
	if a.status != http.StatusNotAcceptable {
		t.Errorf("plain POST = %d, want 406", a.status)
	}
}

// TestJSONIsPreferred: clients that take both get events for subscriptions alone.
func TestJSONIsPreferred(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	const both = "application/graphql-response+json, application/json, text/event-stream, multipart/mixed"
	a := f.send(t, request{accept: both, token: f.tokenOf(t, ana), body: operation(t, `{viewer{username}}`, nil)})
	wantJSON(t, "query", a.body, `{"data":{"viewer":{"username":"ana"}}}`)
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"SUCCESS"}})
	s := f.subscribe(t, request{accept: both, token: f.tokenOf(t, ana), body: operation(t, watching(taskID), nil)})
	s.wantEvents(t, "subscription", state("SUCCESS"), complete)
	login := `mutation($p:String!){login(username:"ben",password:$p){tokenType}}`
	s = f.subscribe(t, request{body: operation(t, login, map[string]any{"p": password})})
	s.wantEvents(t, "login", next(`{"data":{"login":{"tokenType":"bearer"}}}`), complete)
}

func TestEventsEndWithTheToken(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
	s := f.subscribe(t, request{token: shortToken(t), body: operation(t, watching(taskID), nil)})
	s.wantEvents(t, "task", state("PENDING"), problem("UNAUTHENTICATED", "The token has expired; subscribe again with a new one."), complete)
}

// TestEventsEndWithTheServer: without a last word, so that callers come back.
func TestEventsEndWithTheServer(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	f.graphql.StreamLimits().KeepAlive = 10 * time.Millisecond
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
	s := f.subscribe(t, request{token: f.tokenOf(t, ana), body: operation(t, watching(taskID), nil)})
	if got := s.next(); got != state("PENDING") {
		t.Errorf("event = %q, want the present state", got)
	}
	if got := s.next(); got != (event{}) || s.lines.Err() != nil {
		t.Errorf("event = %q, %v, want a comment that keeps the stream alive", got, s.lines.Err())
	}
	f.graphql.Close()
	for s.lines.Scan() {
		if strings.HasPrefix(s.lines.Text(), "event:") {
			t.Errorf("the stream ends with %q, want no event", s.lines.Text())
		}
	}
	a := f.send(t, request{accept: events, token: f.tokenOf(t, ana), body: operation(t, watching(taskID), nil)})
	if a.status != http.StatusServiceUnavailable {
		t.Errorf("a stream of a server that stops = %d %s, want 503", a.status, a.body)
	}
}
