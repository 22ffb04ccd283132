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

// What must not be seen, whatever happens. Each is unlike any word that may be.
const (
	canaryKey      = "canary0key0e5b1c9"
	canarySigning  = "canary1signing1c7d20f4a6b8e9d3f5a7c1b2"
	canaryPrevious = "canary2previous2a1b3c5d7e9f0a2b4c6d8e0f"
	canaryStore    = "canary3store3d84b"
	canaryBody     = "canary4body4f93a"
	canaryPassword = "canary5password5c6e"
	canarySent     = "canary6sent6b7d1"
)

var canaries = []string{canaryKey, canarySigning, canaryPrevious, canaryStore, canaryBody, canaryPassword, canarySent, testHash, testHash[7:]}

// wantNoCanary looks for the canaries in what was answered or logged.
func wantNoCanary(t *testing.T, what, text string) {
	t.Helper()
	for _, canary := range canaries {
		if at := strings.Index(text, canary); at >= 0 {
			t.Errorf("%s shows %s: …%s", what, canary, text[max(0, at-200):min(len(text), at+80)])
		}
	}
}

const canaryPage = "<html><h1>" + canaryBody + "</h1></html>"

// badUpstreams are the ways in which WispHub fails, all of them with words that nobody is to see; what repeats repeats the key.
var badUpstreams = map[string]http.HandlerFunc{
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

// answering answers in these words, with what was sent as a key in place of %s.
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

// noise answers with these bytes and nothing around them.
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

// canaryDocuments reach every noun of the upstream; what they send is for nobody's log.
var canaryDocuments = []string{
	`{ client(by: {serviceId: 26}) { name account { owed } router { name } } }`,
	`{ client(by: {document: "` + canarySent + `"}) { name } }`,
	`{ clients(search: "` + canarySent + `") { totalCount nodes { name plan { name } zone { name } } } }`,
	`{ plans { name price } zones { name } }`, `{ staff { name } paymentMethods { name } }`,
	`{ tickets { nodes { id } } }`, `{ ticket(ticketId: 500) { subject } }`,
	`{ task(taskId: "0e37df36-f698-4bd2-9a3d-1d3e8a0c9b1e") { status result } }`,
	`mutation { updateClient(input: {serviceId: 26, phone: "` + canarySent + `"}) { client { name } userErrors { message } } }`,
	`mutation { activateClients(serviceIds: [26]) { task { id } userErrors { message } } }`,
	`mutation { pingClient(serviceId: 26) { task { id } userErrors { message } } }`,
	`mutation { refresh(resource: CLIENTS) { version } }`,
	`mutation { createTicket(input: {serviceId: 26, subject: "No Tiene Internet", description: "` + canarySent + `"}) { ticket { id } userErrors { message } } }`,
}

// startCanaries starts the rooms with canaries for secrets, the lowest level of logging, and a store that is not there.
func startCanaries(t *testing.T, upstream http.Handler) (*site, *logBuffer) {
	t.Helper()
	log := &logBuffer{}
	s, _ := startLoggedApp(t, upstream, map[string]string{
		"WISPHUB_NET_KEY": canaryKey, "JWT_SECRET_KEY": canarySigning, "JWT_SECRET_KEY_PREVIOUS": canaryPrevious,
		"CACHE_URL": "redis://user:" + canaryStore + "@127.0.0.1:1/0", "LOG_LEVEL": "debug", "UPSTREAM_TIMEOUT": "1s",
	}, log)
	return s, log
}

// TestNothingIsDisclosed by failures of the upstream, however it fails.
func TestNothingIsDisclosed(t *testing.T) {
	t.Parallel()
	var asking sync.WaitGroup
	for name, upstream := range badUpstreams {
		s, log := startCanaries(t, upstream)
		s.login("ana", "a password")
		asking.Go(func() { s.tryCanaries(name, log) }) // they wait, most of the time
	}
	asking.Wait()
}

func (s *site) tryCanaries(name string, log *logBuffer) {
	var asking sync.WaitGroup
	for _, document := range canaryDocuments {
		asking.Go(func() {
			status, body := s.query(document, nil)
			wantNoCanary(s.t, name+": the answer to "+document, body)
			if status != http.StatusOK {
				s.t.Errorf("%s: %s = %d %s, want a document that runs", name, document, status, body)
			}
		})
	}
	asking.Wait()
	wantNoCanary(s.t, name+": the log", log.String())
	if !strings.Contains(log.String(), "field failed") {
		s.t.Errorf("%s: the log tells of no failure: %s", name, log)
	}
}

// TestNothingSentIsRepeated: passwords, bad tokens and bodies that break off, over every way in.
func TestNothingSentIsRepeated(t *testing.T) {
	t.Parallel()
	simulator := wisphubtest.New(wisphubtest.Config{Clients: 5})
	t.Cleanup(simulator.Close)
	s, log := startCanaries(t, simulator)
	for _, face := range []string{"GraphQL", "REST"} {
		for _, username := range []string{"ana", "nobody", canaryPassword} {
			wantNoCanary(t, "a login over "+face, s.tryLogin(face, username, canaryPassword, http.Header{}))
		}
	}
	s.login("ana", "a password")
	broken := `{"query":"mutation { login(username: \"ana\", password: \"` + canaryPassword + `\") { accessToken } }","variables":{"a":"` + canarySent
	for _, contentType := range []string{"application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=" + canarySent, canarySent} {
		for _, accept := range []string{"application/json", "text/event-stream", canarySent} {
			for _, path := range []string{"/graphql", "/api/v1/auth/token", "/api/v1/" + canarySent + "?" + canarySent} {
				for _, body := range []string{broken, broken + `"}}`, "username=%zz" + canarySent + "&password=" + canaryPassword, "--" + canarySent + "\r\n" + canaryPassword} {
					_, _, answer := s.do(http.MethodPost, path, body, http.Header{"Content-Type": {contentType}, "Accept": {accept}, "Referer": {canarySent}})
					wantNoCanary(t, contentType+" posted to "+path, answer)
				}
			}
		}
	}
	for _, document := range []string{`{ clients(search: "` + canarySent, canarySent, `{ client(by: {serviceId: "` + canarySent + `"}) { name } }`} {
		// A mistake is told in the document's own words, to whoever wrote it; the log has none of them.
		s.query(document, nil)
	}
	var answer string
	for _, quote := range []string{`"`, `"""`} {
		_, answer = s.query(`mutation { login(username: "ana", password: `+quote+`a`+quote+quote[:1]+canaryPassword+quote[:1]+`) { accessToken } }`, nil)
		wantNoCanary(t, "a login that does not parse", answer)
	}
	stranger := &site{t: t, url: s.url, token: canarySent}
	_, answer = stranger.query("{ viewer { username } }", nil)
	wantNoCanary(t, "a bad token", answer)
	for _, message := range []string{broken, canarySent, `{"type":"connection_init","payload":{"authorization":"Bearer ` + canarySent + `"}}`, `{"type":"` + canarySent + `"}`} {
		wantNoCanary(t, "a socket", s.say(message))
	}
	wantNoCanary(t, "the log", log.String())
}

// say sends one message over a socket and returns what comes back until it is closed, and why it is.
func (s *site) say(text string) string {
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

// TestUnaskedAnswers: what the upstream says on a connection that nobody uses, net/http writes to the log of the process. It
// runs in a process of its own, whose whole output is read.
func TestUnaskedAnswers(t *testing.T) {
	t.Parallel()
	said := make(chan struct{}, 16)
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
		said <- struct{}{}
		_, _ = bufio.NewReader(conn).ReadByte() // until the facade hangs up
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
	<-said
	wantNoCanary(t, "the output of the process", p.log.String())
}
