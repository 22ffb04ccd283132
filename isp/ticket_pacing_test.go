package isp

import (
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"wisphub-graphql/wisphub/wisphubtest"
)

// The shares never exceed the total, and no group gets more than it needs. One that gets less than it
// needs has at least an equal share.
func Test14_3_FairShares(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		needs := rapid.SliceOfN(rapid.Float64Range(0, 1000), 1, 5).Draw(t, "needs")
		total := rapid.Float64Range(1, 1000).Draw(t, "total")
		sum := 0.0
		for i, share := range fairShares(total, needs...) {
			sum += share
			if share > needs[i] || share < needs[i] && share < total/float64(len(needs))-1e-9 {
				t.Fatalf("fairShares(%v, %v): share %d is %v", total, needs, i, share)
			}
		}
		if sum > total+1e-9 {
			t.Fatalf("fairShares(%v, %v) = %v in all", total, needs, sum)
		}
	})
	if got := fairShares(250, 60, 360, 12); math.Abs(got[0]-60)+math.Abs(got[1]-178)+math.Abs(got[2]-12) > 1e-9 {
		t.Errorf("fairShares = %v, want 60, 178 and 12", got)
	}
}

// hourOfPages is what a dashboard and a ticket page that poll every ten seconds see in an hour.
type hourOfPages struct{ directory, newest, tickets time.Duration } // the oldest

// watchPages polls for an hour after the first lists have come.
func (b *bubble) watchPages() (oldest hourOfPages) {
	b.t.Helper()
	provider, ctx := b.provider, b.t.Context()
	var group sync.WaitGroup
	poll := func(look func()) {
		group.Go(func() {
			for end := time.Now().Add(time.Hour); time.Now().Before(end); time.Sleep(10 * time.Second) {
				look()
			}
		})
	}
	poll(func() {
		page, err := provider.Clients.List(ctx, ClientQuery{First: new(50)})
		if err != nil {
			b.t.Errorf("Clients.List() = %v", err)
			return
		}
		oldest.directory = max(oldest.directory, time.Since(page.AsOf))
	})
	poll(func() {
		page, err := provider.Tickets.List(ctx, TicketQuery{First: new(100)})
		if err != nil {
			b.t.Errorf("Tickets.List() = %v", err)
			return
		}
		oldest.tickets = max(oldest.tickets, time.Since(page.AsOf))
		oldest.newest = max(oldest.newest, time.Since(provider.Tickets.index.Load().newest))
	})
	group.Wait()
	return oldest
}

// callsOf returns how many calls of a path the simulated WispHub has got.
func (b *bubble) callsOf(path string) (calls int) {
	for request, count := range b.upstream.Requests() {
		if strings.Contains(request, path) {
			calls += count
		}
	}
	return calls
}

// With 20,000 clients, a ticket page and a dashboard open for an hour, the directory is never older
// than ten minutes, whatever the horizon of the tickets is. Tickets take at most a quarter of the
// hour: with a long horizon they are older, and say so.
func Test14_3_TicketsLeaveTheDirectoryItsHalf(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		clients int
		horizon time.Duration
		many    bool
		oldest  time.Duration // ticket
	}{
		"183 days":               {20_000, 183 * 24 * time.Hour, false, 2 * time.Minute},
		"183 days, many tickets": {300, 183 * 24 * time.Hour, true, 18 * time.Minute},
		"3650 days":              {20_000, 3650 * 24 * time.Hour, false, 25 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t, test.clients, func(cfg *Config) { cfg.TicketsHorizon = test.horizon })
				b.upstream.SetFaults(wisphubtest.Faults{Latency: 300 * time.Millisecond, Jitter: 300 * time.Millisecond})
				if test.many {
					putManyOldTickets(b.upstream)
				}
				if err := b.provider.Clients.Warm(t.Context()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute) // both first lists do not fit into one minute's calls
				listTickets(t, b.provider, TicketQuery{})
				b.upstream.Reset()
				oldest := b.watchPages()
				calls := b.callsOf(ticketsPath)
				t.Logf("oldest: %+v; %d calls for tickets", oldest, calls)
				if oldest.directory > 10*time.Minute {
					t.Errorf("the directory became %v old, want at most 10m", oldest.directory)
				}
				if oldest.newest > 2*time.Minute || oldest.tickets > test.oldest {
					t.Errorf("the newest tickets became %v old and the oldest %v, want at most 2m and %v", oldest.newest, oldest.tickets, test.oldest)
				}
				if calls > 250 {
					t.Errorf("tickets cost %d calls in an hour, want at most 250", calls)
				}
				b.wantCallsAtMost(1000)
			})
		})
	}
}
