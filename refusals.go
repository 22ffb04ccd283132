package main

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// refusalRest is how long a connection rests after a refusal.
const refusalRest = 200 * time.Millisecond

// connectionKey is for the *connectionRest of a connection.
type connectionKey struct{}

// connectionRest is until when a connection rests, in nanoseconds of Unix; 0 at first.
type connectionRest struct{ until atomic.Int64 }

// rememberConnections gives each connection its rest. It is for [http.Server.ConnContext].
func rememberConnections(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, &connectionRest{})
}

// restAfterRefusals has who is refused wait a little before the next question on the same connection is heard: attackers ask as
// fast as they are answered, and the cores are everybody's. The refusal itself is sent at once.
func (a *app) restAfterRefusals(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, known := r.Context().Value(connectionKey{}).(*connectionRest)
		if !known || a.refusalRest == 0 {
			next.ServeHTTP(w, r)
			return
		}
		if wait := time.Until(time.Unix(0, rest.until.Load())); wait > 0 {
			select {
			case <-time.After(wait):
			case <-r.Context().Done():
			case <-a.stopping.Done():
			}
		}
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(recorder, r)
		if isRefusal(recorder.status) {
			rest.until.Store(time.Now().Add(a.refusalRest).UnixNano())
		}
	})
}

func isRefusal(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusNotAcceptable,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusTooManyRequests:
		return true
	}
	return false
}
