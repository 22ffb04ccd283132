package httpserver

import (
	"net/http"
	"net/netip"
	"time"
)

const (
	// DefaultPenalty is how long a connection is delayed after too many refusals.
	DefaultPenalty = 200 * time.Millisecond
	// FreeRefusals is how many refusals in a row have no penalty: honest callers make mistakes,
	// and tokens expire. A success makes up for one refusal, so that attackers cannot begin anew.
	FreeRefusals = 5
)

// Penalty slows down callers whose requests are refused again and again. Attackers send requests
// as fast as they are answered, and take the CPU from other callers. A refusal is answered at
// once, but the next request on the same connection waits. Connections of trusted proxies carry
// requests of many callers, and are never delayed.
//
// It needs [ConnLimit.ConnContext], and delays nothing without it.
type Penalty struct {
	// Delay is how long the next request waits, 0 for no penalty.
	Delay time.Duration
	// TrustedProxies are exempt.
	TrustedProxies []netip.Prefix
	// Stopping ends all delays when it is closed, nil for never.
	Stopping <-chan struct{}
}

// Wrap is the [Middleware].
func (p *Penalty) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, ok := r.Context().Value(peerKey{}).(*peer)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		p.wait(r, caller)
		answer := recorderOf(w)
		next.ServeHTTP(answer, r)
		caller.record(answer.status, p.Delay)
	})
}

// wait returns when the penalty of the connection is over.
func (p *Penalty) wait(r *http.Request, caller *peer) {
	delay := time.Until(time.Unix(0, caller.delayedUntil.Load()))
	if addr, ok := parseAddr(r.RemoteAddr); delay <= 0 || ok && isTrusted(addr, p.TrustedProxies) {
		return
	}
	select {
	case <-time.After(delay):
	case <-r.Context().Done():
	case <-p.Stopping:
	}
}

// record updates the state of the connection after a request. The server handles the requests of a
// connection one by one.
func (p *peer) record(status int, delay time.Duration) {
	if status == http.StatusUnauthorized {
		p.forget()
	}
	noted := p.refused.Swap(false)
	if !noted && !isRefusal(status) {
		p.refusals.Store(max(0, p.refusals.Load()-1))
		return
	}
	p.refusals.Store(min(p.refusals.Load()+1, FreeRefusals+1))
	if p.refusals.Load() > FreeRefusals && delay > 0 {
		p.delayedUntil.Store(time.Now().Add(delay).UnixNano())
	}
}

func isRefusal(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusNotAcceptable,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusUpgradeRequired,
		http.StatusTooManyRequests:
		return true
	}
	return false
}
