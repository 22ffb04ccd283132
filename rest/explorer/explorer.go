// Package explorer serves Swagger UI at /docs, where developers of bots read the description of the
// REST API and try its routes. All files are embedded, so that the page loads nothing from another
// host. The directory assets has the published build of Swagger UI, unmodified, with its licence;
// renew.sh updates it.
package explorer

import (
	"embed"
	"net/http"

	"wisphub-graphql/page"
)

//go:embed index.html app.js assets
var files embed.FS

// csp lets the page load from and call its own host only. Swagger UI needs inline styles; inline
// scripts stay forbidden.
const csp = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self' data:; " +
	"style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// Handler serves the page at /docs and /docs/, and its files below /docs/. The page loads the
// description from /api/v1/openapi.json. The handler is safe for concurrent use.
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
