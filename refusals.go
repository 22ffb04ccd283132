package main

import (
	"net/http"
	"time"
)

const (
	// refusalRest is how long a connection rests after a refusal.
	refusalRest = 200 * time.Millisecond
	// maxResting bounds the connections that rest at a time.
	maxResting = 1000
)

// restAfterRefusals lets who is refused ask on the same connection no sooner than a little later: attackers ask as fast as they
// are answered, and the cores are everybody's. The answer itself is sent at once, and the places of the faces are free by then.
func (a *app) restAfterRefusals(next http.Handler) http.Handler {
	resting := make(chan struct{}, maxResting)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(recorder, r)
		if !isRefusal(recorder.status) || a.refusalRest == 0 {
			return
		}
		select {
		case resting <- struct{}{}:
			defer func() { <-resting }()
		default:
			return
		}
		if http.NewResponseController(w).Flush() != nil {
			return
		}
		select {
		case <-time.After(a.refusalRest):
		case <-r.Context().Done():
		case <-a.stopping.Done():
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
