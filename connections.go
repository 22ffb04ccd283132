package main

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

// connections bounds how many connections are open, in all and from one network. At a bound the one that has waited longest
// for a request, or for its first byte, makes room for a newcomer; then the one whose request has been under way longest, of
// those on which nobody has shown a good token: it may be a body that never ends. Where all are callers' it is the newcomer who
// is turned away. So strangers keep nobody out by holding connections, as they would where all wait in the line of a listener
// that is full (netutil.LimitListener). WebSockets are not among them: graph counts those.
type connections struct {
	most, mostOfOne int
	proxies         []netip.Prefix // speak for many
	logger          *slog.Logger

	mu      sync.Mutex
	open    map[net.Conn]*connection // guarded by mu, as all below
	of      map[netip.Prefix]int
	waiting *list.List // of *connection, the longest first
	busy    *list.List // the same of those with a request under way
	fresh   map[net.Conn]*visit
	told    time.Time // when the log last heard of a bound
}

type connection struct {
	net.Conn
	network netip.Prefix
	visit   *visit
	waits   *list.Element // in waiting; nil while a request is under way
	works   *list.Element // in busy; nil while none is
}

// visit is what is known of the callers on a connection.
type visit struct {
	// known is true once somebody has shown a good token there.
	known atomic.Bool
	// refusals are those in a row.
	refusals atomic.Int64
	// restsUntil is in nanoseconds of Unix; 0 at first.
	restsUntil atomic.Int64
}

// visitKey is for the *visit of a request's connection.
type visitKey struct{}

// meet gives each connection its visit, by the context of its requests. It is for [http.Server.ConnContext], which comes before
// [http.Server.ConnState].
func (c *connections) meet(ctx context.Context, conn net.Conn) context.Context {
	v := &visit{}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fresh[conn] = v
	return context.WithValue(ctx, visitKey{}, v)
}

func newConnections(settings *Settings, logger *slog.Logger) *connections {
	return &connections{
		most: settings.MaxConnections, mostOfOne: settings.MaxConnectionsPerAddress, proxies: settings.TrustedProxies,
		logger: logger,
		open:   make(map[net.Conn]*connection), of: make(map[netip.Prefix]int), waiting: list.New(),
		busy: list.New(), fresh: make(map[net.Conn]*visit),
	}
}

// track is told of each connection by the server, [http.Server.ConnState].
func (c *connections) track(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if state == http.StateNew {
		c.admit(conn)
		return
	}
	known := c.open[conn]
	if known == nil { // turned away
		return
	}
	switch state {
	case http.StateActive:
		c.rouse(known)
		known.works = c.busy.PushBack(known)
	case http.StateIdle:
		c.rouse(known)
		known.waits = c.waiting.PushBack(known)
	case http.StateHijacked, http.StateClosed:
		c.remove(known)
	}
}

// admit needs the lock, as all below.
func (c *connections) admit(conn net.Conn) {
	address, _ := parseAddress(conn.RemoteAddr().String())
	network, v := auth.Network(address), c.fresh[conn]
	delete(c.fresh, conn)
	if v == nil {
		v = &visit{}
	}
	if c.of[network] >= c.mostOfOne && !isTrusted(address, c.proxies) {
		c.tell("one address has as many connections as it may", "address", network)
		if !c.makeRoom(func(other *connection) bool { return other.network == network }) {
			_ = conn.Close()
			return
		}
	}
	if len(c.open) >= c.most {
		c.tell("as many connections are open as may be")
		if !c.makeRoom(func(*connection) bool { return true }) {
			_ = conn.Close()
			return
		}
	}
	known := &connection{Conn: conn, network: network, visit: v}
	known.waits = c.waiting.PushBack(known)
	c.open[conn] = known
	c.of[network]++
}

// makeRoom closes one connection of those that fit: the one that has waited longest, or else the stranger whose request has been
// under way longest. It returns false when there is none.
func (c *connections) makeRoom(fits func(*connection) bool) bool {
	stranger := func(known *connection) bool { return fits(known) && !known.visit.known.Load() }
	return c.closeFirst(c.waiting, fits) || c.closeFirst(c.busy, stranger)
}

func (c *connections) closeFirst(of *list.List, fits func(*connection) bool) bool {
	for element := of.Front(); element != nil; element = element.Next() {
		if known := element.Value.(*connection); fits(known) {
			c.remove(known)
			_ = known.Close() // the server learns of it by its next read
			return true
		}
	}
	return false
}

// rouse takes a connection off the list that it is on.
func (c *connections) rouse(known *connection) {
	if known.waits != nil {
		c.waiting.Remove(known.waits)
		known.waits = nil
	}
	if known.works != nil {
		c.busy.Remove(known.works)
		known.works = nil
	}
}

func (c *connections) remove(known *connection) {
	c.rouse(known)
	delete(c.open, known.Conn)
	if c.of[known.network]--; c.of[known.network] == 0 {
		delete(c.of, known.network)
	}
}

// tell warns at most once a minute: a flood must not fill the log.
func (c *connections) tell(message string, args ...any) {
	if now := time.Now(); now.Sub(c.told) >= time.Minute {
		c.told = now
		c.logger.Warn(message, args...)
	}
}
