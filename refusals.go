package main

import (
	"net/http"
	"net/netip"
	"time"
)

const (
	// refusalRest is how long a connection rests after a refusal.
	refusalRest = 200 * time.Millisecond
	// freeRefusals is how many refusals in a row cost nothing: everybody makes mistakes, and tokens expire.
	freeRefusals = 5
)

// restAfterRefusals has who is refused again and again wait a little before the next question on the same connection is heard:
// attackers ask as fast as they are answered, and the cores are everybody's. The refusal itself is sent at once. The connections
// of a trusted proxy carry everybody, and do not rest.
func (a *app) restAfterRefusals(proxies []netip.Prefix) middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			v, met := r.Context().Value(visitKey{}).(*visit)
			if !met {
				next.ServeHTTP(w, r)
				return
			}
			a.rest(r, v, proxies)
			recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
			next.ServeHTTP(recorder, r)
			v.note(recorder.status, r.Header.Get("Authorization") != "", a.refusalRest)
		})
	}
}

// rest returns when the connection has rested.
func (a *app) rest(r *http.Request, v *visit, proxies []netip.Prefix) {
	wait := time.Until(time.Unix(0, v.restsUntil.Load()))
	if address, ok := parseAddress(r.RemoteAddr); wait <= 0 || ok && isTrusted(address, proxies) {
		return
	}
	select {
	case <-time.After(wait):
	case <-r.Context().Done():
	case <-a.stopping.Done():
	}
}

// note remembers how a request has ended. One with a token that was not refused is a known caller's.
func (v *visit) note(status int, withToken bool, rest time.Duration) {
	switch {
	case !isRefusal(status):
		v.refusals.Store(0)
		if withToken {
			v.known.Store(true)
		}
	case v.refusals.Add(1) > freeRefusals && rest > 0:
		v.restsUntil.Store(time.Now().Add(rest).UnixNano())
	}
}

func isRefusal(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusNotAcceptable,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusTooManyRequests:
		return true
	}
	return false
}
