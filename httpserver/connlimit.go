package httpserver

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"wisphub-graphql/auth"
)

// ConnLimit limits how many connections are open, in total and per network ([auth.Network]).
//
// At a limit one connection gives way to the new one; eviction.go has the order. If none may, the
// new one is closed. So attackers cannot keep callers out by holding connections, as they could
// with a listener that stops accepting (netutil.LimitListener). WebSockets do not count: package
// graph/transport limits them.
//
// Set its methods as the ConnState and ConnContext of an [http.Server]. It is safe for concurrent
// use.
type ConnLimit struct {
	cfg ConnLimitConfig

	mu         sync.Mutex
	open       map[net.Conn]*connection // guarded by mu, as are all fields below
	list       []*connection            // of open, in any order
	networks   map[netip.Prefix]*network
	users      map[string]*user   // those with an open connection
	strangers  int                // of list
	notYetOpen map[net.Conn]*peer // until the server reports the new connection
	lastWarned time.Time
}

// ConnLimitConfig configures a [ConnLimit].
type ConnLimitConfig struct {
	// Max is the maximum number of open connections. MaxPerAddress is that of one [auth.Network].
	// *Required.*
	Max, MaxPerAddress int
	// TrustedProxies are exempt from MaxPerAddress, because they carry many callers. Their
	// connections count as known, and as those of no user. *Optional*, none.
	TrustedProxies []netip.Prefix
	// Logger gets a warning when a limit is reached, at most one a minute. *Required.*
	Logger *slog.Logger
}

// network counts the open connections of one [auth.Network]. The strangers are those on which no
// token was verified.
type network struct {
	prefix          netip.Prefix
	open, strangers int
}

// user counts the connections on which the user's token was verified last.
type user struct {
	name string
	open int
}

// connState is what a connection does.
type connState int

const (
	silent connState = iota // it has not sent its first byte
	active                  // it is in a request
	idle                    // it is between two requests
)

type connection struct {
	net.Conn
	peer    *peer
	index   int // in ConnLimit.list, -1 when it is no longer open
	network *network
	proxy   bool
	user    *user // nil for a stranger
	state   connState
	since   time.Time // of state
}

// stranger reports whether no token was verified on the connection.
func (c *connection) stranger() bool { return c.user == nil && !c.proxy }

// NewConnLimit returns a limit without connections.
func NewConnLimit(cfg ConnLimitConfig) *ConnLimit {
	return &ConnLimit{
		cfg:  cfg,
		open: make(map[net.Conn]*connection), networks: make(map[netip.Prefix]*network),
		users: make(map[string]*user), notYetOpen: make(map[net.Conn]*peer),
	}
}

// sendBuffer is how many bytes of answers the kernel keeps for a connection; Linux takes twice as
// much. By itself it keeps megabytes for a caller who does not read, which no limit counts.
const sendBuffer = 128 << 10

// ConnContext is for [http.Server]. It lets [Penalty] find the connection of a request, and
// [auth.Service.Authenticate] report the user. The server calls it before ConnState.
func (l *ConnLimit) ConnContext(ctx context.Context, conn net.Conn) context.Context {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(sendBuffer) // without it, the kernel decides
	}
	p := &peer{limit: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notYetOpen[conn] = p
	return auth.WithVerified(context.WithValue(ctx, peerKey{}, p), p.know)
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
		c.state, c.since = active, time.Now()
	case http.StateIdle:
		c.state, c.since = idle, time.Now()
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
func (l *ConnLimit) Idle() (count int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.list {
		if c.state != active {
			count++
		}
	}
	return count
}

// add needs mu, as do all methods below.
func (l *ConnLimit) add(conn net.Conn) {
	p := l.notYetOpen[conn]
	delete(l.notYetOpen, conn)
	if p == nil {
		p = &peer{limit: l}
	}
	addr, _ := parseAddr(conn.RemoteAddr().String())
	c := &connection{Conn: conn, peer: p, proxy: isTrusted(addr, l.cfg.TrustedProxies), since: time.Now()}
	if !l.makeRoom(auth.Network(addr), c.proxy) {
		c.index = -1
		_ = conn.Close()
		return
	}
	c.network = l.networkOf(auth.Network(addr)) // eviction may have removed the last one of it
	c.index = len(l.list)
	l.list = append(l.list, c)
	l.open[conn] = c
	l.count(c, 1)
	p.conn = c
}

// makeRoom returns false if the new connection must be closed.
func (l *ConnLimit) makeRoom(prefix netip.Prefix, proxy bool) bool {
	if n := l.networks[prefix]; n != nil && n.open >= l.cfg.MaxPerAddress && !proxy {
		l.warn("one address has reached its connection limit", "address", prefix)
		return l.evict(n)
	}
	if len(l.list) >= l.cfg.Max {
		l.warn("the connection limit is reached")
		return l.evict(nil)
	}
	return true
}

func (l *ConnLimit) networkOf(prefix netip.Prefix) *network {
	if l.networks[prefix] == nil {
		l.networks[prefix] = &network{prefix: prefix}
	}
	return l.networks[prefix]
}

func (l *ConnLimit) remove(c *connection) {
	l.count(c, -1)
	last := l.list[len(l.list)-1]
	l.list[c.index], last.index = last, c.index
	l.list[len(l.list)-1] = nil
	l.list = l.list[:len(l.list)-1]
	c.index = -1
	delete(l.open, c.Conn)
}

// count adds the connection to the counters, or removes it from them.
func (l *ConnLimit) count(c *connection, change int) {
	c.network.open += change
	switch {
	case c.user != nil:
		if c.user.open += change; c.user.open == 0 {
			delete(l.users, c.user.name)
		}
	case !c.proxy:
		c.network.strangers += change
		l.strangers += change
	}
	if c.network.open == 0 {
		delete(l.networks, c.network.prefix)
	}
}

// warn logs at most once a minute, so that a flood of connections does not fill the log.
func (l *ConnLimit) warn(message string, args ...any) {
	if now := time.Now(); now.Sub(l.lastWarned) >= time.Minute {
		l.lastWarned = now
		l.cfg.Logger.Warn(message, args...)
	}
}
