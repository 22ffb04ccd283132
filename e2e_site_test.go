package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"wisphub-graphql/wisphub/wisphubtest"
)

const viewerQuery = "{ viewer { username scopes } }"

// site is a running server as a caller sees it.
type site struct {
	t     *testing.T
	url   string
	token string
}

// login stores a token for the following requests.
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
		s.t.Fatalf("login(%s): status %d, %v, want a token", username, response.StatusCode, err)
	}
	s.token = answer.AccessToken
}

// query posts a document and decodes its data into out. With a nil out it accepts any answer.
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

// tryQuery is query for a server that may have stopped. It reports whether the answer was complete
// and without errors.
func (s *site) tryQuery(document string, out any) bool {
	request, _ := json.Marshal(map[string]string{"query": document}) // cannot fail for strings
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

// do sends a request and reads the whole answer. Every answer is checked for leaks.
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
	leaks.Check(string(content))
	return response.StatusCode, response.Header, string(content)
}

// tryLogin logs in over an API, GraphQL or REST. It does not store the token.
func (s *site) tryLogin(api, username, password string, header http.Header) (body string) {
	s.t.Helper()
	header = header.Clone()
	if api == "REST" {
		header.Set("Content-Type", "application/x-www-form-urlencoded")
		form := url.Values{"username": {username}, "password": {password}}
		_, _, body = s.do(http.MethodPost, "/api/v1/auth/token", form.Encode(), header)
		return body
	}
	header.Set("Content-Type", "application/json")
	document := fmt.Sprintf(`mutation { login(username: %q, password: %q) { expiresIn } }`, username, password)
	request, err := json.Marshal(map[string]string{"query": document})
	if err != nil {
		s.t.Fatal(err)
	}
	_, _, body = s.do(http.MethodPost, "/graphql", string(request), header)
	return body
}

// logout revokes the site's token.
func (s *site) logout() {
	s.t.Helper()
	if _, body := s.query("mutation { logout }", nil); body != `{"data":{"logout":true}}` {
		s.t.Errorf("logout = %s, want true", body)
	}
}

// logoutUnsaved revokes the site's token on this server, which cannot save that.
func (s *site) logoutUnsaved() {
	s.t.Helper()
	if _, body := s.query("mutation { logout }", nil); body != `{"data":{"logout":false}}` {
		s.t.Errorf("logout = %s, want false", body)
	}
}

// withToken returns the site with another token.
func (s *site) withToken(token string) *site { return &site{t: s.t, url: s.url, token: token} }

// authenticated reports whether the server accepts the token.
func (s *site) authenticated() bool {
	s.t.Helper()
	status, body := s.query(viewerQuery, nil)
	if status != http.StatusOK && status != http.StatusUnauthorized {
		s.t.Errorf("viewer = %d %s, want 200 or 401", status, body)
	}
	return status == http.StatusOK
}

const runningTaskID = "0e37df36-f698-4bd2-9a3d-1d3e8a0c9b1e"

// newRunningTask returns a simulated WispHub with a task that stays pending until the test changes
// it.
func newRunningTask(t *testing.T) *wisphubtest.Server {
	t.Helper()
	simulator := wisphubtest.New(wisphubtest.Config{Clients: 5})
	t.Cleanup(simulator.Close)
	simulator.PutTask(runningTaskID, wisphubtest.TaskScript{States: []string{wisphubtest.TaskPending}})
	return simulator
}

// subscription returns the body of a request that subscribes to the task.
func subscription(t *testing.T) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": `subscription{taskUpdated(taskId:"` + runningTaskID + `"){status}}`})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// subscribe requests the events of the task over SSE and reads the first one.
func (s *site) subscribe() *bufio.Scanner {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/graphql", strings.NewReader(subscription(s.t)))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "text/event-stream")
	request.Header.Set("Authorization", "Bearer "+s.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { response.Body.Close() })
	lines := bufio.NewScanner(response.Body)
	s.wantLine(lines, `data: {"data":{"taskUpdated":{"status":"PENDING"}}}`)
	return lines
}

// wantLine reads lines until want.
func (s *site) wantLine(lines *bufio.Scanner, want string) {
	s.t.Helper()
	for lines.Scan() {
		if lines.Text() == want {
			return
		}
	}
	s.t.Errorf("the stream ends with %v, want the line %s", lines.Err(), want)
}

// socket opens a WebSocket as a page of the origin would, subscribes to the task and reads its
// first state.
func (s *site) socket(origin string) *websocket.Conn {
	s.t.Helper()
	conn, _, err := websocket.Dial(s.t.Context(), s.url+"/graphql", &websocket.DialOptions{
		HTTPHeader: http.Header{"Origin": {origin}}, Subprotocols: []string{"graphql-transport-ws"},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.CloseNow() })
	for _, message := range []string{
		`{"type":"connection_init","payload":{"Authorization":"Bearer ` + s.token + `"}}`,
		`{"id":"1","type":"subscribe","payload":` + subscription(s.t) + `}`,
	} {
		if err := conn.Write(s.t.Context(), websocket.MessageText, []byte(message)); err != nil {
			s.t.Fatal(err)
		}
	}
	for _, want := range []string{`{"type":"connection_ack"}`, `{"id":"1","type":"next","payload":{"data":{"taskUpdated":{"status":"PENDING"}}}}`} {
		if _, got, err := conn.Read(s.t.Context()); string(got) != want {
			s.t.Errorf("message = %s, %v, want %s", got, err, want)
		}
	}
	return conn
}
