package playground_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/graph/playground"
	"wisphub-graphql/graph/playground/playgroundtest"
)

// What a person does: log in, run an example, run a query and a subscription of their own. All of it stays on this
// host, under the content security policy, and leaves no token behind.
func TestPage(t *testing.T) {
	t.Parallel()
	fake, url := newPage(t)
	page := playgroundtest.Session(t, url)
	page.Login("ana", "secret")

	examples := playground.Examples()
	if got := page.Query(); got != examples[0].Query {
		t.Errorf("the first tab holds %q, want the first example", got)
	}
	if got := page.OpenExample(3); got != examples[3].Query {
		t.Errorf("OpenExample(3) shows %q, want %q", got, examples[3].Query)
	}
	if got := page.RunShown(); !strings.Contains(got, "good morning") {
		t.Errorf("RunShown() = %q, want the answer", got)
	}
	for query, want := range map[string]string{"query Mine { greeting }": "good morning", "subscription { ticks }": "two"} {
		if got := page.Run(query); !strings.Contains(got, want) {
			t.Errorf("Run(%q) = %q, want %q in it", query, got, want)
		}
	}
	page.Click(`button[aria-label="Open settings dialog"]`)
	page.Click(`.graphiql-dialog button[data-theme="dark"]`)
	page.Screenshot(filepath.Join(t.TempDir(), "page.png"))
	checkLeavesNoTrace(t, page, url)
	if got := fake.unauthorized.Load(); got > 0 {
		t.Errorf("%d requests without a good token, want none", got)
	}
}

func checkLeavesNoTrace(t *testing.T, page *playgroundtest.Browser, url string) {
	t.Helper()
	for _, address := range page.Requests() {
		if !strings.HasPrefix(address, url+"/") && !strings.HasPrefix(address, "data:") {
			t.Errorf("the page asked for %s, want nothing outside of %s", address, url)
		}
	}
	if found := page.ConsoleErrors(); len(found) > 0 {
		t.Errorf("console errors = %q, want none", found)
	}
	if stored := page.Storage(); strings.Contains(stored, token) || !strings.Contains(stored, "Mine") {
		t.Errorf("storage = %s, want the query and no token", stored)
	}
}

func TestPageLogsInAndOut(t *testing.T) {
	t.Parallel()
	fake, url := newPage(t)
	page := playgroundtest.Session(t, url)
	for _, test := range []struct{ username, want string }{
		{"ana", "Incorrect username or password."},
		{"bot", "Too many requests. Try again in 30 s."},
	} {
		if got := page.LoginRefused(test.username, "wrong"); got != test.want {
			t.Errorf("login as %s says %q, want %q", test.username, got, test.want)
		}
	}
	page.Login("ana", "secret")
	if got := page.Caller(); !strings.HasPrefix(got, "ana until ") || !strings.Contains(got, "2030") {
		t.Errorf("Caller() = %q, want ana and the date of the expiry", got)
	}
	if page.RunShown(); !strings.Contains(page.Text(), "good morning") {
		t.Errorf("the page shows %q, want the answer in it", page.Text())
	}
	page.Logout()
	if strings.Contains(page.Text(), "good morning") {
		t.Errorf("after the logout the page shows %q, want no answer in it", page.Text())
	}
	select {
	case <-fake.loggedOut:
	case <-time.After(10 * time.Second):
		t.Error("the server was not told of the logout, want its token ended")
	}
	page.Login("ana", "secret")
	if got := fake.unauthorized.Load(); got > 0 {
		t.Errorf("%d requests without a good token, want none", got)
	}
}

func TestPageAsksAgainWhenTheSessionExpires(t *testing.T) {
	t.Parallel()
	const query = "query Mine { greeting }"
	fake, url := newPage(t)
	page := playgroundtest.Session(t, url)
	page.Login("ana", "secret")

	fake.expired.Store(true)
	page.Run(query)
	if got := page.Message(); !strings.Contains(got, "expired") {
		t.Errorf("after a 401 the form says %q, want that the session has expired", got)
	}
	fake.expired.Store(false)
	page.Login("ana", "secret")
	if got := page.Query(); got != query {
		t.Errorf("after the second login the editor holds %q, want %q as it was", got, query)
	}
	if got := page.RunShown(); !strings.Contains(got, "good morning") {
		t.Errorf("RunShown() = %q, want the answer", got)
	}
}
