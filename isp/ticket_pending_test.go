package isp

import (
	"errors"
	"slices"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

// A pending ticket counts until a list shows it, or would have shown it.
func TestPendingTickets_List(t *testing.T) {
	t.Parallel()
	now := time.Now()
	index := &ticketIndex{newest: now, byID: map[int]*Ticket{7: {TicketID: 7, Zone: &Zone{ZoneID: 4}}, 5: {TicketID: 5}, 3: {TicketID: 3}}, active: map[int]bool{5: true}, byClient: map[int][]*Ticket{
		31: {{TicketID: 7, CreatedAt: now.Add(-2 * time.Minute)}}, 32: {{TicketID: 6, CreatedAt: now.Add(-time.Hour)}},
	}}
	later, sent := now.Add(time.Minute), now.Add(-2*time.Minute)
	p := newPendingTickets(nil, newPublisher(nil))
	for _, ticket := range []pendingTicket{
		{TicketID: 7, ServiceID: 1, Until: later},                   // in the index, which knows whether it is active
		{TicketID: 8, ServiceID: 2, Until: later},                   // not read yet
		{TicketID: 9, ServiceID: 3, Until: now.Add(-time.Second)},   // a list was read later, and does not have it
		{ServiceID: 30, Sent: sent, Until: later},                   // sent, outcome unknown
		{ServiceID: 31, Sent: sent, Until: later},                   // sent, and this may be ticket 7
		{ServiceID: 32, Sent: sent, Until: later},                   // sent, and the client's ticket is older
		{ServiceID: 33, Sent: sent, Until: now.Add(-time.Second)},   // sent, and a list was read later
		{TicketID: 5, ServiceID: 34},                                // active, but without a zone in the index
		{TicketID: 3, ServiceID: 35},                                // closed, without a zone in the index
		{ServiceID: 31, Sent: sent, Until: later, Before: []int{7}}, // sent, and ticket 7 existed before
	} {
		p.put(nil, 4, newPendingEntry(), ticket)
	}
	pending, err := p.all(t.Context(), 4)
	if err != nil {
		t.Fatal(err)
	}
	settled := settledIn(pending, 4, index)
	if got := p.count(t.Context(), 4, index); got != 5 {
		t.Errorf("count = %d, want 5", got)
	}
	p.remove(nil, 4, settled...)
	var got []int
	for _, ticket := range p.ownOf(4) {
		got = append(got, ticket.ServiceID)
	}
	slices.Sort(got)
	if want := []int{2, 30, 31, 32, 34}; !slices.Equal(got, want) {
		t.Errorf("pending tickets of services %v, want %v", got, want)
	}
	if got := p.count(t.Context(), 5, index); got != 0 {
		t.Errorf("count of another zone = %d, want 0", got)
	}
	for entry := range p.ownOf(4) {
		p.remove(nil, 4, entry)
	}
	if len(p.own) != 0 {
		t.Errorf("%d zones in memory, want none", len(p.own))
	}
}

// openPendingAt returns the pending tickets of a replica.
func openPendingAt(t *testing.T, cfg shared.Config) *pendingTickets {
	t.Helper()
	store := cachetest.Join(t, cfg)
	publish := newPublisher(store)
	p := newPendingTickets(store, publish)
	runPublisher(t, publish)
	return p
}

func wantPending(t *testing.T, p *pendingTickets, want int) {
	t.Helper()
	if got, err := p.all(t.Context(), 4); err != nil || len(got) != want {
		t.Errorf("all = %d tickets, %v, want %d", len(got), err, want)
	}
}

// A place that was reserved is known to the other replica, also after a flush. What cannot be asked
// is not empty.
func Test14_6_PendingTicketsOutliveAFlush(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := openPendingAt(t, server.Config()), openPendingAt(t, server.Config())
	zone := lockFour(t, a)
	if err := a.publish.reserve(t.Context(), nil, zone); err != nil {
		t.Fatal(err)
	}
	wantPending(t, b, 1)
	if _, err := server.Do("FLUSHALL"); err != nil {
		t.Fatal(err)
	}
	cachetest.Until(t, "the place is stored again", func() bool {
		pending, err := b.all(t.Context(), 4)
		return err == nil && len(pending) == 1
	})
	a.publish.conclude(t.Context(), &writeResult{}, nil, zone)
	wantPending(t, b, 0)
	server.Kill()
	cachetest.Until(t, "the loss is detected", func() bool { return !b.shared.Up() })
	if pending, err := b.all(t.Context(), 4); !errors.Is(err, ErrNoExclusion) {
		t.Errorf("all = %v, %v without the store, want %v", pending, err, ErrNoExclusion)
	}
}

// openPendingBehind returns the pending tickets of a replica behind a proxy, and of another.
func openPendingBehind(t *testing.T) (server *cachetest.Server, proxy *cachetest.Proxy, a, b *pendingTickets) {
	t.Helper()
	server = cachetest.StartServer(t)
	proxy = cachetest.StartProxy(t, server)
	cfg := server.Config()
	cfg.URL = proxy.URL()
	a, b = openPendingAt(t, cfg), openPendingAt(t, server.Config())
	zone := lockFour(t, a)
	if err := a.publish.reserve(t.Context(), nil, zone); err != nil { // the server knows the script from now on
		t.Fatal(err)
	}
	a.publish.conclude(t.Context(), &writeResult{}, nil, zone)
	zone.release()
	return server, proxy, a, b
}

// lockFour locks zone 4.
func lockFour(t *testing.T, p *pendingTickets) *zoneLock {
	t.Helper()
	held, err := shared.NewMutexes(p.shared).Acquire(t.Context(), "zone/4")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(held.Release)
	return &zoneLock{held: held, pending: p, zoneID: 4, counts: true, entry: newPendingEntry()}
}

// A reservation that the store carries out late is taken back: nothing was sent.
func Test14_6_UnconfirmedReservationIsTakenBack(t *testing.T) {
	t.Parallel()
	server, _, a, b := openPendingBehind(t)
	zone := lockFour(t, a)
	server.Freeze()
	if err := a.publish.reserve(t.Context(), nil, zone); !errors.Is(err, ErrNoExclusion) {
		t.Errorf("reserve = %v while the store is frozen, want %v", err, ErrNoExclusion)
	}
	server.Thaw() // and carries out what it has received
	cachetest.Until(t, "the place is free", func() bool {
		pending, err := b.all(t.Context(), 4)
		return err == nil && len(pending) == 0 && a.shared.Up()
	})
	wantPending(t, a, 0)
	zone.release()
	if err := b.publish.reserve(t.Context(), nil, lockFour(t, b)); err != nil {
		t.Errorf("reserve = %v, want the lock to be free", err)
	}
	wantPending(t, a, 1)
}

// A reservation that arrives even after it was taken back changes nothing.
func Test14_6_LateReservationChangesNothing(t *testing.T) {
	t.Parallel()
	_, proxy, a, b := openPendingBehind(t)
	zone := lockFour(t, a)
	const late = 5500 * time.Millisecond // after the replica has reconnected, and while the lock would last
	proxy.Delay(late)
	sent := time.Now()
	if err := a.publish.reserve(t.Context(), nil, zone); !errors.Is(err, ErrNoExclusion) {
		t.Errorf("reserve = %v, want %v", err, ErrNoExclusion)
	}
	proxy.Delay(0)
	cachetest.Until(t, "the replica has reconnected", func() bool { return a.shared.Up() && a.publish.flush(t.Context()) == nil })
	if time.Since(sent) > late {
		t.Skip("skipped: the machine is too busy to reconnect before the reservation arrives")
	}
	time.Sleep(late - time.Since(sent) + 500*time.Millisecond)
	wantPending(t, b, 0)
}

// Nothing is reserved under a lock that the server has forgotten.
func Test14_6_ReservationNeedsTheLock(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a := openPendingAt(t, server.Config())
	zone := lockFour(t, a)
	if _, err := server.Do("FLUSHALL"); err != nil {
		t.Fatal(err)
	}
	if err := a.publish.reserve(t.Context(), nil, zone); !errors.Is(err, ErrNoExclusion) {
		t.Errorf("reserve = %v after a flush, want %v", err, ErrNoExclusion)
	}
	wantPending(t, a, 0)
}
