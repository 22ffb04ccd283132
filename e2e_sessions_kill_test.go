package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"wisphub-graphql/cache/cachetest"
)

// roundsInTest is an environment variable with the number of rounds of the kill tests.
const roundsInTest = "WISPHUB_GRAPHQL_TEST_ROUNDS"

// killRounds returns how often a test kills the program.
func killRounds(t *testing.T) int {
	t.Helper()
	text := os.Getenv(roundsInTest)
	if text == "" {
		return 20
	}
	rounds, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return rounds
}

// endedSession is a session whose logout the server has confirmed.
type endedSession struct{ tokens []string }

// openSession logs in and renews, and returns both tokens.
func (s *site) openSession() []string {
	s.t.Helper()
	at := s.withToken("")
	at.login("ana", testPassword)
	var answer struct{ RenewToken struct{ AccessToken string } }
	at.query("mutation { renewToken { accessToken } }", &answer)
	return []string{at.token, answer.RenewToken.AccessToken}
}

// logoutsAtOnce logs out of two sessions at once, at one site each. It calls kill when the first logout
// is confirmed, or after both, and returns the confirmed ones.
func logoutsAtOnce(sites [2]*site, afterBoth bool, kill func()) (ended []endedSession) {
	var group sync.WaitGroup
	var mu sync.Mutex
	var once sync.Once
	for i, s := range sites {
		tokens := s.openSession()
		sites[i] = s.withToken(tokens[i]) // the login's token at one, the renewed one at the other
		ended = append(ended, endedSession{tokens})
	}
	var confirmed []endedSession
	for i, s := range sites {
		group.Go(func() {
			var answer struct{ Logout bool }
			if !s.tryQuery("mutation { logout }", &answer) || !answer.Logout {
				return
			}
			if !afterBoth {
				once.Do(kill)
			}
			mu.Lock()
			defer mu.Unlock()
			confirmed = append(confirmed, ended[i])
		})
	}
	group.Wait()
	once.Do(kill)
	return confirmed
}

// cameBack counts the tokens of ended sessions that the site accepts.
func (s *site) cameBack(ended []endedSession) (count int) {
	s.t.Helper()
	for _, session := range ended {
		for _, token := range session.tokens {
			if s.withToken(token).authenticated() {
				count++
			}
		}
	}
	return count
}

// Test15_10_LogoutsSurviveAKill kills the program as soon as it has confirmed one of two logouts at
// once, or both. After a restart it must refuse all tokens of each confirmed session.
func Test15_10_LogoutsSurviveAKill(t *testing.T) {
	t.Parallel()
	environ := testEnviron("http://127.0.0.1:1", map[string]string{"CACHE_DIR": t.TempDir()})
	p := startProcess(t, environ)
	confirmed, back := 0, 0
	for round := range killRounds(t) {
		ended := logoutsAtOnce([2]*site{p.site, p.site}, round%2 == 0, p.kill)
		http.DefaultClient.CloseIdleConnections()
		p = startProcess(t, environ)
		confirmed, back = confirmed+len(ended), back+p.cameBack(ended)
	}
	t.Logf("%d confirmed logouts, %d tokens came back", confirmed, back)
	if back > 0 || confirmed == 0 {
		t.Errorf("%d tokens of %d confirmed logouts are valid again, want none", back, confirmed)
	}
}

// Test15_10_LogoutsSurviveAKillOfTwo logs out at two processes at once, and kills both. They share
// CACHE_DIR, as during a restart, or the store, as replicas. Their successors must know of both logouts
// from their first answer on.
func Test15_10_LogoutsSurviveAKillOfTwo(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]func(*testing.T) (name, value string){
		"CACHE_DIR": func(t *testing.T) (string, string) { return "CACHE_DIR", t.TempDir() },
		"CACHE_URL": func(t *testing.T) (string, string) { return "CACHE_URL", cachetest.StartServer(t).URL() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			setting, value := place(t)
			environ := testEnviron("http://127.0.0.1:1", map[string]string{setting: value})
			one, other := startTwo(t, environ)
			confirmed, back := 0, 0
			for round := range killRounds(t) {
				ended := logoutsAtOnce([2]*site{one.site, other.site}, round%2 == 0, func() {
					one.kill()
					other.kill()
				})
				http.DefaultClient.CloseIdleConnections()
				one, other = startTwo(t, environ)
				confirmed, back = confirmed+len(ended), back+one.cameBack(ended)+other.cameBack(ended)
			}
			t.Logf("%d confirmed logouts, %d tokens came back", confirmed, back)
			if back > 0 || confirmed == 0 {
				t.Errorf("%d tokens of %d confirmed logouts are valid again, want none", back, confirmed)
			}
		})
	}
}

// Test15_10_RemovedUsersSurviveAKill removes a user, kills the program as soon as it logs that, and
// starts it with the user again. The user's tokens must stay invalid.
func Test15_10_RemovedUsersSurviveAKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "users")
	both := "ana:" + testHash + "\nbot:" + testHash + "\n"
	replace(t, path, both)
	environ := testEnviron("http://127.0.0.1:1", map[string]string{"CACHE_DIR": t.TempDir(), "API_USERS_FILE": path})
	delete(environ, "API_USERNAME")
	delete(environ, "API_PASSWORD_HASH")
	p := startProcess(t, environ)
	bot := p.withToken("")
	bot.login("bot", testPassword)
	replace(t, path, "ana:"+testHash+"\n")
	poll(t, "the new users are active", func() bool { return strings.Contains(p.log.String(), `new users are active"`) })
	p.kill()
	http.DefaultClient.CloseIdleConnections()
	replace(t, path, both)
	p = startProcess(t, environ)
	if p.withToken(bot.token).authenticated() {
		t.Error("the token of a user who was removed and added again is valid")
	}
}

// startTwo starts two processes at once.
func startTwo(t *testing.T, environ map[string]string) (one, other *process) {
	t.Helper()
	one, other = launchProcess(t, environ), launchProcess(t, environ)
	one.awaitLogin()
	other.awaitLogin()
	return one, other
}
