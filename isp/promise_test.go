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

// What the project promises of its calls, in virtual time. bench/soak shows the same in real time, with the real binary.

// world is a provider and its WispHub inside a bubble.
type world struct {
	t        *testing.T
	upstream *wisphubtest.Server
	provider *Provider
	api      *wisphub.API
	log      *logbook

	mu       sync.Mutex
	arrivals []time.Time // of all calls
}

// newWorld must be called in a bubble, and its close before the bubble ends.
func newWorld(t *testing.T, clients int, change func(*Config)) *world {
	t.Helper()
	w := &world{t: t, upstream: wisphubtest.New(wisphubtest.Config{Clients: clients, Tickets: -1, Seed: 1}), log: &logbook{}}
	pipe := wisphubtest.Pipe(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.arrivals = append(w.arrivals, time.Now())
		w.mu.Unlock()
		w.upstream.ServeHTTP(rw, r)
	}))
	api, err := wisphub.New(wisphub.Config{Host: "http://wisphub.test", Key: wisphubtest.Key, Dial: pipe.Dial})
	if err != nil {
		t.Fatal(err)
	}
	cfg := configuration(slog.New(slog.NewJSONHandler(w.log, nil)))
	change(&cfg)
	w.api, w.provider = api, New(api, cfg)
	t.Cleanup(func() {
		w.provider.Close()
		api.Close()
		w.upstream.Close()
		pipe.Close()
	})
	return w
}

// poll lets users ask for the list every three seconds for so long, and each answer be judged, one at a time.
func (w *world) poll(users int, during time.Duration, judge func(page *ClientConnection, waited time.Duration, err error)) {
	w.t.Helper()
	const every = 3 * time.Second
	end := time.Now().Add(during)
	var judging sync.Mutex
	var group sync.WaitGroup
	for user := range users {
		group.Go(func() {
			time.Sleep(every * time.Duration(user) / time.Duration(users))
			for time.Now().Before(end) {
				began := time.Now()
				page, err := w.provider.Clients.List(w.t.Context(), ClientQuery{First: new(10)})
				waited := time.Since(began)
				judging.Lock()
				judge(page, waited, err)
				judging.Unlock()
				time.Sleep(every)
			}
		})
	}
	group.Wait()
}

// calls returns how many calls came in all, and in the fullest window of so long.
func (w *world) calls(window time.Duration) (total, fullest int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	first := 0
	for i, at := range w.arrivals {
		for at.Sub(w.arrivals[first]) >= window {
			first++
		}
		fullest = max(fullest, i-first+1)
	}
	return len(w.arrivals), fullest
}

func (w *world) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.arrivals = nil
}

// wantWithin fails when more calls came than allowed.
func (w *world) wantWithin(total int) {
	w.t.Helper()
	got, minute := w.calls(time.Minute)
	_, hour := w.calls(time.Hour)
	if got > total || minute > 100 || hour > 1000 {
		w.t.Errorf("%d calls, at most %d in a minute and %d in an hour; want %d, 100, 1000", got, minute, hour, total)
	}
	w.t.Logf("%d calls, at most %d in a minute and %d in an hour", got, minute, hour)
}

// A hundred dashboards that ask every three seconds cost a one-page provider twelve calls an hour, and one of 20,000 clients
// at most five hundred.
func TestHourOfPolling(t *testing.T) {
	t.Parallel()
	for clients, most := range map[int]int{300: 12, 20_000: 500} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, clients, func(*Config) {})
				w.upstream.SetFaults(wisphubtest.Faults{Latency: 300 * time.Millisecond, Jitter: 300 * time.Millisecond})
				seen := renewals{}
				w.poll(100, time.Hour, func(page *ClientConnection, _ time.Duration, err error) {
					if err != nil || page.TotalCount != clients {
						t.Errorf("List() = %v, want %d clients", err, clients)
						return
					}
					seen[page.AsOf] = true
				})
				w.wantWithin(most)
				if renewed := len(seen); renewed < 6 {
					t.Errorf("the list was renewed %d times, want it about as often as its interval allows", renewed)
				}
			})
		})
	}
}

// renewals are the different times as of which a list was seen.
type renewals map[time.Time]bool

// times returns them in their order.
func (r renewals) times() []time.Time {
	return slices.SortedFunc(maps.Keys(r), time.Time.Compare)
}

// An hour in which one call in eight hangs and one in twenty fails: once there is a list, nobody waits, no answer fails, no
// client is missing, and the list is renewed all the same.
func TestHourOfABadUpstream(t *testing.T) {
	t.Parallel()
	const clients = 20_000
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, clients, func(*Config) {})
		if err := w.provider.Clients.Warm(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.upstream.SetFaults(wisphubtest.Faults{
			Latency: 300 * time.Millisecond, Jitter: 300 * time.Millisecond, HangRate: 1.0 / 8, ErrorRate: 0.05,
		})
		seen := renewals{}
		w.poll(20, time.Hour, func(page *ClientConnection, waited time.Duration, err error) {
			if err != nil || page.TotalCount != clients || waited > 0 {
				t.Errorf("List() = %v after %v, want %d clients at once", err, waited, clients)
				return
			}
			seen[page.AsOf] = true
		})
		w.wantWithin(1000)
		times := seen.times()
		for i := range times[1:] {
			if gap := times[i+1].Sub(times[i]); gap > 25*time.Minute {
				t.Errorf("the list was not renewed for %v", gap)
			}
		}
		if len(times) < 4 {
			t.Errorf("the list was renewed %d times in the hour, want 4 or more", len(times)-1)
		}
		t.Logf("renewed %d times", len(times)-1)
	})
}

// WispHub is down for two hours: what memory holds is served and says how old it is, WispHub is probed gently; when it is back
// the list is fresh within one interval, and not all at once.
func TestTwoHoursDown(t *testing.T) {
	t.Parallel()
	for _, clients := range []int{300, 5000} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, clients, func(*Config) {})
				w.upstream.SetFaults(wisphubtest.Faults{Latency: 300 * time.Millisecond})
				var last time.Time
				mustList := func(page *ClientConnection, waited time.Duration, err error) {
					if err != nil || page.TotalCount != clients {
						t.Errorf("List() = %v after %v, want %d clients", err, waited, clients)
					}
				}
				w.poll(10, 20*time.Minute, mustList)
				page, err := w.provider.Clients.List(t.Context(), ClientQuery{})
				mustList(page, 0, err)
				last = page.AsOf
				time.Sleep(10 * time.Second) // for a refresh that may be under way
				w.upstream.SetFaults(wisphubtest.Faults{Down: true})
				w.forget()
				down := time.Now()
				w.poll(10, 2*time.Hour, func(page *ClientConnection, waited time.Duration, err error) {
					mustList(page, waited, err)
					if err == nil && (page.AsOf.Before(last) || page.AsOf.After(down) || waited > 0) {
						t.Errorf("List() as of %v after %v, want the one of before %v at once", page.AsOf, waited, down)
					}
				})
				if clients := w.provider.Status().Caches[0]; !clients.Stale || clients.AsOf.After(down) || w.provider.Status().UpstreamHealthy {
					t.Errorf("Status() = %+v, healthy %t, of an upstream that is down", clients, w.provider.Status().UpstreamHealthy)
				}
				w.wantWithin(2 * 120)
				w.upstream.SetFaults(wisphubtest.Faults{Latency: 300 * time.Millisecond})
				w.forget()
				up := time.Now()
				var fresh time.Time
				w.poll(10, 5*time.Minute, func(page *ClientConnection, waited time.Duration, err error) {
					mustList(page, waited, err)
					if err == nil && fresh.IsZero() && page.AsOf.After(down) {
						fresh = time.Now()
					}
				})
				if fresh.IsZero() {
					t.Error("the list is not fresh five minutes after the upstream was back")
				}
				w.wantWithin(2 * (clients/299 + 1))
				t.Logf("fresh %v after", fresh.Sub(up))
			})
		})
	}
}

// After the stale limit no data beats wrong data.
func TestDownForTooLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 300, func(cfg *Config) { cfg.StaleLimit = time.Hour })
		if err := w.provider.Clients.Warm(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.upstream.SetFaults(wisphubtest.Faults{Down: true})
		began := time.Now()
		w.poll(1, 90*time.Minute, func(_ *ClientConnection, _ time.Duration, err error) {
			if old := time.Since(began) >= time.Hour; old != (err != nil) {
				t.Errorf("List() = %v after %v", err, time.Since(began))
			}
			if err != nil {
				wantErrorIs(t, "List()", err, ErrUpstreamUnavailable)
			}
		})
	})
}

// While the first list is read, which takes a while, a client is found by id at one call.
func TestLookUpsDuringTheFirstCrawl(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 20_000, func(*Config) {})
		w.upstream.SetFaults(wisphubtest.Faults{Latency: 500 * time.Millisecond})
		ids := w.upstream.IDs()
		began := time.Now()
		warmed := make(chan error)
		go func() { warmed <- w.provider.Clients.WarmInBackground(t.Context()) }()
		for i := range 5 {
			asked := time.Now()
			client, err := w.provider.Clients.Get(t.Context(), ids[i*1000])
			if err != nil || client == nil || time.Since(asked) > time.Second {
				t.Errorf("Get() = %v, %v after %v, want the client within a second", client, err, time.Since(asked))
			}
		}
		if err := <-warmed; err != nil || time.Since(began) < 5*time.Second {
			t.Errorf("WarmUp() = %v after %v, want it to take a while", err, time.Since(began))
		}
	})
}

// Nothing is read again that nobody has asked for lately.
func TestIdleCostsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 300, func(*Config) {})
		w.poll(1, time.Minute, func(*ClientConnection, time.Duration, error) {})
		time.Sleep(12 * time.Hour)
		w.wantWithin(1)
	})
}
