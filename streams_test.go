package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"wisphub-graphql/wisphub/wisphubtest"
)

const watched = "0e37df36-f698-4bd2-9a3d-1d3e8a0c9b1e"

// newTask returns an invented WispHub with a task that goes on until the test changes it.
func newTask(t *testing.T) *wisphubtest.Server {
	t.Helper()
	simulator := wisphubtest.New(wisphubtest.Config{Clients: 5})
	t.Cleanup(simulator.Close)
	simulator.PutTask(watched, wisphubtest.TaskScript{States: []string{wisphubtest.TaskPending}})
	return simulator
}

// subscription is the body of a request to watch the task.
func subscription(t *testing.T) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": `subscription{taskUpdated(taskId:"` + watched + `"){status}}`})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// watch asks for the task's events and reads the first.
func (s *site) watch() *bufio.Scanner {
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

// wantLine reads until there is such a line.
func (s *site) wantLine(lines *bufio.Scanner, want string) {
	s.t.Helper()
	for lines.Scan() {
		if lines.Text() == want {
			return
		}
	}
	s.t.Errorf("the stream ends (%v) without %s", lines.Err(), want)
}

// socket opens a WebSocket as a page of the origin, watches the task and reads its state.
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

// TestStreamsOutliveTheDeadlines that a server has for requests which end, through all that wraps the handler.
func TestStreamsOutliveTheDeadlines(t *testing.T) {
	t.Parallel()
	simulator := newTask(t)
	_, a := startApp(t, simulator, nil)
	server := httptest.NewUnstartedServer(a.handler)
	server.Config.ReadTimeout, server.Config.WriteTimeout = 300*time.Millisecond, 300*time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	s := &site{t: t, url: server.URL}
	s.login("ana", "a password")
	lines, conn := s.watch(), s.socket(server.URL)
	time.Sleep(500 * time.Millisecond)
	simulator.PutTask(watched, wisphubtest.TaskScript{States: []string{wisphubtest.TaskSuccess}})
	s.wantLine(lines, `data: {"data":{"taskUpdated":{"status":"SUCCESS"}}}`)
	s.wantLine(lines, "event: complete")
	if _, got, err := conn.Read(t.Context()); !strings.Contains(string(got), `"status":"SUCCESS"`) {
		t.Errorf("message = %s, %v, want the success", got, err)
	}
}

// TestStopEndsStreams well within the time that containers are given, and tells sockets why.
func TestStopEndsStreams(t *testing.T) {
	t.Parallel()
	_, a := startApp(t, newTask(t), map[string]string{"API_PASSWORD_HASH": testHash})
	ctx, stop := newStop(t)
	served := make(chan error, 1)
	listener := listen(t)
	go func() { served <- a.serveOn(ctx, listener) }()
	s := &site{t: t, url: "http://" + listener.Addr().String()}
	s.login("ana", "a password")
	lines, conn := s.watch(), s.socket(s.url)
	began := time.Now()
	stop()
	if _, got, err := conn.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("message = %s, %v, want the socket closed: going away", got, err)
	}
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "event:") {
			t.Errorf("the stream ends with %s, want no word, so that the caller comes back", lines.Text())
		}
	}
	if err := <-served; err != nil || time.Since(began) > a.grace {
		t.Errorf("serveOn = %v after %v, want nil within %v", err, time.Since(began), a.grace)
	}
	http.DefaultClient.CloseIdleConnections()
}

// TestOriginsOfSockets are those of CORS: browsers ask nobody before they open one.
func TestOriginsOfSockets(t *testing.T) {
	t.Parallel()
	plain, _ := startApp(t, newTask(t), nil)
	listed, _ := startApp(t, newTask(t), map[string]string{"CORS_ALLOWED_ORIGINS": "https://panel.example.com"})
	demo, _ := startDemo(t, nil, "-clients", "5")
	for _, c := range []struct {
		s       *site
		origin  string
		allowed bool
	}{
		{plain, plain.url, true},
		{plain, "https://panel.example.com", false},
		{plain, "http://127.0.0.1:5173", false},
		{listed, "https://panel.example.com", true},
		{listed, "https://panel.example.com.evil", false},
		{demo, "http://localhost:5173", true},
		{demo, "https://panel.example.com", false},
	} {
		conn, response, err := websocket.Dial(t.Context(), c.s.url+"/graphql", &websocket.DialOptions{
			HTTPHeader: http.Header{"Origin": {c.origin}}, Subprotocols: []string{"graphql-transport-ws"},
		})
		if (err == nil) != c.allowed || !c.allowed && response.StatusCode != http.StatusForbidden {
			t.Errorf("a socket for %s = %v, allowed should be %v", c.origin, err, c.allowed)
		}
		if err == nil {
			_ = conn.CloseNow()
		}
	}
}
