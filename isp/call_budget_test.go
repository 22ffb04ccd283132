package isp

import (
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
)

// These tests prove in virtual time how many upstream calls a provider makes. bench/soak measures
// the same in real time, with the binary.

// bubble is a provider and its simulated WispHub inside a synctest bubble.
type bubble struct {
	t        *testing.T
	upstream *wisphubtest.Server
	provider *Provider
	api      *wisphub.API
	log      *logRecorder

	mu       sync.Mutex
	arrivals []time.Time // of all calls
}

// newBubble must be called inside a synctest bubble.
func newBubble(t *testing.T, clients int, change func(*Config)) *bubble {
	t.Helper()
	b := &bubble{t: t, upstream: wisphubtest.New(wisphubtest.Config{Clients: clients, Tickets: -1, Seed: 1}), log: &logRecorder{}}
	pipe := wisphubtest.Pipe(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		b.arrivals = append(b.arrivals, time.Now())
		b.mu.Unlock()
		b.upstream.ServeHTTP(rw, r)
	}))
	api, err := wisphub.New(wisphub.Config{Host: "http://wisphub.test", Key: wisphubtest.Key, Dial: pipe.Dial})
	if err != nil {
		t.Fatal(err)
	}
	cfg := testConfig(slog.New(slog.NewJSONHandler(b.log, nil)))
	change(&cfg)
	b.api, b.provider = api, New(api, cfg)
	t.Cleanup(func() {
		b.provider.Close()
		api.Close()
		b.upstream.Close()
		pipe.Close()
	})
	return b
}

// poll makes each user request the list every three seconds, and passes each result to check. The
// calls of check do not overlap.
func (b *bubble) poll(users int, during time.Duration, check func(page *ClientConnection, waited time.Duration, err error)) {
	b.t.Helper()
	const every = 3 * time.Second
	end := time.Now().Add(during)
	var checking sync.Mutex
	var group sync.WaitGroup
	for user := range users {
		group.Go(func() {
			time.Sleep(every * time.Duration(user) / time.Duration(users))
			for time.Now().Before(end) {
				began := time.Now()
				page, err := b.provider.Clients.List(b.t.Context(), ClientQuery{First: new(10)})
				waited := time.Since(began)
				checking.Lock()
				check(page, waited, err)
				checking.Unlock()
				time.Sleep(every)
			}
		})
	}
	group.Wait()
}

// calls returns the number of upstream calls, in total and in the busiest window.
func (b *bubble) calls(window time.Duration) (total, busiest int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	first := 0
	for i, at := range b.arrivals {
		for at.Sub(b.arrivals[first]) >= window {
			first++
		}
		busiest = max(busiest, i-first+1)
	}
	return len(b.arrivals), busiest
}

func (b *bubble) resetCalls() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.arrivals = nil
}

// wantCallsAtMost checks the total number of calls, and the limits a minute and an hour.
func (b *bubble) wantCallsAtMost(total int) {
	b.t.Helper()
	got, minute := b.calls(time.Minute)
	_, hour := b.calls(time.Hour)
	if got > total || minute > 100 || hour > 1000 {
		b.t.Errorf("upstream calls = %d, at most %d a minute and %d an hour, want at most %d, 100 and 1000", got, minute, hour, total)
	}
	b.t.Logf("%d calls, at most %d a minute and %d an hour", got, minute, hour)
}

// 100 users who poll for an hour cost at most 12 calls for a list of one page, and at most 500
// for a list of 20,000 clients.
func TestCallBudget_HourOfPolling(t *testing.T) {
	t.Parallel()
	for clients, most := range map[int]int{300: 12, 20_000: 500} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t, clients, func(*Config) {})
				b.upstream.SetFaults(wisphubtest.Faults{Latency: 300 * time.Millisecond, Jitter: 300 * time.Millisecond})
				seen := refreshTimes{}
				b.poll(100, time.Hour, func(page *ClientConnection, _ time.Duration, err error) {
					if err != nil || page.TotalCount != clients {
						t.Errorf("List() = %v, want %d clients", err, clients)
						return
					}
					seen[page.AsOf] = true
				})
				b.wantCallsAtMost(most)
				if refreshes := len(seen); refreshes < 6 {
					t.Errorf("refreshes of the list = %d, want 6 or more", refreshes)
				}
			})
		})
	}
}

// refreshTimes is the set of the AsOf times of a list.
type refreshTimes map[time.Time]bool

// sorted returns the times, oldest first.
func (r refreshTimes) sorted() []time.Time {
	return slices.SortedFunc(maps.Keys(r), time.Time.Compare)
}

// For an hour one call in eight hangs and one in twenty fails. Once there is a list, no user
// waits, no read fails, no client is missing, and the list is still refreshed.
func TestCallBudget_HourOfUnreliableUpstream(t *testing.T) {
	t.Parallel()
	const clients = 20_000
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, clients, func(*Config) {})
		if err := b.provider.Clients.Warm(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.upstream.SetFaults(wisphubtest.Faults{
			Latency: 300 * time.Millisecond, Jitter: 300 * time.Millisecond, HangRate: 1.0 / 8, ErrorRate: 0.05,
		})
		seen := refreshTimes{}
		b.poll(20, time.Hour, func(page *ClientConnection, waited time.Duration, err error) {
			if err != nil || page.TotalCount != clients || waited > 0 {
				t.Errorf("List() = %v after %v, want %d clients at once", err, waited, clients)
				return
			}
			seen[page.AsOf] = true
		})
		b.wantCallsAtMost(1000)
		times := seen.sorted()
		for i := range times[1:] {
			if gap := times[i+1].Sub(times[i]); gap > 25*time.Minute {
				t.Errorf("gap between two refreshes = %v, want at most 25m", gap)
			}
		}
		if len(times) < 4 {
			t.Errorf("refreshes of the list = %d in an hour, want 3 or more", len(times)-1)
		}
		t.Logf("%d refreshes", len(times)-1)
	})
}

// WispHub is down for two hours. The list is served with its age, and WispHub is probed rarely.
// When WispHub is back, the list is fresh within one interval, without a burst of calls.
func TestCallBudget_TwoHoursDown(t *testing.T) {
	t.Parallel()
	for _, clients := range []int{300, 5000} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t, clients, func(*Config) {})
				b.upstream.SetFaults(wisphubtest.Faults{Latency: 300 * time.Millisecond})
				var last time.Time
				mustList := func(page *ClientConnection, waited time.Duration, err error) {
					if err != nil || page.TotalCount != clients {
						t.Errorf("List() = %v after %v, want %d clients", err, waited, clients)
					}
				}
				b.poll(10, 20*time.Minute, mustList)
				page, err := b.provider.Clients.List(t.Context(), ClientQuery{})
				mustList(page, 0, err)
				last = page.AsOf
				time.Sleep(10 * time.Second) // for a refresh that may be running
				b.upstream.SetFaults(wisphubtest.Faults{Down: true})
				b.resetCalls()
				down := time.Now()
				b.poll(10, 2*time.Hour, func(page *ClientConnection, waited time.Duration, err error) {
					mustList(page, waited, err)
					if err == nil && (page.AsOf.Before(last) || page.AsOf.After(down) || waited > 0) {
						t.Errorf("List() as of %v after %v, want at once the list from before %v", page.AsOf, waited, down)
					}
				})
				if clients := b.provider.Status().Caches[0]; !clients.Stale || clients.AsOf.After(down) || b.provider.Status().UpstreamHealthy {
					t.Errorf("Status() = %+v, healthy %t, want a stale list and an unhealthy upstream", clients, b.provider.Status().UpstreamHealthy)
				}
				b.wantCallsAtMost(2 * 120)
				b.upstream.SetFaults(wisphubtest.Faults{Latency: 300 * time.Millisecond})
				b.resetCalls()
				up := time.Now()
				var fresh time.Time
				b.poll(10, 5*time.Minute, func(page *ClientConnection, waited time.Duration, err error) {
					mustList(page, waited, err)
					if err == nil && fresh.IsZero() && page.AsOf.After(down) {
						fresh = time.Now()
					}
				})
				if fresh.IsZero() {
					t.Error("List() is still stale five minutes after the upstream came back, want a fresh list")
				}
				b.wantCallsAtMost(2 * (clients/299 + 1))
				t.Logf("fresh after %v", fresh.Sub(up))
			})
		})
	}
}

// After the stale limit a read fails instead of serving old data.
func TestCallBudget_DownPastStaleLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, 300, func(cfg *Config) { cfg.StaleLimit = time.Hour })
		if err := b.provider.Clients.Warm(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.upstream.SetFaults(wisphubtest.Faults{Down: true})
		began := time.Now()
		b.poll(1, 90*time.Minute, func(_ *ClientConnection, _ time.Duration, err error) {
			if old := time.Since(began) >= time.Hour; old != (err != nil) {
				t.Errorf("List() = %v after %v, want an error from one hour on", err, time.Since(began))
			}
			if err != nil {
				wantErrorIs(t, "List()", err, ErrUpstreamUnavailable)
			}
		})
	})
}

// During the first crawl a client can be looked up by id within a second.
func TestCallBudget_LookUpsDuringFirstCrawl(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, 20_000, func(*Config) {})
		b.upstream.SetFaults(wisphubtest.Faults{Latency: 500 * time.Millisecond})
		ids := b.upstream.IDs()
		began := time.Now()
		warmed := make(chan error)
		go func() { warmed <- b.provider.Clients.WarmInBackground(t.Context()) }()
		for i := range 5 {
			requested := time.Now()
			client, err := b.provider.Clients.Get(t.Context(), ids[i*1000])
			if err != nil || client == nil || time.Since(requested) > time.Second {
				t.Errorf("Get() = %v, %v after %v, want the client within a second", client, err, time.Since(requested))
			}
		}
		if err := <-warmed; err != nil || time.Since(began) < 5*time.Second {
			t.Errorf("WarmUp() = %v after %v, want success after 5s or more", err, time.Since(began))
		}
	})
}

// A list that no user requests is not refreshed.
func TestCallBudget_IdleCostsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, 300, func(*Config) {})
		b.poll(1, time.Minute, func(*ClientConnection, time.Duration, error) {})
		time.Sleep(12 * time.Hour)
		b.wantCallsAtMost(1)
	})
}
