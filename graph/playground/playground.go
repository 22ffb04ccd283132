// Package playground serves GraphiQL, a page where developers try the API, with a login form and
// example queries. Every file is embedded in the binary, so the page loads nothing from other
// hosts.
//
// The directory assets contains unmodified published builds of GraphiQL and React with their
// licences. renew.sh updates them.
package playground

import (
	"crypto/rand"
	"embed"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"strings"

	"wisphub-graphql/page"
)

//go:embed index.html app.js fetcher.js app.css icon.svg assets/*/* examples
var files embed.FS

// csp is the Content-Security-Policy: the page may load from and call only its own host. Inline
// code and eval are blocked. data: is allowed because GraphiQL's stylesheet embeds fonts and icons.
const csp = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self' data:; " +
	"style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// Handler serves the page at GET / and its files at GET /playground/…. Other methods are 405, other
// paths 404. The page calls the API at the relative URL graphql. It is safe for concurrent use.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", index(string(mustRead("index.html"))))
	mux.Handle("GET /playground/examples.json", newAsset("examples.json", examplesJSON()))
	for _, pattern := range []string{"*.js", "*.css", "*.svg", "assets/*/*"} {
		for _, name := range mustGlob(pattern) {
			mux.Handle("GET /playground/"+name, newAsset(name, mustRead(name)))
		}
	}
	return page.Secure(csp, mux)
}

// index serves the page with a new nonce for each response, so the page must not be cached.
// GraphiQL inserts a style element when it opens a dialog. The nonce permits that element.
func index(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		nonce := rand.Text()
		header := w.Header()
		header.Set("Content-Security-Policy", strings.Replace(csp, "style-src 'self'", "style-src 'self' 'nonce-"+nonce+"'", 1))
		header.Set("Content-Type", contentTypes[".html"])
		header.Set("Cache-Control", "no-store")
		_, _ = io.WriteString(w, strings.Replace(text, "{{nonce}}", nonce, 1)) // the browser may have disconnected
	}
}

func examplesJSON() []byte {
	content, err := json.Marshal(Examples())
	if err != nil {
		panic(err) // strings always marshal
	}
	return content
}

// mustRead panics on an error, as regexp.MustCompile does. Embedded files are fixed at build time,
// so an error is a programming mistake. The same holds for mustGlob.
func mustRead(name string) []byte {
	content, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return content
}

func mustGlob(pattern string) []string {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		panic(err)
	}
	return names
}
