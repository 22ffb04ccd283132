package rest

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"wisphub-graphql/auth"
	"wisphub-graphql/inflight"
)

const (
	// requestBytes is what a request takes without its body. bodyFactor is how many bytes a byte of
	// the body takes when it is decoded.
	requestBytes = 4 << 10
	bodyFactor   = 16
)

// limitInflight counts a request and its bytes until the answer is written. It answers 429 when the
// user has too much under way, and 503 when all users have.
func (a *api) limitInflight(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user := ""
		if caller := auth.FromContext(r.Context()); caller != nil {
			user = caller.Username
		}
		underWay, err := a.inflight.Begin(user, requestBytes+bodyFactor*bodySize(r))
		if err != nil {
			inflight.LeaveBody(w, r)
			refuseForLimit(w, err)
			return
		}
		defer underWay.End()
		if r.ContentLength != 0 {
			bufferBody(r) // a caller who sends the body slowly does not count as an operation meanwhile
		}
		if err := underWay.Start(r.Context()); err != nil {
			refuseForLimit(w, err)
			return
		}
		r = r.WithContext(inflight.NewContext(r.Context(), underWay))
		next.ServeHTTP(inflight.NewWriter(w, underWay), r)
	})
}

// refuseForLimit answers a request that one of package inflight's limits refuses.
func refuseForLimit(w http.ResponseWriter, err error) {
	w.Header().Set("Retry-After", "1")
	if errors.Is(err, inflight.ErrUserLimit) {
		writeDetail(w, http.StatusTooManyRequests, "This user has too many operations running.")
		return
	}
	writeDetail(w, http.StatusServiceUnavailable, "Too many requests.")
}

// refusedByLimit answers a request whose error is one of package inflight's limits. It reports
// whether it was.
func refusedByLimit(w http.ResponseWriter, err error) bool {
	if !errors.Is(err, inflight.ErrUserLimit) && !errors.Is(err, inflight.ErrLimit) {
		return false
	}
	refuseForLimit(w, err)
	return true
}

// bodySize returns the size of the body, at most the maximum that any route accepts. A body of
// unknown size counts as the largest.
func bodySize(r *http.Request) int64 {
	if r.ContentLength < 0 {
		return maxBody
	}
	return min(r.ContentLength, maxBody)
}

// bufferBody reads the body into memory, up to the maximum that any route accepts. The route gets
// a read error when it reads the body.
func bufferBody(r *http.Request) {
	content, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	body := io.Reader(bytes.NewReader(content))
	if err != nil {
		body = io.MultiReader(body, errReader{err})
	}
	r.Body = io.NopCloser(body)
}

// errReader fails every read with its error.
type errReader struct{ err error }

func (e errReader) Read([]byte) (int, error) { return 0, e.err }
