package httpserver

import (
	"context"
	"sync/atomic"

	"wisphub-graphql/auth"
)

// peer is what is known about the callers on one connection.
type peer struct {
	limit        *ConnLimit
	conn         *connection            // guarded by limit.mu; nil if the connection does not count
	name         atomic.Pointer[string] // of the user whose token was verified last, nil for none
	refusals     atomic.Int64           // less one for each success
	delayedUntil atomic.Int64           // Unix nanoseconds, 0 for no delay
	refused      atomic.Bool            // the request under way, whatever its status is
}

// peerKey is the context key of the *peer of a request's connection.
type peerKey struct{}

// NoteRefusal makes the request with this context count as refused, see [Penalty]. It is for answers
// whose status does not say so, such as event streams.
func NoteRefusal(ctx context.Context) {
	if p, ok := ctx.Value(peerKey{}).(*peer); ok {
		p.refused.Store(true)
	}
}

// know makes the connection one of the caller's user. A token that has expired or was revoked makes
// it a stranger's again when it is refused, see forget.
func (p *peer) know(caller *auth.Caller) {
	if name := p.name.Load(); name == nil || *name != caller.Username {
		p.setUser(&caller.Username)
	}
}

// forget makes the connection a stranger's.
func (p *peer) forget() {
	if p.name.Load() != nil {
		p.setUser(nil)
	}
}

func (p *peer) setUser(name *string) {
	l := p.limit
	l.mu.Lock()
	defer l.mu.Unlock()
	p.name.Store(name)
	c := p.conn
	if c == nil || c.index < 0 || c.proxy {
		return
	}
	l.count(c, -1)
	c.user = nil
	if name != nil {
		if l.users[*name] == nil {
			l.users[*name] = &user{name: *name}
		}
		c.user = l.users[*name]
	}
	if l.networks[c.network.prefix] == nil { // count has removed it with its last connection
		l.networks[c.network.prefix] = c.network
	}
	l.count(c, 1)
}
