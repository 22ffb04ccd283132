package isp

import (
	"context"
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

// openPending returns the pending tickets of a replica.
func openPending(t *testing.T, server *cachetest.Server) (*pendingTickets, *shared.Mutexes) {
	t.Helper()
	store := cachetest.Join(t, server.Config())
	publish := newPublisher(store)
	p := newPendingTickets(store, publish)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		publish.run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	return p, shared.NewMutexes(store)
}

// reserveIn reserves a place in zone 4.
func reserveIn(t *testing.T, p *pendingTickets, locks *shared.Mutexes) (*zoneLock, error) {
	t.Helper()
	held, err := locks.Acquire(t.Context(), "zone/4")
	if err != nil {
		return nil, err
	}
	t.Cleanup(held.Release)
	zone := &zoneLock{held: held, pending: p, zoneID: 4, counts: true, entry: newPendingEntry()}
	return zone, p.publish.reserve(t.Context(), nil, zone)
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
	a, locks := openPending(t, server)
	b, _ := openPending(t, server)
	zone, err := reserveIn(t, a, locks)
	if err != nil {
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

// A reservation that the store may carry out late is taken back: nothing was sent.
func Test14_6_UnconfirmedReservationIsTakenBack(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, locks := openPending(t, server)
	b, _ := openPending(t, server)
	held, err := locks.Acquire(t.Context(), "zone/4")
	if err != nil {
		t.Fatal(err)
	}
	zone := &zoneLock{held: held, pending: a, zoneID: 4, counts: true, entry: newPendingEntry()}
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
	held.Release()
	if _, err := reserveIn(t, b, shared.NewMutexes(b.shared)); err != nil {
		t.Errorf("reserve = %v, want the lock to be free", err)
	}
	wantPending(t, a, 1)
}

// Nothing is reserved under a lock that the server has forgotten.
func Test14_6_ReservationNeedsTheLock(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, locks := openPending(t, server)
	held, err := locks.Acquire(t.Context(), "zone/4")
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	if _, err := server.Do("FLUSHALL"); err != nil {
		t.Fatal(err)
	}
	zone := &zoneLock{held: held, pending: a, zoneID: 4, counts: true, entry: newPendingEntry()}
	if err := a.publish.reserve(t.Context(), nil, zone); !errors.Is(err, ErrNoExclusion) {
		t.Errorf("reserve = %v after a flush, want %v", err, ErrNoExclusion)
	}
	wantPending(t, a, 0)
}
