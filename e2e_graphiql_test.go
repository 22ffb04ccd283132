package main

import (
	"path/filepath"
	"strings"
	"testing"

	"wisphub-graphql/graph/playground/playgroundtest"
)

// TestGraphiQL logs in with a browser, runs the first example and reads the answer. go test
// -artifacts keeps the screenshot.
func TestGraphiQL(t *testing.T) {
	t.Parallel()
	s, _ := startDemo(t, nil)
	browser := playgroundtest.Session(t, s.url)
	browser.Login("demo", "demo")
	result := browser.Run("{ clients(search: \"maria\", first: 3) { totalCount nodes { name plan { name price } zone { name } } } }")
	if !strings.Contains(result, `"totalCount"`) || strings.Contains(result, `"errors"`) {
		t.Errorf("Run = %s, want totalCount and no errors", result)
	}
	browser.Screenshot(filepath.Join(t.ArtifactDir(), "graphiql.png"))
	if stored := browser.Storage(); strings.Contains(stored, "eyJ") || !strings.Contains(stored, "totalCount") {
		t.Errorf("storage = %s, want the query and no token", stored)
	}
	for _, request := range browser.Requests() {
		if !strings.HasPrefix(request, s.url) && !strings.HasPrefix(request, "data:") && !strings.HasPrefix(request, "blob:") {
			t.Errorf("the page requests another host: %s", request)
		}
	}
	if problems := browser.ConsoleErrors(); len(problems) > 0 {
		t.Errorf("errors in the page's console: %s", strings.Join(problems, "\n"))
	}
}
