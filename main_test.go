package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"wisphub-graphql/wisphub/wisphubtest"
)

// actAsServer in the environment makes the test binary the program itself, so that a test can run several, and kill them.
const actAsServer = "WISPHUB_GRAPHQL_TEST_SERVES"

func TestMain(m *testing.M) {
	if os.Getenv(actAsServer) != "" {
		main()
		return
	}
	goleak.VerifyTestMain(spills.Wrap(m))
}

// site is a running facade as a caller sees it.
type site struct {
	t     *testing.T
	url   string
	token string
}

// startDemo runs the demo command until the test ends and returns it with what it logged.
func startDemo(t *testing.T, environ map[string]string, args ...string) (*site, *logBuffer) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	output, stdout := io.Pipe()
	log := &logBuffer{}
	p := program{environ: environ, stdin: strings.NewReader(""), stdout: stdout, stderr: log}
	ended := make(chan error, 1)
	go func() { ended <- p.run(ctx, append([]string{"demo", "-addr", "127.0.0.1:0"}, args...)) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("demo ended with %v", err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	banner := make([]byte, 1024)
	n, err := output.Read(banner)
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(banner[:n]), "\n")
	address := strings.TrimSuffix(strings.TrimSpace(strings.TrimPrefix(line, "GraphiQL")), "/")
	return &site{t: t, url: address}, log
}

// logBuffer is a log that may be read while it is written.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (b *logBuffer) Write(p []byte) (int, error) {
	spills.Check(string(p))
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// startApp serves the rooms joined as the server joins them, over an upstream of the test's own.
func startApp(t *testing.T, upstream http.Handler, changes map[string]string) (*site, *app) {
	t.Helper()
	return startLoggedApp(t, upstream, changes, &logBuffer{})
}

// startLoggedApp is startApp with the log.
func startLoggedApp(t *testing.T, upstream http.Handler, changes map[string]string, log io.Writer) (*site, *app) {
	t.Helper()
	wispHub := httptest.NewServer(upstream)
	t.Cleanup(wispHub.Close)
	environ := map[string]string{
		"WISPHUB_NET_HOST":  wispHub.URL,
		"WISPHUB_NET_KEY":   wisphubtest.Key,
		"JWT_SECRET_KEY":    testSigningKey,
		"API_USERNAME":      "ana",
		"API_PASSWORD_HASH": testHash,
	}
	for name, value := range changes {
		environ[name] = value
	}
	settings, _, err := loadSettings(environ)
	if err != nil {
		t.Fatal(err)
	}
	a, err := newApp(settings, newLogger(settings, log), newAudit(settings, log), false)
	if err != nil {
		t.Fatal(err)
	}
	a.refusalRest = 0
	t.Cleanup(a.Close)
	server := httptest.NewUnstartedServer(a.handler)
	server.Config.ConnContext = a.connections.meet
	server.Start()
	t.Cleanup(server.Close)
	return &site{t: t, url: server.URL}, a
}

// login keeps a token for the calls that follow.
func (s *site) login(username, password string) {
	s.t.Helper()
	response, err := http.PostForm(s.url+"/api/v1/auth/token", url.Values{"username": {username}, "password": {password}})
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.AccessToken == "" {
		s.t.Fatalf("no token: status %d, %v", response.StatusCode, err)
	}
	s.token = answer.AccessToken
}

// query posts a document and decodes its data into out, which may be nil.
func (s *site) query(document string, out any) (status int, body string) {
	s.t.Helper()
	request, err := json.Marshal(map[string]string{"query": document})
	if err != nil {
		s.t.Fatal(err)
	}
	status, _, body = s.do(http.MethodPost, "/graphql", string(request), http.Header{"Content-Type": {"application/json"}})
	if out == nil {
		return status, body
	}
	answer := struct {
		Data   any               `json:"data"`
		Errors []json.RawMessage `json:"errors"`
	}{Data: out}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || len(answer.Errors) > 0 {
		s.t.Fatalf("query(%s) = %s, %v", document, body, err)
	}
	return status, body
}

// try is query for a server that may be gone: it reports whether the answer was whole and without errors.
func (s *site) try(document string, out any) bool {
	request, _ := json.Marshal(map[string]string{"query": document}) // of strings it never fails
	call, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/graphql", bytes.NewReader(request))
	if err != nil {
		return false
	}
	call.Header.Set("Content-Type", "application/json")
	call.Header.Set("Authorization", "Bearer "+s.token)
	response, err := http.DefaultClient.Do(call)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	answer := struct {
		Data   any               `json:"data"`
		Errors []json.RawMessage `json:"errors"`
	}{Data: out}
	return json.NewDecoder(response.Body).Decode(&answer) == nil && len(answer.Errors) == 0
}

func (s *site) do(method, path, body string, header http.Header) (status int, answer http.Header, text string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	spills.Check(string(content))
	return response.StatusCode, response.Header, string(content)
}
