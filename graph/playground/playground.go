// Package playground serves GraphiQL, the page on which people try the API: a login form, example queries, and every
// file from this binary, so that the page asks no other host for anything. The folder assets holds the published builds
// of GraphiQL and React with their licences, unmodified; renew.sh renews them.
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

// csp lets the page load and call its own host and nothing else; nothing is inline, and nothing evaluated. GraphiQL's
// stylesheet carries its fonts and icons as data URLs.
const csp = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self' data:; " +
	"style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// Handler answers GET / with the page and GET /playground/… with what the page loads; other methods get 405, other
// paths 404. The page expects the API at graphql, relative to itself. The handler is safe for concurrent use.
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

// index answers with the page and a nonce, a new one each time, so that nobody keeps it. GraphiQL writes a style into the
// document when it opens a dialog, and the nonce is what lets that one pass.
func index(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		nonce := rand.Text()
		header := w.Header()
		header.Set("Content-Security-Policy", strings.Replace(csp, "style-src 'self'", "style-src 'self' 'nonce-"+nonce+"'", 1))
		header.Set("Content-Type", contentTypes[".html"])
		header.Set("Cache-Control", "no-store")
		_, _ = io.WriteString(w, strings.Replace(text, "{{nonce}}", nonce, 1)) // who has gone away needs no page
	}
}

func examplesJSON() []byte {
	content, err := json.Marshal(Examples())
	if err != nil {
		panic(err) // two strings always marshal
	}
	return content
}

// mustRead and mustGlob panic, as regexp.MustCompile does: what is embedded was settled when the binary was built.
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
