// Package explorer serves a page on which people read the description of the REST face, authorise, and try its calls. Every
// file comes from this binary, so that the page asks no other host for anything. The folder assets holds the published build
// of Swagger UI with its licence, unmodified; renew.sh renews it.
package explorer

import (
	"embed"
	"net/http"

	"wisphub-graphql/page"
)

//go:embed index.html app.js assets
var files embed.FS

// csp lets the page load and call its own host and nothing else. Styles may be inline because Swagger UI writes some into the
// document; scripts may not.
const csp = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self' data:; " +
	"style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// Handler answers GET /docs and /docs/ with the page, and what the page loads beneath it. The page expects the description at
// /api/v1/openapi.json. The handler is safe for concurrent use.
func Handler() http.Handler {
	mux := http.NewServeMux()
	index := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "index.html") })
	mux.Handle("GET /docs", index)
	mux.Handle("GET /docs/{$}", index)
	for _, name := range []string{"app.js", "assets/swagger-ui-bundle.js", "assets/swagger-ui.css", "assets/LICENSE", "assets/NOTICE"} {
		mux.HandleFunc("GET /docs/"+name, func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, name) })
	}
	return page.Secure(csp, mux)
}
