package main

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

// pipeFrom is a connection from an address, and tells whether it is closed.
type pipeFrom struct {
	net.Conn
	address string
	closed  bool
}

func (p *pipeFrom) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(p.address), 1234))
}

func (p *pipeFrom) Close() error {
	p.closed = true
	return nil
}

// newTracked returns connections of these bounds, and what begins one.
func newTracked(settings *Settings) (*connections, func(address string, states ...http.ConnState) *pipeFrom) {
	c := newConnections(settings, slog.New(slog.DiscardHandler))
	return c, func(address string, states ...http.ConnState) *pipeFrom {
		conn := &pipeFrom{address: address}
		c.track(conn, http.StateNew)
		for _, state := range states {
			c.track(conn, state)
		}
		return conn
	}
}

func TestTheLongestWaitingMakesRoom(t *testing.T) {
	t.Parallel()
	c, begin := newTracked(&Settings{MaxConnections: 3, MaxConnectionsPerAddress: 3})
	known := func(conn *pipeFrom) *pipeFrom {
		c.open[conn].visit.known.Store(true)
		return conn
	}
	busy := known(begin("192.0.2.1", http.StateActive))
	idle := begin("192.0.2.2", http.StateActive, http.StateIdle)
	silent := begin("192.0.2.3")
	first := known(begin("192.0.2.4", http.StateActive))
	if busy.closed || !idle.closed || silent.closed || first.closed {
		t.Errorf("closed: busy %v, idle %v, silent %v, newcomer %v, want the idle one alone", busy.closed, idle.closed, silent.closed, first.closed)
	}
	c.track(idle, http.StateClosed) // the server says so, too
	second := known(begin("192.0.2.5", http.StateActive))
	if !silent.closed || second.closed {
		t.Errorf("closed: silent %v, newcomer %v, want the silent one", silent.closed, second.closed)
	}
	if third := begin("192.0.2.6"); !third.closed || busy.closed || first.closed || second.closed {
		t.Error("all are busy, and it is not the newcomer who is turned away")
	}
	c.track(busy, http.StateClosed)
	if fourth := begin("192.0.2.7"); fourth.closed {
		t.Error("the place of one that has ended is not free")
	}
}

func TestOneAddressHasItsShare(t *testing.T) {
	t.Parallel()
	c, begin := newTracked(&Settings{
		MaxConnections: 100, MaxConnectionsPerAddress: 2, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
	})
	other := begin("192.0.2.9")
	begin("192.0.2.1", http.StateActive)
	waiting := begin("192.0.2.1")
	third := begin("192.0.2.1", http.StateActive)
	for _, busy := range c.open {
		busy.visit.known.Store(true)
	}
	if third.closed || !waiting.closed || other.closed {
		t.Errorf("closed: newcomer %v, the same address's idle one %v, another address's %v, want the second", third.closed, waiting.closed, other.closed)
	}
	if fourth := begin("192.0.2.1"); !fourth.closed {
		t.Error("a third busy connection of one address is let in")
	}
	if mapped := begin("::ffff:192.0.2.1"); !mapped.closed {
		t.Error("the same address spelled as IPv6 has a share of its own")
	}
	for range 5 {
		if proxy := begin("10.1.2.3", http.StateActive); proxy.closed {
			t.Error("a trusted proxy is held to one address's share")
		}
	}
}

// Strangers whose requests never end make room, the longest first, and callers do not. Of IPv6 one /64 is one address.
func TestStrangersMakeRoom(t *testing.T) {
	t.Parallel()
	c, begin := newTracked(&Settings{MaxConnections: 4, MaxConnectionsPerAddress: 3})
	caller := begin("192.0.2.1", http.StateActive)
	c.open[caller].visit.known.Store(true)
	slow := begin("2001:db8::1", http.StateActive)
	slower := begin("2001:db8::2", http.StateActive)
	begin("192.0.2.3", http.StateActive)
	if newcomer := begin("192.0.2.4", http.StateActive); newcomer.closed || caller.closed || !slow.closed || slower.closed {
		t.Errorf("closed: newcomer %v, caller %v, strangers %v and %v, want the first stranger", newcomer.closed, caller.closed, slow.closed, slower.closed)
	}
	for i := range 10 {
		begin(fmt.Sprintf("2001:db8::%x", i+16), http.StateActive)
	}
	if caller.closed || c.of[netip.MustParsePrefix("2001:db8::/64")] > 3 {
		t.Errorf("the caller is closed %v, and one /64 has %v", caller.closed, c.of)
	}
}

// TestConnectionsLeaveNothing: whatever the states and their order, the books are empty in the end.
func TestConnectionsLeaveNothing(t *testing.T) {
	t.Parallel()
	c, begin := newTracked(&Settings{MaxConnections: 10, MaxConnectionsPerAddress: 10})
	for _, states := range [][]http.ConnState{
		{http.StateClosed}, {http.StateActive, http.StateClosed}, {http.StateActive, http.StateHijacked},
		{http.StateActive, http.StateIdle, http.StateActive, http.StateIdle, http.StateIdle, http.StateClosed, http.StateClosed},
	} {
		begin("192.0.2.1", states...)
	}
	if len(c.open)+len(c.of)+c.waiting.Len()+c.busy.Len()+len(c.fresh) > 0 {
		t.Errorf("left: %v, %v, %d waiting", c.open, c.of, c.waiting.Len())
	}
}

func TestBoundsAreToldOfOnce(t *testing.T) {
	t.Parallel()
	log := &logBuffer{}
	c := newConnections(&Settings{MaxConnections: 1, MaxConnectionsPerAddress: 1}, slog.New(slog.NewTextHandler(log, nil)))
	for range 50 {
		c.track(&pipeFrom{address: "192.0.2.1"}, http.StateNew)
	}
	if got := strings.Count(log.String(), "level=WARN"); got != 1 {
		t.Errorf("a flood wrote %d lines, want 1: %s", got, log)
	}
}

// TestHeldConnectionsKeepNobodyOut, over real sockets: hundreds that say nothing, or half a request, and a caller who comes after
// them.
func TestHeldConnectionsKeepNobodyOut(t *testing.T) {
	t.Parallel()
	s, address := serveWith(t, map[string]string{"MAX_CONNECTIONS": "50"}, func(*app) {})
	for range 200 {
		dialTo(t, address)
	}
	s.login("ana", "a password")
	for range 100 {
		conn := dialTo(t, address)
		fmt.Fprint(conn, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
		if line, err := bufio.NewReader(conn).ReadString('\n'); !strings.HasPrefix(line, "HTTP/1.1 200") {
			t.Fatalf("a caller after the silent ones got %q, %v, want 200", line, err)
		}
	}
	var data struct{ Viewer struct{ Username string } }
	s.query("{ viewer { username } }", &data)
	if data.Viewer.Username != "ana" {
		t.Errorf("viewer = %+v, want ana", data)
	}
}

// TestBodiesThatNeverEndKeepNobodyOut, over real sockets: of strangers' requests under way the oldest makes room, from one address
// as in all.
func TestBodiesThatNeverEndKeepNobodyOut(t *testing.T) {
	t.Parallel()
	_, address := serveWith(t, map[string]string{"MAX_CONNECTIONS_PER_ADDRESS": "3"}, func(*app) {})
	var slow []net.Conn
	for range 3 {
		conn := dialTo(t, address)
		slow = append(slow, conn)
		fmt.Fprint(conn, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
		if line, err := bufio.NewReader(conn).ReadString('\n'); !strings.HasPrefix(line, "HTTP/1.1 100") {
			t.Fatalf("a request under way got %q, %v, want to be asked for its body", line, err)
		}
	}
	conn := dialTo(t, address)
	fmt.Fprint(conn, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
	if line, err := bufio.NewReader(conn).ReadString('\n'); !strings.HasPrefix(line, "HTTP/1.1 200") {
		t.Errorf("a caller behind bodies that never end got %q, %v, want 200", line, err)
	}
	if text, _ := io.ReadAll(slow[0]); strings.Contains(string(text), "HTTP/1.1 2") {
		t.Errorf("the oldest body got %.80q, want its connection closed", text)
	}
}
