package isp

import (
	"net/http"
	"strings"
	"testing"

	"wisphub-graphql/wisphub/wisphubtest"
)

// wantCallsBesideList checks the calls that are no page of the client list, which the first look-up
// starts to read. One look-up may be missing: a page that came before it was sent has answered it.
func wantCallsBesideList(tb testing.TB, upstream *wisphubtest.Server, want int) {
	tb.Helper()
	if _, got := callsOf(upstream); got > want || got < want-1 {
		tb.Errorf("upstream calls beside the list = %d, want %d, or one less: %v", got, want, upstream.Log())
	}
}

// callsOf counts the pages of the client list, and the other calls.
func callsOf(upstream *wisphubtest.Server) (pages, others int) {
	for _, request := range upstream.Log() {
		if request.Path == "/api/clientes/" && !isLookUp(request.Query) {
			pages++
		} else {
			others++
		}
	}
	return pages, others
}

// isLookUp reports whether the query of a client list asks for certain clients.
func isLookUp(query string) bool {
	return strings.Contains(query, "id_servicio=") || strings.Contains(query, "cedula=") || strings.Contains(query, "usuario=")
}

// lookUpsOnly returns the address of the WispHub upstream, but for the whole client list, which it
// refuses.
func lookUpsOnly(tb testing.TB, upstream http.Handler) string {
	tb.Helper()
	return serve(tb, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLookUp(r.URL.RawQuery) {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		upstream.ServeHTTP(w, r)
	}))
}
