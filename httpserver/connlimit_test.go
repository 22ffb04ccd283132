package httpserver

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"wisphub-graphql/auth"
)

// fakeConn is a connection from an address that records whether it was closed.
type fakeConn struct {
	net.Conn
	address string
	closed  bool
}

func (f *fakeConn) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(f.address), 1234))
}

func (f *fakeConn) Close() error {
	f.closed = true
	return nil
}

// newTestLimit returns a limit and a function that opens a connection and moves it through the
// states.
func newTestLimit(cfg ConnLimitConfig) (*ConnLimit, func(address string, states ...http.ConnState) *fakeConn) {
	cfg.Logger = slog.New(slog.DiscardHandler)
	l := NewConnLimit(cfg)
	return l, func(address string, states ...http.ConnState) *fakeConn {
		conn := &fakeConn{address: address}
		l.ConnState(conn, http.StateNew)
		for _, state := range states {
			l.ConnState(conn, state)
		}
		return conn
	}
}

func TestConnLimit_ClosesTheLongestIdle(t *testing.T) {
	t.Parallel()
	l, open := newTestLimit(ConnLimitConfig{Max: 3, MaxPerAddress: 3})
	users := 0
	authenticate := func(conn *fakeConn) *fakeConn {
		users++
		l.open[conn].peer.know(&auth.Caller{Username: fmt.Sprint(users)})
		return conn
	}
	active := authenticate(open("192.0.2.1", http.StateActive))
	idle := open("192.0.2.2", http.StateActive, http.StateIdle)
	silent := open("192.0.2.3")
	first := authenticate(open("192.0.2.4", http.StateActive))
	if active.closed || !idle.closed || silent.closed || first.closed {
		t.Errorf("closed: active %v, idle %v, silent %v, new %v, want only the idle one closed",
			active.closed, idle.closed, silent.closed, first.closed)
	}
	l.ConnState(idle, http.StateClosed) // the server reports it, too
	second := authenticate(open("192.0.2.5", http.StateActive))
	if !silent.closed || second.closed {
		t.Errorf("closed: silent %v, new %v, want the silent one closed", silent.closed, second.closed)
	}
	if third := open("192.0.2.6"); !third.closed || active.closed || first.closed || second.closed {
		t.Error("all connections are active: another one was closed than the new one")
	}
	l.ConnState(active, http.StateClosed)
	if fourth := open("192.0.2.7"); fourth.closed {
		t.Error("the slot of a closed connection is not free")
	}
}

func TestConnLimit_PerAddress(t *testing.T) {
	t.Parallel()
	l, open := newTestLimit(ConnLimitConfig{
		Max: 100, MaxPerAddress: 2, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
	})
	other := open("192.0.2.9")
	open("192.0.2.1", http.StateActive)
	idle := open("192.0.2.1", http.StateActive, http.StateIdle)
	third := open("192.0.2.1", http.StateActive)
	users := 0
	for _, c := range l.open { // each of another user, because one user with them all would give way
		users++
		c.peer.know(&auth.Caller{Username: fmt.Sprint(users)})
	}
	if third.closed || !idle.closed || other.closed {
		t.Errorf("closed: new %v, idle of the same address %v, other address %v, want only the idle one closed",
			third.closed, idle.closed, other.closed)
	}
	if fourth := open("192.0.2.1"); !fourth.closed {
		t.Error("a third active connection of one address was accepted")
	}
	if mapped := open("::ffff:192.0.2.1"); !mapped.closed {
		t.Error("the same address written as IPv6 has a limit of its own")
	}
	for range 5 {
		if proxy := open("10.1.2.3", http.StateActive); proxy.closed {
			t.Error("the limit of one address applies to a trusted proxy")
		}
	}
}

// TestConnLimit_ClosesAnonymousRequests expects the oldest request without authentication to be
// closed first, and one limit for a whole /64 of IPv6.
func TestConnLimit_ClosesAnonymousRequests(t *testing.T) {
	t.Parallel()
	l, open := newTestLimit(ConnLimitConfig{Max: 4, MaxPerAddress: 3})
	caller := open("192.0.2.1", http.StateActive)
	l.open[caller].peer.know(&auth.Caller{Username: "ana"})
	oldest := open("2001:db8::1", http.StateActive)
	second := open("2001:db8::2", http.StateActive)
	open("192.0.2.3", http.StateActive)
	if conn := open("192.0.2.4", http.StateActive); conn.closed || caller.closed || !oldest.closed || second.closed {
		t.Errorf("closed: new %v, authenticated %v, anonymous %v and %v, want only the older anonymous one closed",
			conn.closed, caller.closed, oldest.closed, second.closed)
	}
	for i := range 10 {
		open(fmt.Sprintf("2001:db8::%x", i+16), http.StateActive)
	}
	if caller.closed || l.networks[netip.MustParsePrefix("2001:db8::/64")].open > 3 {
		t.Errorf("authenticated closed %v, connections per network %v, want it open and at most 3", caller.closed, l.networks)
	}
}

// TestConnLimit_LeavesNothing runs connections through several sequences of states.
func TestConnLimit_LeavesNothing(t *testing.T) {
	t.Parallel()
	l, open := newTestLimit(ConnLimitConfig{Max: 10, MaxPerAddress: 10})
	for _, states := range [][]http.ConnState{
		{http.StateClosed}, {http.StateActive, http.StateClosed}, {http.StateActive, http.StateHijacked},
		{http.StateActive, http.StateIdle, http.StateActive, http.StateIdle, http.StateIdle, http.StateClosed, http.StateClosed},
	} {
		open("192.0.2.1", states...)
	}
	if len(l.open)+len(l.list)+len(l.networks)+len(l.users)+len(l.notYetOpen)+l.strangers > 0 {
		t.Errorf("after all connections closed: open %v, networks %v, users %v, want none", l.open, l.networks, l.users)
	}
}

func TestConnLimit_WarnsOnce(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	l := NewConnLimit(ConnLimitConfig{Max: 1, MaxPerAddress: 1, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	for range 50 {
		l.ConnState(&fakeConn{address: "192.0.2.1"}, http.StateNew)
	}
	if got := strings.Count(log.String(), "level=WARN"); got != 1 {
		t.Errorf("50 connections logged %d warnings, want 1: %s", got, log.String())
	}
}
