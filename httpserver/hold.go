package httpserver

import "net/http"

// Hold lets requests wait until ready is closed, or until their callers leave.
func Hold(ready <-chan struct{}) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-ready:
				next.ServeHTTP(w, r)
			case <-r.Context().Done():
			}
		})
	}
}
