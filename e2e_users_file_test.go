package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// replace replaces a file atomically, as editors and orchestrators do.
func replace(t *testing.T, path, content string) {
	t.Helper()
	next := writeFile(t, content, 0o600)
	if err := os.Rename(next, path); err != nil {
		t.Fatal(err)
	}
}

// startUsersFile serves an app whose only users are those of a file.
func startUsersFile(t *testing.T, upstream http.Handler, content string) (s *site, path string, log *logBuffer) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "users")
	replace(t, path, content)
	log = &logBuffer{}
	s, _ = startLoggedApp(t, upstream, map[string]string{
		"API_USERS_FILE": path, "API_USERNAME": "", "API_PASSWORD_HASH": "",
	}, log)
	return s, path, log
}

// TestUsersFile_Reload expects removed users to be refused and their streams to end, new users to
// be accepted, and scopes to change.
func TestUsersFile_Reload(t *testing.T) {
	t.Parallel()
	s, path, log := startUsersFile(t, newRunningTask(t), "bot:"+testHash+":support\neva:"+testHash+":operate\n")
	evas := *s
	evas.login("eva", "a password")
	s.login("bot", "a password")
	events, socket := s.subscribe(), s.socket(s.url)
	replace(t, path, "eva:"+testHash+"\nzoe:"+testHash+"\n")
	poll(t, "the removed user is refused", func() bool {
		status, _ := s.query(viewerQuery, nil)
		return status == http.StatusUnauthorized
	})
	if _, got, err := socket.Read(t.Context()); websocket.CloseStatus(err) != 4403 {
		t.Errorf("the socket of the removed user: %s, %v, want close code 4403", got, err)
	}
	rest := ""
	for events.Scan() {
		rest += events.Text() + "\n"
	}
	if !strings.Contains(rest, `"code":"UNAUTHENTICATED"`) || !strings.Contains(rest, "event: complete") {
		t.Errorf("the events of the removed user end with %s, want UNAUTHENTICATED and complete", rest)
	}
	if _, body := evas.query(viewerQuery, nil); body != `{"data":{"viewer":{"username":"eva","scopes":["READ"]}}}` {
		t.Errorf("viewer of eva after she lost a scope = %s, want READ", body)
	}
	s.login("zoe", "a password")
	if body := s.tryLogin("REST", "bot", "a password", http.Header{}); !strings.Contains(body, "Incorrect username") {
		t.Errorf("a login of the removed user = %s, want a refusal", body)
	}
	if got := strings.Count(log.String(), "users file changed"); got != 1 {
		t.Errorf("the log has %d changes of the users file, want one: %s", got, log)
	}
}
