package main

import (
	"container/list"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// connections bounds how many connections are open, in all and from one address. At a bound the one that has waited longest
// for a request, or for its first byte, makes room for a newcomer; where all have a request under way it is the newcomer who
// is turned away. So nobody keeps others out by holding connections, as they would where all wait in the line of a listener
// that is full (netutil.LimitListener). WebSockets are not among them: graph counts those.
type connections struct {
	most, mostOfOne int
	proxies         []netip.Prefix // speak for many
	logger          *slog.Logger

	mu      sync.Mutex
	open    map[net.Conn]*connection // guarded by mu, as all below
	of      map[netip.Addr]int
	waiting *list.List // of *connection, the longest first
	told    time.Time  // when the log last heard of a bound
}

type connection struct {
	net.Conn
	address netip.Addr
	waits   *list.Element // nil while a request is under way
}

func newConnections(settings *Settings, logger *slog.Logger) *connections {
	return &connections{
		most: settings.MaxConnections, mostOfOne: settings.MaxConnectionsPerAddress, proxies: settings.TrustedProxies,
		logger: logger,
		open:   make(map[net.Conn]*connection), of: make(map[netip.Addr]int), waiting: list.New(),
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
	if c.of[address] >= c.mostOfOne && !isTrusted(address, c.proxies) {
		c.tell("one address has as many connections as it may", "address", address)
		if !c.makeRoom(func(other *connection) bool { return other.address == address }) {
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
	known := &connection{Conn: conn, address: address}
	known.waits = c.waiting.PushBack(known)
	c.open[conn] = known
	c.of[address]++
}

// makeRoom closes the connection that has waited longest of those that fit, and returns false when there is none.
func (c *connections) makeRoom(fits func(*connection) bool) bool {
	for element := c.waiting.Front(); element != nil; element = element.Next() {
		if known := element.Value.(*connection); fits(known) {
			c.remove(known)
			_ = known.Close() // the server learns of it by its next read
			return true
		}
	}
	return false
}

func (c *connections) rouse(known *connection) {
	if known.waits != nil {
		c.waiting.Remove(known.waits)
		known.waits = nil
	}
}

func (c *connections) remove(known *connection) {
	c.rouse(known)
	delete(c.open, known.Conn)
	if c.of[known.address]--; c.of[known.address] == 0 {
		delete(c.of, known.address)
	}
}

// tell warns at most once a minute: a flood must not fill the log.
func (c *connections) tell(message string, args ...any) {
	if now := time.Now(); now.Sub(c.told) >= time.Minute {
		c.told = now
		c.logger.Warn(message, args...)
	}
}
