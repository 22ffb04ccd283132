package isp

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// coldStart is what callers got who asked for one client each while there was no list.
type coldStart struct {
	asked, told int
	listAfter   time.Duration // 0 for never
}

// lookUpCold asks for a different client each interval, as often as count says, and notes when the
// list is there. Each answer must be the client, or, if mayBeTold, say when the list will be there.
func (b *bubble) lookUpCold(every time.Duration, count int, mayBeTold bool) (result coldStart) {
	b.t.Helper()
	began, ids := time.Now(), b.upstream.IDs()
	var mu sync.Mutex
	var group sync.WaitGroup
	group.Go(func() {
		for _, warm := b.provider.Clients.directory.Peek(struct{}{}); !warm; time.Sleep(time.Second / 10) {
			if _, warm = b.provider.Clients.directory.Peek(struct{}{}); time.Since(began) > 10*time.Minute {
				return
			}
		}
		result.listAfter = time.Since(began)
	})
	for i := range count {
		id := ids[i*7919%len(ids)]
		group.Go(func() {
			ctx, cancel := context.WithTimeout(b.t.Context(), 15*time.Second) // a GraphQL operation's
			defer cancel()
			client, err := b.provider.Clients.Get(ctx, id)
			mu.Lock()
			defer mu.Unlock()
			result.asked++
			fetch := (*FetchError)(nil)
			switch {
			case err == nil && client != nil && client.ServiceID == id:
			case mayBeTold && errors.Is(err, ErrRateLimited) && errors.As(err, &fetch) && fetch.RetryAfter > 0:
				result.told++
			default:
				b.t.Errorf("Get(%d) = %v, %v after %v, want the client", id, client, err, time.Since(began))
			}
		})
		time.Sleep(every)
	}
	group.Wait()
	calls, minute := b.calls(time.Minute)
	if minute > 100 {
		b.t.Errorf("calls in a minute = %d, want at most 100", minute)
	}
	b.t.Logf("%d look-ups, %d told when, the list after %v, %d calls", result.asked, result.told, result.listAfter, calls)
	return result
}

// 150 users ask for 150 different clients in the first second.
func Test14_1_150LookUpsInTheFirstSecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, 2000, func(*Config) {})
		b.upstream.SetFaults(wisphubtest.Faults{Latency: 150 * time.Millisecond})
		b.lookUpCold(time.Second/150, 150, false)
		b.wantCallsAtMost(25)
	})
}

// 25 different ids a second, for two minutes.
func Test14_1_TwoMinutesOfLookUps(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string]wisphubtest.Faults{
		"calm":     {Latency: 150 * time.Millisecond},
		"one in 8": {Latency: 150 * time.Millisecond, Jitter: 450 * time.Millisecond, HangRate: 1.0 / 8},
	} {
		bubbled(t, name, func(t *testing.T) {
			b := newBubble(t, 2000, func(*Config) {})
			b.upstream.SetFaults(faults)
			b.lookUpCold(time.Second/25, 25*120, false)
			b.wantCallsAtMost(60)
		})
	}
}

// 20,000 clients at two ids a second, while one call in eight hangs.
func Test14_1_LookUpsDoNotStarveTheList(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string]wisphubtest.Faults{
		"calm":     {Latency: 300 * time.Millisecond, Jitter: 300 * time.Millisecond},
		"one in 8": {Latency: 150 * time.Millisecond, Jitter: 450 * time.Millisecond, HangRate: 1.0 / 8},
	} {
		bubbled(t, name, func(t *testing.T) {
			b := newBubble(t, 20_000, func(*Config) {})
			b.upstream.SetFaults(faults)
			if got := b.lookUpCold(time.Second/2, 2*60, false); got.listAfter == 0 || got.listAfter > 20*time.Second {
				t.Errorf("the list was there after %v, want 20s at most", got.listAfter)
			}
			b.wantCallsAtMost(110)
		})
	}
}

// 60,000 clients are more pages than a minute allows. Callers who cannot wait are told when.
func Test14_1_LongListTellsLookUpsWhen(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string]wisphubtest.Faults{
		"calm":     {Latency: 300 * time.Millisecond, Jitter: 300 * time.Millisecond},
		"one in 8": {Latency: 150 * time.Millisecond, Jitter: 450 * time.Millisecond, HangRate: 1.0 / 8},
	} {
		bubbled(t, name, func(t *testing.T) {
			b := newBubble(t, 60_000, func(*Config) {})
			b.upstream.SetFaults(faults)
			got := b.lookUpCold(time.Second/2, 2*180, true)
			if got.listAfter == 0 || got.listAfter > 150*time.Second {
				t.Errorf("the list was there after %v, want 150s at most", got.listAfter)
			}
			if got.told == 0 || got.told == got.asked {
				t.Errorf("%d of %d callers were told when, want some", got.told, got.asked)
			}
		})
	}
}

// A caller of the list itself is told when, too, as soon as that is known, and not at its deadline.
func Test14_1_ColdListTellsWhen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, 60_000, func(*Config) {})
		b.upstream.SetFaults(wisphubtest.Faults{Latency: 300 * time.Millisecond})
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		defer cancel()
		began := time.Now()
		_, err := b.provider.Clients.List(ctx, ClientQuery{})
		fetch := (*FetchError)(nil)
		if !errors.As(err, &fetch) || !errors.Is(err, ErrRateLimited) || fetch.RetryAfter < 30*time.Second {
			t.Fatalf("List() without a list = %v, want RATE_LIMITED with the time until the list is there", err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("List() told the caller after %v, want 5s at most", took)
		}
		time.Sleep(fetch.RetryAfter + 30*time.Second)
		if _, err := b.provider.Clients.List(t.Context(), ClientQuery{}); err != nil {
			t.Errorf("List() after the %v that it named = %v, want the list", fetch.RetryAfter, err)
		}
	})
}

// When the budget has no room for the first page, callers are told at once when to ask again.
func Test14_1_FirstPageWaitsForTheBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, 20, func(*Config) {})
		spend(b.provider, 95)
		list := func(ctx context.Context) (any, error) { return b.provider.Clients.List(ctx, ClientQuery{}) }
		rows := func(ctx context.Context) (any, error) { return nil, b.provider.Clients.Await(ctx) }
		for _, read := range []func(context.Context) (any, error){list, list, rows} { // the second joins the crawl
			began := time.Now()
			_, err := read(within(t, 15*time.Second))
			fetch := (*FetchError)(nil)
			if !errors.As(err, &fetch) || !errors.Is(err, ErrRateLimited) || fetch.RetryAfter < 40*time.Second || time.Since(began) > time.Second {
				t.Errorf("the list = %+v after %v, want at once that it is there in a minute", err, time.Since(began))
			}
		}
		time.Sleep(65 * time.Second)
		if _, err := b.provider.Clients.List(t.Context(), ClientQuery{}); err != nil {
			t.Errorf("List() a minute later = %v", err)
		}
	})
}

// When WispHub answers nothing, callers of a cold list are told so, and not that our budget is spent.
func Test14_1_ColdListOfAHangingWispHub(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, 20, func(*Config) {})
		b.upstream.SetFaults(wisphubtest.Faults{HangRate: 1})
		_, err := b.provider.Clients.List(within(t, 15*time.Second), ClientQuery{})
		wantErrorIs(t, "List()", err, ErrUpstreamTimeout)
	})
}
