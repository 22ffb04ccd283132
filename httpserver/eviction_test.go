package httpserver

import (
	"fmt"
	"net/http"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"wisphub-graphql/auth"
)

var evictionProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}

// know reports a valid token of the user on the connection, unless it is closed.
func (l *ConnLimit) know(conn *fakeConn, user string) {
	if c := l.open[conn]; c != nil {
		c.peer.know(&auth.Caller{Username: user})
	}
}

// held describes a connection that is open when another one arrives.
type held struct {
	address string
	user    string // whose token was verified on it, "" for none
	state   http.ConnState
	age     time.Duration // of the state
}

// Test15_5_EvictionOrder states which connection gives way to a new one at the limit.
func Test15_5_EvictionOrder(t *testing.T) {
	const (
		silent, active, idle = http.StateNew, http.StateActive, http.StateIdle
		old                  = 10 * time.Second
	)
	stranger := func(address string, state http.ConnState, age time.Duration) held {
		return held{address: address, state: state, age: age}
	}
	known := func(user string, state http.ConnState, age time.Duration) held {
		return held{address: "198.51.100.1", user: user, state: state, age: age}
	}
	for name, tt := range map[string]struct {
		held []held
		want int // index of the connection that gives way, -1 for the new one
	}{
		"idle stranger before an active one": {[]held{stranger("192.0.2.1", active, old), stranger("192.0.2.2", idle, 1)}, 1},
		"silent after its grace is idle":     {[]held{stranger("192.0.2.1", idle, 1), stranger("192.0.2.2", silent, old)}, 1},
		"active stranger before a newcomer":  {[]held{stranger("192.0.2.1", silent, time.Second), stranger("192.0.2.2", active, 1)}, 1},
		"oldest request first":               {[]held{stranger("192.0.2.1", active, 1), stranger("192.0.2.2", active, old)}, 1},
		"network with most strangers": {[]held{stranger("192.0.2.1", idle, old), stranger("192.0.2.2", idle, 1),
			stranger("192.0.2.2", active, old)}, 1},
		"stranger before an idle user": {[]held{known("ana", idle, old), stranger("192.0.2.2", active, 1)}, 1},
		"newcomer before an idle user, strangers hold over half": {[]held{known("ana", idle, old), stranger("192.0.2.2", silent, 1),
			stranger("192.0.2.3", silent, time.Second)}, 2},
		"idle user before a newcomer, strangers hold half": {[]held{known("ana", idle, 1), stranger("192.0.2.2", silent, time.Second)}, 0},
		"idle user with most connections": {[]held{known("ana", idle, old), known("ben", idle, 1), known("ben", active, old),
			known("ben", active, old)}, 1},
		"all known and busy":   {[]held{known("ana", active, old), known("ben", active, old), known("eva", active, old), known("leo", active, 1)}, -1},
		"one user above 1/4":   {[]held{known("ana", active, old), known("ben", active, 1), known("ben", active, 2), known("eva", active, old)}, 2},
		"newcomer before busy": {[]held{known("ana", active, old), known("ana", active, old), stranger("192.0.2.2", silent, 1)}, 2},
		"proxy's idle":         {[]held{{"10.0.0.1", "", idle, old}, known("ana", active, old)}, 0},
		"proxy's busy":         {[]held{{"10.0.0.1", "", active, old}, {"10.0.0.1", "", active, old}}, -1},
		"proxy is no stranger": {[]held{{"10.0.0.1", "", idle, old}, stranger("192.0.2.2", active, 1)}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, open := newTestLimit(ConnLimitConfig{Max: len(tt.held), MaxPerAddress: 100, TrustedProxies: evictionProxies})
				conns := openHeld(l, open, tt.held)
				added := open("203.0.113.1")
				for i, conn := range append(conns, added) {
					gaveWay := i == tt.want || tt.want < 0 && conn == added
					if conn.closed != gaveWay {
						t.Errorf("connection %d closed = %v, want %v", i, conn.closed, gaveWay)
					}
				}
			})
		})
	}
}

// Test15_5_OneUserAtAnAddress expects a user with all busy connections of an address to give way to a
// newcomer from there. Many users share the address of an office, or of a proxy.
func Test15_5_OneUserAtAnAddress(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		users []string
		want  bool // that the newcomer gets a place
	}{
		"one user":   {[]string{"ana", "ana", "ana", "ana"}, true},
		"two users":  {[]string{"ana", "ana", "ben", "ben"}, true},
		"four users": {[]string{"ana", "ben", "eva", "leo"}, false},
	} {
		l, open := newTestLimit(ConnLimitConfig{Max: 4 * len(tt.users), MaxPerAddress: len(tt.users)})
		for _, user := range tt.users {
			l.know(open("192.0.2.1", http.StateActive), user)
		}
		if got := !open("192.0.2.1").closed; got != tt.want {
			t.Errorf("%s: the newcomer got a place = %v, want %v", name, got, tt.want)
		}
	}
}

// openHeld opens the connections so that each has its age when it returns.
func openHeld(l *ConnLimit, open func(string, ...http.ConnState) *fakeConn, all []held) []*fakeConn {
	const longest = time.Minute
	conns, started := make([]*fakeConn, len(all)), time.Now()
	for {
		next := time.Duration(0) // the greatest age that is left
		for i, h := range all {
			if conns[i] == nil {
				next = max(next, h.age)
			}
		}
		if next == 0 {
			break
		}
		time.Sleep(time.Until(started.Add(longest - next)))
		for i, h := range all {
			if conns[i] == nil && h.age == next {
				conns[i] = open(h.address, map[http.ConnState][]http.ConnState{
					http.StateActive: {http.StateActive}, http.StateIdle: {http.StateActive, http.StateIdle},
				}[h.state]...)
				if h.user != "" {
					l.know(conns[i], h.user)
				}
			}
		}
	}
	time.Sleep(time.Until(started.Add(longest)))
	return conns
}

// Test15_5_Model runs connections of strangers and users through random states. There are never more
// than the limits allow, the counters agree with the connections, and a newcomer that sends a
// request with a good token at once is served while strangers hold places.
func Test15_5_Model(t *testing.T) {
	t.Parallel()
	rapid.Check(t, checkModel)
}

// grow makes the states of all connections older.
func (l *ConnLimit) grow(by time.Duration) {
	for _, c := range l.list {
		c.since = c.since.Add(-by)
	}
}

func checkModel(t *rapid.T) {
	cfg := ConnLimitConfig{Max: rapid.IntRange(1, 12).Draw(t, "max"), MaxPerAddress: rapid.IntRange(1, 12).Draw(t, "per address")}
	cfg.TrustedProxies = evictionProxies
	l, open := newTestLimit(cfg)
	var conns []*fakeConn
	for range rapid.IntRange(1, 60).Draw(t, "steps") {
		l.grow(time.Duration(rapid.IntRange(1, 3000).Draw(t, "ms")) * time.Millisecond)
		switch action := rapid.IntRange(0, 7).Draw(t, "action"); {
		case action <= 3 || len(conns) == 0:
			address := rapid.SampledFrom([]string{"192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "10.0.0.1"}).Draw(t, "address")
			conns = append(conns, open(address))
		default:
			conn := rapid.SampledFrom(conns).Draw(t, "conn")
			switch action {
			case 4:
				l.ConnState(conn, http.StateActive)
				if user := rapid.SampledFrom([]string{"", "ana", "ben"}).Draw(t, "user"); user != "" {
					l.know(conn, user)
				}
			case 5:
				l.ConnState(conn, http.StateIdle)
			case 6:
				l.ConnState(conn, rapid.SampledFrom([]http.ConnState{http.StateClosed, http.StateHijacked}).Draw(t, "end"))
			case 7:
				if c := l.open[conn]; c != nil {
					c.peer.forget()
				}
			}
		}
		checkCounters(t, l)
	}
	strangers := l.strangers
	late := open("203.0.113.7")
	if strangers > 0 && late.closed && len(l.open) > 0 {
		t.Fatalf("a newcomer was refused while strangers held %d places", strangers)
	}
	if l.ConnState(late, http.StateActive); !late.closed {
		l.know(late, "eva")
		for i := range 3 {
			open(fmt.Sprintf("198.51.100.%d", i), http.StateActive)
		}
		if late.closed {
			t.Fatal("a user's request gave way to strangers")
		}
	}
}

func checkCounters(t *rapid.T, l *ConnLimit) {
	strangers, networks, users := 0, map[*network]int{}, map[*user]int{}
	for i, c := range l.list {
		if c.index != i || l.open[c.Conn] != c || c.Conn.(*fakeConn).closed {
			t.Fatalf("connection %d has index %d, closed %v", i, c.index, c.Conn.(*fakeConn).closed)
		}
		networks[c.network]++
		if c.stranger() {
			strangers++
		}
		if c.user != nil {
			users[c.user]++
		}
		if c.network.open > l.cfg.MaxPerAddress && !c.proxy {
			t.Fatalf("%d connections of %v, want at most %d", c.network.open, c.network.prefix, l.cfg.MaxPerAddress)
		}
	}
	if len(l.list) > l.cfg.Max || len(l.open) != len(l.list) || strangers != l.strangers ||
		len(networks) != len(l.networks) || len(users) != len(l.users) {
		t.Fatalf("%d of %d connections, %d strangers, %d networks, %d users; counted %d, %d, %d",
			len(l.list), l.cfg.Max, l.strangers, len(l.networks), len(l.users), strangers, len(networks), len(users))
	}
	for n, open := range networks {
		if n.open != open {
			t.Fatalf("network %v has %d connections, counted %d", n.prefix, n.open, open)
		}
	}
	for u, open := range users {
		if u.open != open {
			t.Fatalf("user %s has %d connections, counted %d", u.name, u.open, open)
		}
	}
}
