package playground_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/graph/playground"
	"wisphub-graphql/graph/playground/playgroundtest"
)

// TestPage_UserRunsQueries logs in and runs an example, a query and a subscription. The page must
// load nothing from other hosts, comply with its Content-Security-Policy and store no token.
func TestPage_UserRunsQueries(t *testing.T) {
	t.Parallel()
	fake, url := newPage(t)
	page := playgroundtest.Session(t, url)
	page.Login("ana", "secret")

	examples := playground.Examples()
	if got := page.Query(); got != examples[0].Query {
		t.Errorf("the first tab contains %q, want the first example", got)
	}
	if got := page.OpenExample(3); got != examples[3].Query {
		t.Errorf("OpenExample(3) shows %q, want %q", got, examples[3].Query)
	}
	if got := page.RunCurrent(); !strings.Contains(got, "good morning") {
		t.Errorf("RunCurrent() = %q, want the response", got)
	}
	for query, want := range map[string]string{"query Mine { greeting }": "good morning", "subscription { ticks }": "two"} {
		if got := page.Run(query); !strings.Contains(got, want) {
			t.Errorf("Run(%q) = %q, want %q in it", query, got, want)
		}
	}
	page.Click(`button[aria-label="Open settings dialog"]`)
	page.Click(`.graphiql-dialog button[data-theme="dark"]`)
	page.Screenshot(filepath.Join(t.TempDir(), "page.png"))
	checkStoresNoToken(t, page, url)
	if got := fake.unauthorized.Load(); got > 0 {
		t.Errorf("%d requests without a valid token, want none", got)
	}
}

func checkStoresNoToken(t *testing.T, page *playgroundtest.Browser, url string) {
	t.Helper()
	for _, address := range page.Requests() {
		if !strings.HasPrefix(address, url+"/") && !strings.HasPrefix(address, "data:") {
			t.Errorf("the page requested %s, want only URLs of %s", address, url)
		}
	}
	if found := page.ConsoleErrors(); len(found) > 0 {
		t.Errorf("console errors = %q, want none", found)
	}
	if stored := page.Storage(); strings.Contains(stored, token) || !strings.Contains(stored, "Mine") {
		t.Errorf("storage = %s, want the query but no token", stored)
	}
}

func TestPage_LogsInAndOut(t *testing.T) {
	t.Parallel()
	fake, url := newPage(t)
	page := playgroundtest.Session(t, url)
	for _, test := range []struct{ username, want string }{
		{"ana", "Incorrect username or password."},
		{"bot", "Too many requests. Try again in 30 s."},
	} {
		if got := page.LoginRefused(test.username, "wrong"); got != test.want {
			t.Errorf("the message after a login as %s = %q, want %q", test.username, got, test.want)
		}
	}
	page.Login("ana", "secret")
	if got := page.Caller(); !strings.HasPrefix(got, "ana until ") || !strings.Contains(got, "2030") {
		t.Errorf("Caller() = %q, want ana and the expiry date", got)
	}
	if page.RunCurrent(); !strings.Contains(page.Text(), "good morning") {
		t.Errorf("the page shows %q, want the response in it", page.Text())
	}
	page.Logout()
	if strings.Contains(page.Text(), "good morning") {
		t.Errorf("after logging out the page shows %q, want no response in it", page.Text())
	}
	select {
	case <-fake.loggedOut:
	case <-time.After(10 * time.Second):
		t.Error("the server received no logout within 10 s")
	}
	page.Login("ana", "secret")
	if got := fake.unauthorized.Load(); got > 0 {
		t.Errorf("%d requests without a valid token, want none", got)
	}
}

func TestPage_ExpiredSessionShowsLogin(t *testing.T) {
	t.Parallel()
	const query = "query Mine { greeting }"
	fake, url := newPage(t)
	page := playgroundtest.Session(t, url)
	page.Login("ana", "secret")

	fake.expired.Store(true)
	page.Run(query)
	if got := page.Message(); !strings.Contains(got, "expired") {
		t.Errorf("the message after a 401 = %q, want that the session has expired", got)
	}
	fake.expired.Store(false)
	page.Login("ana", "secret")
	if got := page.Query(); got != query {
		t.Errorf("after the second login the editor contains %q, want %q unchanged", got, query)
	}
	if got := page.RunCurrent(); !strings.Contains(got, "good morning") {
		t.Errorf("RunCurrent() = %q, want the response", got)
	}
}
