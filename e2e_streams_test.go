package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"wisphub-graphql/wisphub/wisphubtest"
)

// TestStreams_OutliveTimeouts expects subscriptions to continue after the timeouts of the server,
// through all middleware.
func TestStreams_OutliveTimeouts(t *testing.T) {
	t.Parallel()
	simulator := newRunningTask(t)
	_, a := startApp(t, simulator, nil)
	server := httptest.NewUnstartedServer(a.handler)
	server.Config.ReadTimeout, server.Config.WriteTimeout = 300*time.Millisecond, 300*time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	s := &site{t: t, url: server.URL}
	s.login("ana", "a password")
	lines, conn := s.subscribe(), s.socket(server.URL)
	time.Sleep(500 * time.Millisecond)
	simulator.PutTask(runningTaskID, wisphubtest.TaskScript{States: []string{wisphubtest.TaskSuccess}})
	s.wantLine(lines, `data: {"data":{"taskUpdated":{"status":"SUCCESS"}}}`)
	s.wantLine(lines, "event: complete")
	if _, got, err := conn.Read(t.Context()); !strings.Contains(string(got), `"status":"SUCCESS"`) {
		t.Errorf("message = %s, %v, want the success", got, err)
	}
}

// TestStop_EndsStreams expects sockets to be told why they are closed, and a stop within the grace
// period.
func TestStop_EndsStreams(t *testing.T) {
	t.Parallel()
	_, a := startApp(t, newRunningTask(t), map[string]string{"API_PASSWORD_HASH": testHash})
	s, stop, served := startServing(t, a)
	s.login("ana", "a password")
	lines, conn := s.subscribe(), s.socket(s.url)
	start := time.Now()
	stop()
	if _, got, err := conn.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("message = %s, %v, want close code going away", got, err)
	}
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "event:") {
			t.Errorf("the stream ends with %s, want no event, so that the caller reconnects", lines.Text())
		}
	}
	if err := <-served; err != nil || time.Since(start) > a.grace {
		t.Errorf("serveOn = %v after %v, want nil within %v", err, time.Since(start), a.grace)
	}
}

// TestWebSocket_Origins expects the origins of CORS, because browsers send no preflight for a
// WebSocket.
func TestWebSocket_Origins(t *testing.T) {
	t.Parallel()
	plain, _ := startApp(t, newRunningTask(t), nil)
	listed, _ := startApp(t, newRunningTask(t), map[string]string{"CORS_ALLOWED_ORIGINS": "https://panel.example.com"})
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
			t.Errorf("Dial(origin %s) = %v, want allowed %v", c.origin, err, c.allowed)
		}
		if err == nil {
			_ = conn.CloseNow()
		}
	}
}
