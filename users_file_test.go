package main

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/config"
)

// newTestUsersFile returns a users file with the user bot, and its watcher, whose check the test
// calls.
func newTestUsersFile(t *testing.T) (path string, file *usersFile, log *logBuffer) {
	t.Helper()
	path = writeFile(t, "bot:"+testHash+"\n", 0o600)
	settings := &config.Settings{APIUsersFile: path, JWTSecretKey: config.NewSecret(strings.Repeat("k", 40)), JWTAccessTokenExpireMinutes: 1}
	log = &logBuffer{}
	file = newUsersFile(settings, newLogger(&config.Settings{LogLevel: "info"}, log))
	var err error
	if file.service, err = newAuth(settings, nil, file.logger); err != nil {
		t.Fatal(err)
	}
	return path, file, log
}

// TestUsersFile_Invalid expects the previous users to stay, and one log line without the content
// of the file.
func TestUsersFile_Invalid(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(path string) error{
		"nonsense": func(path string) error { return os.WriteFile(path, []byte("canary:canary:canary\n"), 0o600) },
		"empty":    func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"gone":     os.Remove,
		"a folder": func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
		"too long": func(path string) error { return os.WriteFile(path, make([]byte, maxUsersFileBytes+1), 0o600) },
	} {
		path, file, log := newTestUsersFile(t)
		token, err := file.service.Login(t.Context(), "bot", "a password")
		if err != nil {
			t.Fatal(err)
		}
		if err := spoil(path); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			file.check()
		}
		if got := strings.Count(log.String(), "is invalid"); got != 1 {
			t.Errorf("%s: logged %d times, want once: %s", name, got, log)
		}
		if _, err := file.service.Verify(token.AccessToken); err != nil {
			t.Errorf("%s: Verify = %v, want the previous users", name, err)
		}
		if text := log.String(); strings.Contains(text, "canary") || strings.Contains(text, path) {
			t.Errorf("%s: log = %s, want neither content nor path of the file", name, text)
		}
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		replace(t, path, "zoe:"+testHash+"\n")
		for range 3 {
			file.check()
		}
		if _, err := file.service.Verify(token.AccessToken); err == nil || !strings.Contains(log.String(), "new users are active") {
			t.Errorf("%s: log = %s, want the valid file loaded", name, log)
		}
	}
}

// TestUsersFile_ReadWhenStable expects the file to be read once per change, after it has stopped
// changing.
func TestUsersFile_ReadWhenStable(t *testing.T) {
	t.Parallel()
	path, file, log := newTestUsersFile(t)
	steps := []struct {
		content string // "" for no change
		loaded  bool
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
			at := time.Now().Add(time.Duration(i) * time.Second) // as if the checks were a second apart
			if err := os.Chtimes(path, at, at); err != nil {
				t.Fatal(err)
			}
		}
		before := log.String()
		file.check()
		if logged := strings.TrimPrefix(log.String(), before); strings.Contains(logged, "new users are active") != step.loaded || strings.Contains(logged, "ERROR") {
			t.Errorf("step %d: log = %q, want the file loaded: %t", i, logged, step.loaded)
		}
	}
}

// TestUsersFile_HashCosts expects a warning without names at startup and at each reload.
func TestUsersFile_HashCosts(t *testing.T) {
	t.Parallel()
	const warning = "level=WARN msg=\"the users' password hashes differ in cost"
	costlier := strings.Replace(testHash, "$04$", "$05$", 1)
	mixed := "bot:" + testHash + "\ncanary:" + costlier + "\n"
	_, _, started := startUsersFile(t, http.NotFoundHandler(), mixed)
	path, file, reloaded := newTestUsersFile(t)
	if strings.Contains(reloaded.String(), warning) {
		t.Errorf("log = %s, want no warning for one cost", reloaded)
	}
	replace(t, path, mixed)
	for range 3 {
		file.check()
	}
	for when, log := range map[string]*logBuffer{"start": started, "reload": reloaded} {
		if text := log.String(); strings.Count(text, warning) != 1 || strings.Contains(text, "canary") {
			t.Errorf("log of the %s = %s, want one warning without names", when, text)
		}
	}
}

// Test15_10_UsersFileIsSavedBeforeItIsLogged expects the log to call new users active only after it was
// saved whose sessions ended, and to warn when that failed.
func Test15_10_UsersFileIsSavedBeforeItIsLogged(t *testing.T) {
	t.Parallel()
	for want, failure := range map[string]error{
		`level=INFO msg="users file changed; new users are active"`:                                                         nil,
		`level=WARN msg="users file changed; new users are active here, but it is not saved yet which sessions this ended"`: errors.New("the disk is full"),
	} {
		path, file, log := newTestUsersFile(t)
		waited := false
		file.service.OnChange(func() func() error {
			return func() error {
				waited = !strings.Contains(log.String(), "users are active")
				return failure
			}
		})
		replace(t, path, "eva:"+testHash+"\n")
		file.check()
		file.check() // the file is stable
		if !waited || !strings.Contains(log.String(), want) {
			t.Errorf("waited: %t, log: %s, want %s after the wait", waited, log, want)
		}
	}
}
