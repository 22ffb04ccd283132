package main

import "net/http"

// refuseOrigins keeps pages of other sites from making a browser send what changes something, whatever its type: 403 by
// refuse, in the face's own words. Browsers mark such requests, with Sec-Fetch-Site or Origin; what is not marked comes from a
// program. Nothing here rests on cookies, so this is a second lock: it holds when a proxy in front adds a token by itself.
func refuseOrigins(allowed func(origin string) bool, refuse http.HandlerFunc) middleware {
	protection := http.NewCrossOriginProtection()
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			trusted := allowed != nil && allowed(r.Header.Get("Origin"))
			if !trusted && protection.Check(r) != nil {
				refuse(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}
