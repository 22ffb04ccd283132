package playground_test

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"wisphub-graphql/graph/playground"
)

const bigScript = "/playground/assets/graphiql/graphiql.min.js"

var handler = playground.Handler()

func serve(method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func TestHandler_Paths(t *testing.T) {
	t.Parallel()
	tests := []struct {
		method, path string
		status       int
		contentType  string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8"},
		{"HEAD", "/", 200, "text/html; charset=utf-8"},
		{"GET", "/playground/app.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/playground/app.css", 200, "text/css; charset=utf-8"},
		{"GET", "/playground/icon.svg", 200, "image/svg+xml"},
		{"GET", "/playground/examples.json", 200, "application/json"},
		{"GET", bigScript, 200, "text/javascript; charset=utf-8"},
		{"GET", "/playground/assets/graphiql/LICENSE", 200, "text/plain; charset=utf-8"},
		{"POST", "/", 405, ""},
		{"DELETE", "/playground/app.js", 405, ""},
		{"GET", "/other", 404, ""},
		{"GET", "/playground/", 404, ""},
		{"GET", "/playground/playground.go", 404, ""},
		{"GET", "/playground/assets/graphiql/index.umd.js.map", 404, ""},
	}
	for _, test := range tests {
		w := serve(test.method, test.path)
		if w.Code != test.status {
			t.Errorf("%s %s = %d, want %d", test.method, test.path, w.Code, test.status)
		}
		if got := w.Header().Get("Content-Type"); test.contentType != "" && got != test.contentType {
			t.Errorf("%s %s: Content-Type = %q, want %q", test.method, test.path, got, test.contentType)
		}
	}
}

func TestHandler_SecurityHeaders(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"X-Content-Type-Options": "nosniff",
		"X-Frame-Options":        "DENY",
		"Referrer-Policy":        "no-referrer",
	}
	for _, path := range []string{"/", bigScript, "/other"} {
		header := serve("GET", path).Header()
		for name, value := range want {
			if got := header.Get(name); got != value {
				t.Errorf("GET %s: %s = %q, want %q", path, name, got, value)
			}
		}
		if csp := header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'; script-src 'self';") {
			t.Errorf("GET %s: Content-Security-Policy = %q, want scripts from this host only", path, csp)
		}
	}
}

func TestHandler_NotModified(t *testing.T) {
	t.Parallel()
	for _, encoding := range []string{"identity", "gzip"} {
		first := serve("GET", bigScript, "Accept-Encoding", encoding)
		if got := first.Header().Get("Cache-Control"); got != "no-cache" {
			t.Errorf("Cache-Control = %q, want no-cache", got)
		}
		again := serve("GET", bigScript, "Accept-Encoding", encoding, "If-None-Match", first.Header().Get("ETag"))
		if again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("GET with the %s ETag = %d and %d bytes, want 304 and none", encoding, again.Code, again.Body.Len())
		}
	}
}

func TestHandler_Compresses(t *testing.T) {
	t.Parallel()
	plain := serve("GET", bigScript)
	for accept, want := range map[string]string{
		"": "", "br": "", "gzip;q=0": "", "gzip; q=0.0": "", "deflate, gzip": "gzip", "gzip;q=0.5": "gzip",
	} {
		if got := serve("GET", bigScript, "Accept-Encoding", accept).Header().Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: Content-Encoding = %q, want %q", accept, got, want)
		}
	}
	zipped := serve("GET", bigScript, "Accept-Encoding", "gzip")
	if small, big := zipped.Body.Len(), plain.Body.Len(); small > big/2 {
		t.Errorf("compressed to %d of %d bytes, want less than half", small, big)
	}
	if plain.Header().Get("ETag") == zipped.Header().Get("ETag") {
		t.Error("the plain and the compressed script have the same ETag, want different ones")
	}
	reader, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(reader); err != nil || string(content) != plain.Body.String() {
		t.Errorf("the compressed script differs from the plain one (error %v)", err)
	}
}

// TestAssets_Unmodified checks that the assets are exactly the files that renew.sh downloaded.
func TestAssets_Unmodified(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("assets/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(list)) {
		fields := strings.Fields(line)
		sums[fields[1]] = fields[0]
	}
	files, err := filepath.Glob("assets/*/*")
	if err != nil || len(files) != len(sums) {
		t.Errorf("assets has %d files (error %v), want the %d of SHA256SUMS", len(files), err, len(sums))
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		if got, want := hex.EncodeToString(sum[:]), sums[strings.TrimPrefix(filepath.ToSlash(file), "assets/")]; got != want {
			t.Errorf("sha256 of %s = %s, want %s", file, got, want)
		}
	}
}

// TestPage_NoOtherHostNoInline checks the page's own files: they refer to no other host and contain
// no inline code, even though the browser would block both.
func TestPage_NoOtherHostNoInline(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/", "/playground/app.js", "/playground/fetcher.js", "/playground/app.css"} {
		if found := regexp.MustCompile(`//[a-z0-9-]+\.|<style|<script>| on[a-z]+="| style="`).FindString(serve("GET", path).Body.String()); found != "" {
			t.Errorf("GET %s contains %q, want no external URL and no inline code", path, found)
		}
	}
}

func TestExamples(t *testing.T) {
	t.Parallel()
	examples := playground.Examples()
	if len(examples) < 5 {
		t.Errorf("Examples() = %d examples, want at least 5", len(examples))
	}
	for _, example := range examples {
		if example.Name == "" || strings.HasPrefix(example.Name, "#") {
			t.Errorf("Example.Name = %q, want the text of the file's first line", example.Name)
		}
		document, err := parser.ParseQuery(&ast.Source{Input: example.Query})
		if err != nil || len(document.Operations) != 1 || len(document.Operations[0].VariableDefinitions) > 0 {
			t.Errorf("%s: want one operation without variables (error %v)", example.Name, err)
		}
	}
	var served []playground.Example
	if err := json.Unmarshal(serve("GET", "/playground/examples.json").Body.Bytes(), &served); err != nil {
		t.Fatal(err)
	}
	if len(served) != len(examples) || served[0] != examples[0] {
		t.Errorf("examples.json = %v, want Examples()", served)
	}
}

// TestPolicy_Strict checks that the policy permits no inline code, eval or wildcard. Only the style
// element with the nonce of the same response is permitted.
func TestPolicy_Strict(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 2 {
		w := serve("GET", "/")
		policy := w.Header().Get("Content-Security-Policy")
		for _, weak := range []string{"unsafe", "*", "http:", "https:", "blob:", "strict-dynamic"} {
			if strings.Contains(policy, weak) {
				t.Errorf("Content-Security-Policy = %q, want no %s", policy, weak)
			}
		}
		nonce := regexp.MustCompile(`style-src 'self' 'nonce-([A-Z2-7]{26})';`).FindStringSubmatch(policy)
		if nonce == nil || seen[nonce[1]] || !strings.Contains(w.Body.String(), `content="`+nonce[1]+`"`) {
			t.Fatalf("Content-Security-Policy = %q, want a new nonce that is also in the page", policy)
		}
		seen[nonce[1]] = true
		if got := w.Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("Cache-Control = %q, want no-store, because the nonce changes with each response", got)
		}
	}
}
