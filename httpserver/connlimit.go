package httpserver

import (
	"container/list"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"wisphub-graphql/auth"
)

// ConnLimit limits how many connections are open, in total and per network ([auth.Network]).
//
// At the limit it closes the connection that has been idle longest. If none is idle, it closes the
// connection with the oldest request among those that have not authenticated, because that request
// may be a body that never ends. If all have authenticated, it closes the new connection. So
// attackers cannot keep callers out by holding connections, as they could with a listener that
// stops accepting (netutil.LimitListener). WebSockets do not count: package
// graph/transport limits them.
//
// Set its methods as the ConnState and ConnContext of an [http.Server]. It is safe for concurrent
// use.
type ConnLimit struct {
	cfg ConnLimitConfig

	mu         sync.Mutex
	open       map[net.Conn]*connection // guarded by mu, as are all fields below
	perNetwork map[netip.Prefix]int
	idle       *list.List         // of *connection, the longest idle first
	active     *list.List         // of *connection, the oldest request first
	notYetOpen map[net.Conn]*peer // until the server reports the new connection
	lastWarned time.Time
}

// ConnLimitConfig configures a [ConnLimit].
type ConnLimitConfig struct {
	// Max is the maximum number of open connections. MaxPerAddress is that of one [auth.Network].
	// *Required.*
	Max, MaxPerAddress int
	// TrustedProxies are exempt from MaxPerAddress, because they carry many callers. *Optional*,
	// none.
	TrustedProxies []netip.Prefix
	// Logger gets a warning when a limit is reached, at most one a minute. *Required.*
	Logger *slog.Logger
}

type connection struct {
	net.Conn
	network netip.Prefix
	peer    *peer
	idle    *list.Element // in ConnLimit.idle, nil during a request
	active  *list.Element // in ConnLimit.active, nil between requests
}

// peer is what is known about the callers on one connection.
type peer struct {
	authenticated atomic.Bool  // a caller has sent a valid token
	refusals      atomic.Int64 // in a row
	delayedUntil  atomic.Int64 // Unix nanoseconds, 0 for no delay
}

// peerKey is the context key of the *peer of a request's connection.
type peerKey struct{}

// NewConnLimit returns a limit without connections.
func NewConnLimit(cfg ConnLimitConfig) *ConnLimit {
	return &ConnLimit{
		cfg:  cfg,
		open: make(map[net.Conn]*connection), perNetwork: make(map[netip.Prefix]int), idle: list.New(),
		active: list.New(), notYetOpen: make(map[net.Conn]*peer),
	}
}

// ConnContext is for [http.Server]. It lets [Penalty] find the connection of a request. The server
// calls it before ConnState.
func (l *ConnLimit) ConnContext(ctx context.Context, conn net.Conn) context.Context {
	p := &peer{}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notYetOpen[conn] = p
	return context.WithValue(ctx, peerKey{}, p)
}

// ConnState is for [http.Server], which reports each change of a connection's state.
func (l *ConnLimit) ConnState(conn net.Conn, state http.ConnState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if state == http.StateNew {
		l.add(conn)
		return
	}
	c := l.open[conn]
	if c == nil { // it was refused or evicted
		return
	}
	switch state {
	case http.StateActive:
		l.unlist(c)
		c.active = l.active.PushBack(c)
	case http.StateIdle:
		l.unlist(c)
		c.idle = l.idle.PushBack(c)
	case http.StateHijacked, http.StateClosed:
		l.remove(c)
	}
}

// Open returns how many connections are open, without WebSockets.
func (l *ConnLimit) Open() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open)
}

// Idle returns how many connections wait for a request, or for the end of its header.
func (l *ConnLimit) Idle() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.idle.Len()
}

// add needs mu, as do all methods below.
func (l *ConnLimit) add(conn net.Conn) {
	addr, _ := parseAddr(conn.RemoteAddr().String())
	network, p := auth.Network(addr), l.notYetOpen[conn]
	delete(l.notYetOpen, conn)
	if p == nil {
		p = &peer{}
	}
	if l.perNetwork[network] >= l.cfg.MaxPerAddress && !isTrusted(addr, l.cfg.TrustedProxies) {
		l.warn("one address has reached its connection limit", "address", network)
		if !l.evict(func(other *connection) bool { return other.network == network }) {
			_ = conn.Close()
			return
		}
	}
	if len(l.open) >= l.cfg.Max {
		l.warn("the connection limit is reached")
		if !l.evict(func(*connection) bool { return true }) {
			_ = conn.Close()
			return
		}
	}
	c := &connection{Conn: conn, network: network, peer: p}
	c.idle = l.idle.PushBack(c) // until its first byte arrives
	l.open[conn] = c
	l.perNetwork[network]++
}

// evict closes one of the matching connections: the longest idle, or else the one with the oldest
// request that has not authenticated. It returns false when there is none.
func (l *ConnLimit) evict(matches func(*connection) bool) bool {
	anonymous := func(c *connection) bool { return matches(c) && !c.peer.authenticated.Load() }
	return l.closeFirst(l.idle, matches) || l.closeFirst(l.active, anonymous)
}

func (l *ConnLimit) closeFirst(among *list.List, matches func(*connection) bool) bool {
	for element := among.Front(); element != nil; element = element.Next() {
		if c := element.Value.(*connection); matches(c) {
			l.remove(c)
			_ = c.Close() // the server notices at its next read
			return true
		}
	}
	return false
}

// unlist removes the connection from the list it is in.
func (l *ConnLimit) unlist(c *connection) {
	if c.idle != nil {
		l.idle.Remove(c.idle)
		c.idle = nil
	}
	if c.active != nil {
		l.active.Remove(c.active)
		c.active = nil
	}
}

func (l *ConnLimit) remove(c *connection) {
	l.unlist(c)
	delete(l.open, c.Conn)
	if l.perNetwork[c.network]--; l.perNetwork[c.network] == 0 {
		delete(l.perNetwork, c.network)
	}
}

// warn logs at most once a minute, so that a flood of connections does not fill the log.
func (l *ConnLimit) warn(message string, args ...any) {
	if now := time.Now(); now.Sub(l.lastWarned) >= time.Minute {
		l.lastWarned = now
		l.cfg.Logger.Warn(message, args...)
	}
}
