package main

import (
	"path/filepath"
	"strings"
	"testing"

	"wisphub-graphql/graph/playground/playgroundtest"
)

// TestDocs opens the description of the REST API in a browser, authorizes and tries a call. go
// test -artifacts keeps the screenshot.
func TestDocs(t *testing.T) {
	t.Parallel()
	s, _ := startDemo(t, nil, "-clients", "300")
	page := playgroundtest.Open(t, s.url+"/docs", ".swagger-ui .opblock")
	page.Click("button.authorize")
	page.Type("#oauth_username", "demo")
	page.Type("#oauth_password", "demo")
	page.Click(".auth-btn-wrapper button.authorize")
	page.WaitGone("#oauth_password") // the page is authorized
	page.Click(".auth-btn-wrapper button.btn-done")
	const list = "#operations-default-listClients "
	page.Click(list + ".opblock-summary-control")
	page.Click(list + "button.try-out__btn")
	page.Type(list+`tr[data-param-name="limit"] input`, "1")
	page.Click(list + "button.execute")
	page.Click(list + ".live-responses-table .response .highlight-code")
	if text := page.Text(); !strings.Contains(text, `"action": "CLIENTS_LISTED"`) {
		t.Errorf("the page shows %.2000s, want the answer", text)
	}
	page.Screenshot(filepath.Join(t.ArtifactDir(), "docs.png"))
	for _, request := range page.Requests() {
		if !strings.HasPrefix(request, s.url) && !strings.HasPrefix(request, "data:") && !strings.HasPrefix(request, "blob:") {
			t.Errorf("the page requests another host: %s", request)
		}
	}
	if problems := page.ConsoleErrors(); len(problems) > 0 {
		t.Errorf("errors in the page's console: %s", strings.Join(problems, "\n"))
	}
	if stored := page.Storage(); strings.Contains(stored, "eyJ") {
		t.Errorf("the page stores a token: %s", stored)
	}
}
