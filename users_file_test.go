package main

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// replace puts a file in the place of another at once, as an editor or an orchestrator does.
func replace(t *testing.T, path, content string) {
	t.Helper()
	next := writeFile(t, content, 0o600)
	if err := os.Rename(next, path); err != nil {
		t.Fatal(err)
	}
}

// usersSite serves the users of a file, where ana is not.
func usersSite(t *testing.T, upstream http.Handler, content string) (s *site, path string, log *logBuffer) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "users")
	replace(t, path, content)
	log = &logBuffer{}
	s, _ = startLoggedApp(t, upstream, map[string]string{
		"API_USERS_FILE": path, "API_USERNAME": "", "API_PASSWORD_HASH": "",
	}, log)
	return s, path, log
}

const viewerQuery = "{ viewer { username scopes } }"

// TestUsersFileIsReadAgain: whoever is gone is nobody, also on what is open; others come, and scopes change.
func TestUsersFileIsReadAgain(t *testing.T) {
	t.Parallel()
	s, path, log := usersSite(t, newTask(t), "bot:"+testHash+":support\neva:"+testHash+":operate\n")
	evas := *s
	evas.login("eva", "a password")
	s.login("bot", "a password")
	events, socket := s.watch(), s.socket(s.url)
	replace(t, path, "eva:"+testHash+"\nzoe:"+testHash+"\n")
	poll(t, "bot is nobody", func() bool {
		status, _ := s.query(viewerQuery, nil)
		return status == http.StatusUnauthorized
	})
	if _, got, err := socket.Read(t.Context()); websocket.CloseStatus(err) != 4403 {
		t.Errorf("the socket of who is gone: %s, %v, want it closed with 4403", got, err)
	}
	rest := ""
	for events.Scan() {
		rest += events.Text() + "\n"
	}
	if !strings.Contains(rest, `"code":"UNAUTHENTICATED"`) || !strings.Contains(rest, "event: complete") {
		t.Errorf("the events of who is gone end with %s, want UNAUTHENTICATED and complete", rest)
	}
	if _, body := evas.query(viewerQuery, nil); body != `{"data":{"viewer":{"username":"eva","scopes":["READ"]}}}` {
		t.Errorf("eva, who has lost a scope = %s, want READ", body)
	}
	s.login("zoe", "a password")
	if body := s.tryLogin("REST", "bot", "a password", http.Header{}); !strings.Contains(body, "Incorrect username") {
		t.Errorf("a login of who is gone = %s", body)
	}
	if got := strings.Count(log.String(), "users file"); got != 1 {
		t.Errorf("the log tells %d times of the users file, want once: %s", got, log)
	}
}

// watchedUsers is a users file, which has bot alone, and its watcher, for a test to call.
func watchedUsers(t *testing.T) (path string, file *usersFile, log *logBuffer) {
	t.Helper()
	path = writeFile(t, "bot:"+testHash+"\n", 0o600)
	settings := &Settings{APIUsersFile: path, JWTSecretKey: newSecret(strings.Repeat("k", 40)), JWTAccessTokenExpireMinutes: 1}
	log = &logBuffer{}
	file = newUsersFile(settings, newLogger(&Settings{LogLevel: "info"}, log))
	var err error
	if file.service, err = newAuth(settings, nil, file.logger); err != nil {
		t.Fatal(err)
	}
	return path, file, log
}

// TestUsersFileThatCannotBeUsed changes nothing and is logged once, without what it says.
func TestUsersFileThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(path string) error{
		"nonsense": func(path string) error { return os.WriteFile(path, []byte("canary:canary:canary\n"), 0o600) },
		"empty":    func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"gone":     os.Remove,
		"a folder": func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
		"too long": func(path string) error { return os.WriteFile(path, make([]byte, maxUsersFileBytes+1), 0o600) },
	} {
		path, file, log := watchedUsers(t)
		token, err := file.service.Login(t.Context(), "bot", "a password")
		if err != nil {
			t.Fatal(err)
		}
		if err := spoil(path); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			file.look()
		}
		if got := strings.Count(log.String(), "cannot be used"); got != 1 {
			t.Errorf("%s: logged %d times, want once: %s", name, got, log)
		}
		if _, err := file.service.Verify(token.AccessToken); err != nil {
			t.Errorf("%s: Verify = %v, want the users of before", name, err)
		}
		if text := log.String(); strings.Contains(text, "canary") || strings.Contains(text, path) {
			t.Errorf("%s: the log tells what the file says, or where it is: %s", name, text)
		}
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		replace(t, path, "zoe:"+testHash+"\n")
		for range 3 {
			file.look()
		}
		if _, err := file.service.Verify(token.AccessToken); err == nil || !strings.Contains(log.String(), "was read") {
			t.Errorf("%s: a file that is good again is not read: %s", name, log)
		}
	}
}

// TestUsersFileIsLeftAloneWhileItIsWritten, and when nothing has changed.
func TestUsersFileIsLeftAloneWhileItIsWritten(t *testing.T) {
	t.Parallel()
	path, file, log := watchedUsers(t)
	steps := []struct {
		content string // "" for no change
		read    bool
	}{
		{"", false}, {"", false},
		{"bot:" + testHash + "\nzoe", false},                    // half of it
		{"bot:" + testHash + "\nzoe:" + testHash + "\n", false}, // all of it
		{"", true}, {"", false},
		{"bot:" + testHash + "\nzo2:" + testHash + "\n", false}, // as long as before
		{"", true}, {"", false},
	}
	for i, step := range steps {
		if step.content != "" {
			if err := os.WriteFile(path, []byte(step.content), 0o600); err != nil {
				t.Fatal(err)
			}
			at := time.Now().Add(time.Duration(i) * time.Second) // the look after this comes a second later
			if err := os.Chtimes(path, at, at); err != nil {
				t.Fatal(err)
			}
		}
		before := log.String()
		file.look()
		if news := strings.TrimPrefix(log.String(), before); strings.Contains(news, "was read") != step.read || strings.Contains(news, "ERROR") {
			t.Errorf("step %d: the log says %q, want it read: %t", i, news, step.read)
		}
	}
}

// TestHashesOfSeveralCosts are warned of at the start and when the file is read again, without a name.
func TestHashesOfSeveralCosts(t *testing.T) {
	t.Parallel()
	const warning = "level=WARN msg=\"the users' password hashes differ in cost"
	costlier := strings.Replace(testHash, "$04$", "$05$", 1)
	mixed := "bot:" + testHash + "\ncanary:" + costlier + "\n"
	_, _, started := usersSite(t, http.NotFoundHandler(), mixed)
	path, file, reloaded := watchedUsers(t)
	if strings.Contains(reloaded.String(), warning) {
		t.Errorf("one cost is warned of: %s", reloaded)
	}
	replace(t, path, mixed)
	for range 3 {
		file.look()
	}
	for when, log := range map[string]*logBuffer{"start": started, "reload": reloaded} {
		if text := log.String(); strings.Count(text, warning) != 1 || strings.Contains(text, "canary") {
			t.Errorf("the log of the %s is %s, want one warning and no name", when, text)
		}
	}
}
