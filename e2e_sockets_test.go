package main

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"

	"wisphub-graphql/httpserver"
)

// Test15_4_PenaltyOnSockets expects the penalty of refused requests for refused documents on a
// WebSocket.
func Test15_4_PenaltyOnSockets(t *testing.T) {
	t.Parallel()
	s, _ := startApp(t, newRunningTask(t), nil)
	s.login("ana", "a password")
	conn := s.socket(s.url)
	began := time.Now()
	const further = 2
	for range httpserver.FreeRefusals + further + 1 {
		if err := conn.Write(t.Context(), websocket.MessageText, []byte(`{"id":"2","type":"subscribe","payload":{"query":"{"}}`)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := conn.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took < further*httpserver.DefaultPenalty {
		t.Errorf("%d refusals beyond the free ones took %v, want a pause of %v each", further, took, httpserver.DefaultPenalty)
	}
}

// Test15_4_RefusedUpgrades expects the penalty for refused handshakes, too.
func Test15_4_RefusedUpgrades(t *testing.T) {
	t.Parallel()
	s, a := startApp(t, newRunningTask(t), nil)
	a.penalty.Delay = 300 * time.Millisecond
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	defer client.CloseIdleConnections()
	began := time.Now()
	for range httpserver.FreeRefusals + 2 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/graphql", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Upgrade", "websocket") // without the other headers
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body) // so that the connection is used again
		if response.Body.Close(); response.StatusCode != http.StatusUpgradeRequired {
			t.Errorf("half a handshake = %d, want 426", response.StatusCode)
		}
	}
	if took := time.Since(began); took < a.penalty.Delay {
		t.Errorf("all refusals took %v, want a pause of %v", took, a.penalty.Delay)
	}
}
