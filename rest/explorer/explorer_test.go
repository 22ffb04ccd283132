package explorer_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wisphub-graphql/rest/explorer"
)

// The assets are exactly the files that renew.sh downloaded.
func TestAssets_Unmodified(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("assets/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{"SHA256SUMS": ""}
	for line := range strings.Lines(string(list)) {
		fields := strings.Fields(line)
		sums[fields[1]] = fields[0]
	}
	files, err := filepath.Glob("assets/*")
	if err != nil || len(files) != len(sums) {
		t.Errorf("assets has %d files (error %v), want SHA256SUMS and the %d files in it", len(files), err, len(sums)-1)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		if got, want := hex.EncodeToString(sum[:]), sums[filepath.Base(file)]; got != want && want != "" {
			t.Errorf("sha256 of %s = %s, want %s", file, got, want)
		}
	}
}

func TestHandler(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]struct {
		status int
		part   string
	}{
		"/docs":                             {200, "<title>WispHub REST"},
		"/docs/":                            {200, "<title>WispHub REST"},
		"/docs/app.js":                      {200, "SwaggerUIBundle"},
		"/docs/assets/swagger-ui.css":       {200, ".swagger-ui"},
		"/docs/assets/swagger-ui-bundle.js": {200, "SwaggerUIBundle"},
		"/docs/assets/LICENSE":              {200, "Apache"},
		"/docs/explorer.go":                 {404, ""},
		"/docs/assets/":                     {404, ""},
		"/docs/../docs/x":                   {404, ""},
	} {
		recorder := httptest.NewRecorder()
		explorer.Handler().ServeHTTP(recorder, httptest.NewRequest("GET", path, nil))
		if recorder.Code != want.status && recorder.Code/100 != 3 || !strings.Contains(recorder.Body.String(), want.part) {
			t.Errorf("GET %s = %d, want %d and a body with %q", path, recorder.Code, want.status, want.part)
		}
		if policy := recorder.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") {
			t.Errorf("GET %s: Content-Security-Policy = %q, want default-src 'none'", path, policy)
		}
	}
}
