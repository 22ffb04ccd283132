package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// marked is text of a caller: ten kilobytes, as a name in GraphQL.
var marked = "marked" + strings.Repeat("x", 10<<10)

// brokenUpstream fails at all calls.
var brokenUpstream = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusInternalServerError)
})

// wantCallersTextCut fails the test if the log has more than 100 characters of a caller's text, or
// a line that the caller began.
func wantCallersTextCut(t *testing.T, log *logBuffer, lines ...string) {
	t.Helper()
	text := log.String()
	if at := strings.Index(text, strings.Repeat("x", 101)); at >= 0 {
		t.Errorf("the log repeats a caller's text: …%s", text[max(0, at-300):at+100])
	}
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "time=") && !strings.HasPrefix(line, "{") || len(line) > 2_000 && !strings.Contains(line, "stack") {
			t.Errorf("the log has a line of %d bytes, %.200s, want one of ours", len(line), line)
		}
	}
	for _, want := range lines {
		if !strings.Contains(text, want) {
			t.Errorf("log = %.30000s, want %s in it", text, want)
		}
	}
}

// No alias, operation name or header of a caller fills the log, over any API.
func Test15_12_CallersTextInTheLog(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			log := &logBuffer{}
			s, _ := startLoggedApp(t, brokenUpstream, map[string]string{"LOG_LEVEL": "debug", "LOG_FORMAT": format}, log)
			s.login("ana", "a password")
			s.sendMarkedDocuments()
			s.sendMarkedSubscription()
			s.sendMarkedRequests()
			wantCallersTextCut(t, log, "plans", "taskUpdated", "route failed")
		})
	}
}

func (s *site) sendMarkedDocuments() {
	s.t.Helper()
	for _, document := range []string{
		"query " + marked + "{ " + marked + ": plans { " + marked + ": name } }",
		"query { a: zones { " + marked + ": name } }",
		"query { " + marked + "(a: 1) }",
		"mutation " + marked + " { " + marked + `: pingClient(serviceId: 26) { task { id } } }`,
		"subscription " + marked + " { " + marked + `: taskUpdated(taskId: "0e37df36-f698-4bd2-9a3d-1d3e8a0c9b1e") { status } }`,
		`{ client(by: {document: "` + marked + `\n\u001b[2Jtime=forged"}) { name } }`,
		`{ ` + marked + `: client(by: {serviceId: 26}) { name } }`,
		`{ task(taskId: "` + marked + `") { status } }`,
	} {
		for _, accept := range []string{"application/json", "text/event-stream"} {
			body, err := json.Marshal(map[string]string{"query": document, "operationName": ""})
			if err != nil {
				s.t.Fatal(err)
			}
			s.do(http.MethodPost, "/graphql", string(body), http.Header{"Accept": {accept}, "Content-Type": {"application/json"}})
		}
	}
}

// sendMarkedSubscription subscribes over a WebSocket and waits for the failure.
func (s *site) sendMarkedSubscription() {
	s.t.Helper()
	conn, _, err := websocket.Dial(s.t.Context(), s.url+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.CloseNow()
	conn.SetReadLimit(1 << 20)
	document := "subscription " + marked + " { " + marked + `: taskUpdated(taskId: "0e37df36-f698-4bd2-9a3d-1d3e8a0c9b1e") { status } }`
	payload, err := json.Marshal(map[string]string{"query": document, "operationName": marked})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, message := range []string{
		`{"type":"connection_init","payload":{"authorization":"Bearer ` + s.token + `"}}`,
		`{"id":"` + marked + `","type":"subscribe","payload":` + string(payload) + `}`,
	} {
		if err := conn.Write(s.t.Context(), websocket.MessageText, []byte(message)); err != nil {
			s.t.Fatal(err)
		}
		if _, answer, err := conn.Read(s.t.Context()); err != nil {
			s.t.Fatalf("%.100s was answered %.100s, %v", message, answer, err)
		}
	}
}

func (s *site) sendMarkedRequests() {
	s.t.Helper()
	header := http.Header{}
	for _, name := range []string{"X-Request-Id", "User-Agent", "Referer", "Origin", "X-Forwarded-For", "Accept", "Idempotency-Key", "Traceparent"} {
		header.Set(name, marked)
	}
	query := url.QueryEscape(marked + "\ntime=forged")
	for _, path := range []string{
		"/api/v1/clients/26", "/api/v1/clients/by-document/" + marked, "/api/v1/ping/" + marked,
		"/api/v1/tickets/500", "/api/v1/" + query, "/" + marked, "/graphql?query=" + query,
	} {
		s.do(http.MethodGet, path, "", header)
		s.do(http.MethodGet, path, "", nil)
	}
	s.do(marked, "/api/v1/clients/26", `{"`+marked+`":"`+marked+`"}`, nil)
	s.do(http.MethodPost, "/api/v1/tickets", `{"`+marked+`":"`+marked+`"}`, http.Header{"Content-Type": {"application/json"}})
	s.do(http.MethodPost, "/api/v1/auth/token", "username="+marked+"%0Atime%3Dforged&password="+marked,
		http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
}
