package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"wisphub-graphql/wisphub/wisphubtest"
)

// Secrets that must never appear in a log or an answer. Each occurs nowhere else.
const (
	canaryKey      = "canary0key0e5b1c9"
	canarySigning  = "canary1signing1c7d20f4a6b8e9d3f5a7c1b2"
	canaryPrevious = "canary2previous2a1b3c5d7e9f0a2b4c6d8e0f"
	canaryStore    = "canary3store3d84b"
	canaryBody     = "canary4body4f93a"
	canaryPassword = "canary5password5c6e"
	canaryInput    = "canary6sent6b7d1"
)

var canaries = []string{canaryKey, canarySigning, canaryPrevious, canaryStore, canaryBody, canaryPassword, canaryInput, testHash, testHash[7:]}

// wantNoCanary fails the test if an answer or a log contains a canary.
func wantNoCanary(t *testing.T, what, text string) {
	t.Helper()
	for _, canary := range canaries {
		if at := strings.Index(text, canary); at >= 0 {
			t.Errorf("%s contains %s: …%s", what, canary, text[max(0, at-200):min(len(text), at+80)])
		}
	}
}

const canaryPage = "<html><h1>" + canaryBody + "</h1></html>"

// failingUpstreams are the ways in which WispHub fails. Their answers contain a canary, and %s
// repeats the key.
var failingUpstreams = map[string]http.HandlerFunc{
	"403":            answering(403, "application/json", `{"detail":"`+canaryBody+` %s"}`),
	"401":            answering(401, "application/json", `{"detail":"Credenciales de `+canaryBody+`","`+canaryBody+`":"%s"}`),
	"403 HTML":       answering(403, "text/html", canaryPage),
	"404":            answering(404, "application/json", `{"detail":"`+canaryBody+`"}`),
	"404 HTML":       answering(404, "text/html", canaryPage),
	"429":            answering(429, "application/json", `{"detail":"`+canaryBody+`"}`),
	"500":            answering(500, "text/html", canaryPage),
	"500 JSON":       answering(500, "application/json", `{"error":"`+canaryBody+` %s"}`),
	"HTML":           answering(200, "text/html", canaryPage),
	"another type":   answering(200, "text/"+canaryBody, canaryBody),
	"truncated":      answering(200, "application/json", `{"count":1,"results":[{"nombre":"`+canaryBody),
	"not an object":  answering(200, "application/json", `"`+canaryBody+`"`),
	"not the object": answering(200, "application/json", `{"`+canaryBody+`":["`+canaryBody+`"]}`),
	"wrong types":    answering(200, "application/json", `{"count":"`+canaryBody+`","results":"`+canaryBody+`"}`),
	"redirect":       redirecting,
	"cut off":        cuttingOff,
	"hang":           hanging,
	"not HTTP":       noise(canaryBody + "\r\n\r\n"),
	"bad header":     noise("HTTP/1.1 200 OK\r\n" + canaryBody + "\r\n\r\n"),
	"bad status":     noise("HTTP/1.1 " + canaryBody + "\r\n\r\n"),
}

// answering answers with this body, with %s replaced by the key that was sent.
func answering(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("X-Request-Id", canaryBody)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, strings.ReplaceAll(body, "%s", r.Header.Get("Authorization")))
	}
}

func redirecting(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/"+canaryBody+"?key="+r.Header.Get("Authorization"), http.StatusFound)
}

func cuttingOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, `{"results":[{"nombre":"`+canaryBody)
}

func hanging(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// noise answers with exactly these bytes.
func noise(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = buffered.WriteString(text)
		_ = buffered.Flush()
		_ = conn.Close()
	}
}

// canaryDocuments use every resource of WispHub. Some of their input is a canary, which no log may
// contain.
var canaryDocuments = []string{
	`{ client(by: {serviceId: 26}) { name account { owed } router { name } } }`,
	`{ client(by: {document: "` + canaryInput + `"}) { name } }`,
	`{ clients(search: "` + canaryInput + `") { totalCount nodes { name plan { name } zone { name } } } }`,
	`{ plans { name price } zones { name } }`, `{ staff { name } paymentMethods { name } }`,
	`{ tickets { nodes { id } } }`, `{ ticket(ticketId: 500) { subject } }`,
	`{ task(taskId: "0e37df36-f698-4bd2-9a3d-1d3e8a0c9b1e") { status result } }`,
	`mutation { updateClient(input: {serviceId: 26, phone: "` + canaryInput + `"}) { client { name } userErrors { message } } }`,
	`mutation { activateClients(serviceIds: [26]) { task { id } userErrors { message } } }`,
	`mutation { pingClient(serviceId: 26) { task { id } userErrors { message } } }`,
	`mutation { refresh(resource: CLIENTS) { version } }`,
	`mutation { createTicket(input: {serviceId: 26, subject: "No Tiene Internet", description: "` + canaryInput + `"}) { ticket { id } userErrors { message } } }`,
}

// startWithCanaries starts an app whose secrets are canaries, with the lowest log level and an
// unreachable store.
func startWithCanaries(t *testing.T, upstream http.Handler) (*site, *logBuffer) {
	t.Helper()
	log := &logBuffer{}
	s, _ := startLoggedApp(t, upstream, map[string]string{
		"WISPHUB_NET_KEY": canaryKey, "JWT_SECRET_KEY": canarySigning, "JWT_SECRET_KEY_PREVIOUS": canaryPrevious,
		"CACHE_URL": "redis://user:" + canaryStore + "@127.0.0.1:1/0", "LOG_LEVEL": "debug", "UPSTREAM_TIMEOUT": "1s",
	}, log)
	return s, log
}

// TestLeaks_UpstreamFailures queries every resource while WispHub fails in every way.
func TestLeaks_UpstreamFailures(t *testing.T) {
	t.Parallel()
	var queries sync.WaitGroup
	for name, upstream := range failingUpstreams {
		s, log := startWithCanaries(t, upstream)
		s.login("ana", "a password")
		queries.Go(func() { s.queryCanaries(name, log) }) // in parallel, because they mostly wait
	}
	queries.Wait()
}

func (s *site) queryCanaries(name string, log *logBuffer) {
	var queries sync.WaitGroup
	for _, document := range canaryDocuments {
		queries.Go(func() {
			status, body := s.query(document, nil)
			wantNoCanary(s.t, name+": the answer to "+document, body)
			if status != http.StatusOK {
				s.t.Errorf("%s: %s = %d %s, want 200", name, document, status, body)
			}
		})
	}
	queries.Wait()
	wantNoCanary(s.t, name+": the log", log.String())
	if !strings.Contains(log.String(), "field failed") {
		s.t.Errorf("%s: log = %s, want the failure in it", name, log)
	}
}

// TestLeaks_Input sends passwords, invalid tokens and incomplete bodies to every API.
func TestLeaks_Input(t *testing.T) {
	t.Parallel()
	simulator := wisphubtest.New(wisphubtest.Config{Clients: 5})
	t.Cleanup(simulator.Close)
	s, log := startWithCanaries(t, simulator)
	for _, api := range []string{"GraphQL", "REST"} {
		for _, username := range []string{"ana", "unknown", canaryPassword} {
			wantNoCanary(t, "a login over "+api, s.tryLogin(api, username, canaryPassword, http.Header{}))
		}
	}
	s.login("ana", "a password")
	broken := `{"query":"mutation { login(username: \"ana\", password: \"` + canaryPassword + `\") { accessToken } }","variables":{"a":"` + canaryInput
	for _, contentType := range []string{"application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=" + canaryInput, canaryInput} {
		for _, accept := range []string{"application/json", "text/event-stream", canaryInput} {
			for _, path := range []string{"/graphql", "/api/v1/auth/token", "/api/v1/" + canaryInput + "?" + canaryInput} {
				for _, body := range []string{broken, broken + `"}}`, "username=%zz" + canaryInput + "&password=" + canaryPassword, "--" + canaryInput + "\r\n" + canaryPassword} {
					_, _, answer := s.do(http.MethodPost, path, body, http.Header{"Content-Type": {contentType}, "Accept": {accept}, "Referer": {canaryInput}})
					wantNoCanary(t, contentType+" posted to "+path, answer)
				}
			}
		}
	}
	for _, document := range []string{`{ clients(search: "` + canaryInput, canaryInput, `{ client(by: {serviceId: "` + canaryInput + `"}) { name } }`} {
		// The answer may quote the document to its author. The log must not.
		s.query(document, nil)
	}
	var answer string
	for _, quote := range []string{`"`, `"""`} {
		_, answer = s.query(`mutation { login(username: "ana", password: `+quote+`a`+quote+quote[:1]+canaryPassword+quote[:1]+`) { accessToken } }`, nil)
		wantNoCanary(t, "a login that does not parse", answer)
	}
	other := &site{t: t, url: s.url, token: canaryInput}
	_, answer = other.query("{ viewer { username } }", nil)
	wantNoCanary(t, "an invalid token", answer)
	for _, message := range []string{broken, canaryInput, `{"type":"connection_init","payload":{"authorization":"Bearer ` + canaryInput + `"}}`, `{"type":"` + canaryInput + `"}`} {
		wantNoCanary(t, "a socket", s.sendMessage(message))
	}
	wantNoCanary(t, "the log", log.String())
}

// sendMessage sends one message over a WebSocket and returns the answer and the reason of the
// close.
func (s *site) sendMessage(text string) string {
	s.t.Helper()
	conn, _, err := websocket.Dial(s.t.Context(), s.url+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.CloseNow()
	if err := conn.Write(s.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		s.t.Fatal(err)
	}
	_, got, err := conn.Read(s.t.Context())
	return string(got) + err.Error()
}

// TestLeaks_UnsolicitedAnswers sends data on an idle connection, which net/http quotes in the
// standard log. It runs a process of its own, to read its whole output.
func TestLeaks_UnsolicitedAnswers(t *testing.T) {
	t.Parallel()
	sent := make(chan struct{}, 16)
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = buffered.WriteString("HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
		_ = buffered.Flush()
		_, _ = buffered.WriteString("HTTP/1.1 200 OK\r\n" + canaryBody + "\r\n\r\n")
		_ = buffered.Flush()
		sent <- struct{}{}
		_, _ = bufio.NewReader(conn).ReadByte() // until the program closes the connection
	}))
	t.Cleanup(upstream.Close)
	p := startProcess(t, map[string]string{
		"WISPHUB_NET_HOST": upstream.URL, "WISPHUB_NET_KEY": canaryKey, "JWT_SECRET_KEY": canarySigning,
		"API_USERNAME": "ana", "API_PASSWORD_HASH": testHash, "LOG_LEVEL": "debug",
	})
	for id := range 5 {
		_, body := p.query(fmt.Sprintf("{ client(by: {serviceId: %d}) { name } }", id+1), nil)
		wantNoCanary(t, "the answer", body)
	}
	<-sent
	wantNoCanary(t, "the output of the process", p.log.String())
}
