package wisphub

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

var anyCall = &call{method: http.MethodGet, route: "clientes"}

// asRank is a context whose calls have the rank.
func asRank(ctx context.Context, rank Rank) context.Context {
	return WithRank(ctx, func() Rank { return rank })
}

// spend takes so many slots of the rank at once and gives the connections back.
func spend(t *testing.T, b *budget, rank Rank, calls int) {
	t.Helper()
	for range calls {
		granted, err := b.take(asRank(t.Context(), rank), anyCall)
		if err != nil {
			t.Errorf("take = %v", err)
			return
		}
		b.release(granted)
	}
}

// number tells which call of the budget's own this is, from 1.
func (s *slot) number() uint64 {
	number, err := strconv.ParseUint(s.id[strings.LastIndex(s.id, "-")+1:], 36, 64)
	if err != nil {
		panic(err)
	}
	return number
}

// waited returns how long a call of the rank waits for its turn.
func waited(t *testing.T, b *budget, rank Rank) time.Duration {
	t.Helper()
	began := time.Now()
	spend(t, b, rank, 1)
	return time.Since(began)
}

func TestUsageWindows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := open(t, Config{Host: "http://127.0.0.1:1", MinuteLimit: 10, HourLimit: 20})
		check := func(when string, minute, hour int) {
			t.Helper()
			if got, want := api.Usage(), (Usage{minute, hour, 10, 20}); got != want {
				t.Errorf("%s: Usage() = %+v, want %+v", when, got, want)
			}
		}
		check("at first", 0, 0)
		spend(t, api.budget, RankRead, 2)
		check("after two calls", 2, 2)
		time.Sleep(time.Minute - 1)
		check("just under a minute later", 2, 2)
		spend(t, api.budget, RankRead, 1)
		time.Sleep(time.Nanosecond)
		check("a minute later", 1, 3)
		time.Sleep(time.Hour - time.Minute - 1)
		check("just under an hour later", 0, 3)
		time.Sleep(time.Nanosecond)
		check("an hour later", 0, 1)
		time.Sleep(24 * time.Hour)
		spend(t, api.budget, RankRead, 1)
		if calls := api.Spent(); len(calls) != 1 {
			t.Errorf("%d calls are remembered after a day, want the last one", len(calls))
		}
		check("a day later", 1, 1)
	})
}

// Calls count whatever becomes of them: WispHub counts them too.
func TestUsageCountsFailures(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/", reply(http.StatusForbidden, htmlType, html))
	for range 3 {
		if err := privateList(t, api); err == nil {
			t.Error("Clients.List = nil, want an error")
		}
	}
	if got := api.Usage(); got.LastMinute != 3 || got.LastHour != 3 {
		t.Errorf("Usage() = %+v, want 3 calls", got)
	}
}

// The window slides: a token bucket would let 200 go in the first minute and 1,100 in the first hour.
func TestBudgetSlides(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(100, 1000)
		for minute := range 10 {
			if spend(t, b, RankRead, 60); minute > 0 && b.usage().LastMinute != 60 {
				t.Errorf("%d calls in minute %d, want 60", b.usage().LastMinute, minute)
			}
			time.Sleep(time.Minute + transit)
		}
		spend(t, b, RankRead, 100)
		if got, want := waited(t, b, RankRead), time.Minute+transit; got != want {
			t.Errorf("call 101 of a minute waited %v, want %v", got, want)
		}
		for b.usage().LastHour < 1000 {
			spend(t, b, RankWrite, 1)
			time.Sleep(2 * time.Second)
		}
		began := b.spent()[0].At
		if waited(t, b, RankRead); time.Since(began) != HourWindow {
			t.Errorf("call 1,001 went %v after the first, want %v", time.Since(began), HourWindow)
		}
	})
}

// Background work leaves the last fifth to people, who come before it whenever both wait; a write comes before a read.
func TestBudgetRanks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(10, 1000)
		spend(t, b, RankBackground, 8)
		order, began := make([]Rank, 15), time.Now()
		var group sync.WaitGroup
		for _, rank := range []Rank{RankBackground, RankBackground, RankRead, RankRead, RankRead, RankWrite} {
			group.Go(func() {
				granted, err := b.take(asRank(t.Context(), rank), anyCall)
				if err != nil {
					t.Errorf("take = %v", err)
					return
				}
				if number := granted.number(); (number <= 10) != (time.Since(began) == 0) {
					t.Errorf("call %d went after %v", number, time.Since(began))
				}
				order[granted.number()] = rank
				b.release(granted)
			})
			synctest.Wait()
		}
		group.Wait()
		want := []Rank{RankRead, RankRead, RankWrite, RankRead, RankBackground, RankBackground}
		if got := order[9:]; !slices.Equal(got, want) {
			t.Errorf("the order was %v, want %v", got, want)
		}
	})
}

// Equals go in the order in which they came.
func TestBudgetIsFair(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(1, 1000)
		var group sync.WaitGroup
		for i := range 10 {
			group.Go(func() {
				granted, err := b.take(t.Context(), anyCall)
				if err != nil || granted.number() != uint64(i+1) {
					t.Errorf("take of caller %d = call %+v, %v, want call %d", i+1, granted, err, i+1)
				}
				b.release(granted)
			})
			synctest.Wait()
		}
		group.Wait()
	})
}

// A wait that would outlast the caller's deadline is refused at once, with the time to wait; one that is cancelled leaves
// its place to the next.
func TestBudgetRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(5, 1000)
		spend(t, b, RankRead, 5)
		time.Sleep(40 * time.Second)
		began := time.Now()
		for patience, want := range map[time.Duration]error{10 * time.Second: ErrBudget, 21 * time.Second: ErrBudget, time.Hour: nil} {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if want == nil {
				continue
			}
			_, err := b.take(ctx, anyCall)
			if e := (*Error)(nil); !errors.As(err, &e) || !errors.Is(err, want) || e.RetryAfter != 21*time.Second {
				t.Errorf("take with %v left = %v, want a refusal for 21s", patience, err)
			}
		}
		if time.Since(began) != 0 {
			t.Errorf("the refusals took %v, want none", time.Since(began))
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { _, err := b.take(ctx, anyCall); ended <- err }()
		synctest.Wait()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("take = %v, want %v", err, context.Canceled)
		}
		if got := waited(t, b, RankRead); got != 21*time.Second {
			t.Errorf("the next waited %v, want 21s", got)
		}
	})
}

// Whoever is overtaken in line until the time is up is refused, and not told that the upstream is slow.
func TestBudgetRefusesTheOvertaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(1, 1000)
		spend(t, b, RankRead, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		ended := make(chan error)
		go func() { _, err := b.take(ctx, anyCall); ended <- err }()
		synctest.Wait()
		go spend(t, b, RankWrite, 1)
		e := (*Error)(nil)
		if err := <-ended; !errors.As(err, &e) || !errors.Is(err, ErrBudget) || e.RetryAfter <= 0 {
			t.Errorf("take = %v, want a refusal with a time", err)
		}
	})
}

// Somebody comes to wait for what began as background work: it goes as theirs.
func TestRankRises(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(10, 1000)
		spend(t, b, RankBackground, 8)
		began := time.Now()
		ctx := WithRank(t.Context(), func() Rank {
			if time.Since(began) >= 5*time.Second {
				return RankRead
			}
			return RankBackground
		})
		if _, err := b.take(ctx, anyCall); err != nil || time.Since(began) != 5*time.Second {
			t.Errorf("take = %v after %v, want a slot after 5s", err, time.Since(began))
		}
	})
}

// Somebody comes to wait for background work that is far from its turn: they are told so at once, and not kept waiting.
func TestRankRisesInVain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(10, 1000)
		spend(t, b, RankRead, 10)
		began := time.Now()
		ctx := WithRank(t.Context(), func() Rank {
			if time.Since(began) >= 5*time.Second {
				return RankRead
			}
			return RankBackground
		})
		_, err := b.take(ctx, anyCall)
		e := (*Error)(nil)
		if !errors.As(err, &e) || !errors.Is(err, ErrBudget) || e.RetryAfter != MinuteWindow-5*time.Second || time.Since(began) != 5*time.Second {
			t.Errorf("take = %v after %v, want a refusal after 5s", err, time.Since(began))
		}
	})
}

// Calls that hang hold connections; background work holds at most half of them.
func TestBudgetKeepsConnections(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(100, 1000)
		var held []*slot
		hang := func(rank Rank) (taken int) {
			for {
				ctx, cancel := context.WithTimeout(asRank(t.Context(), rank), time.Second)
				granted, err := b.take(ctx, anyCall)
				cancel()
				if err != nil {
					return taken
				}
				held, taken = append(held, granted), taken+1
			}
		}
		if background, read := hang(RankBackground), hang(RankRead); background != 4 || read != 4 {
			t.Errorf("%d background calls and %d reads hang, want 4 and 4", background, read)
		}
		for _, granted := range held {
			b.release(granted)
		}
		if got := hang(RankRead); got != 8 {
			t.Errorf("%d reads have a connection after all was over, want 8", got)
		}
	})
}

// What upstream asks for is obeyed, within bounds.
func TestBudgetObeys(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  *Error
		want time.Duration
	}{
		"429":                {&Error{StatusCode: 429, kind: ErrRateLimited, RetryAfter: 20 * time.Second}, 20 * time.Second},
		"429 without a time": {&Error{StatusCode: 429, kind: ErrRateLimited}, restBare},
		"429 for an hour":    {&Error{StatusCode: 429, kind: ErrRateLimited, RetryAfter: time.Hour}, maxRest},
		"429 for no time":    {&Error{StatusCode: 429, kind: ErrRateLimited, RetryAfter: time.Millisecond}, minRest},
		"503 with a time":    {&Error{StatusCode: 503, kind: ErrUnavailable, RetryAfter: 7 * time.Second}, 7 * time.Second},
		"503":                {&Error{StatusCode: 503, kind: ErrUnavailable}, 0},
		"not sent":           {&Error{kind: ErrUnavailable, RetryAfter: time.Minute}, 0},
		"404":                {&Error{StatusCode: 404, kind: ErrNotFound}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBudget(100, 1000)
				b.obey(test.err)
				b.obey(nil)
				b.obey(&Error{StatusCode: 503, kind: ErrUnavailable, RetryAfter: time.Nanosecond})
				want := max(test.want, minRest)
				if got := waited(t, b, RankWrite); got != want {
					t.Errorf("the next call waited %v, want %v", got, want)
				}
			})
		})
	}
}

// A caller whose wait is WispHub's doing is told so.
func TestBudgetTellsWhoseLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(100, 1000)
		b.rest(time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := b.take(ctx, anyCall); !errors.Is(err, ErrRateLimited) {
			t.Errorf("take = %v, want %v", err, ErrRateLimited)
		}
	})
}

// What one process spent the next one remembers, even when the clock was put back in between.
func TestBudgetRemembers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := newBudget(10, 1000)
		spend(t, first, RankRead, 9)
		saved := append(first.spent(), Call{ID: "future", At: time.Now().Add(24 * time.Hour)})
		time.Sleep(30 * time.Second)
		second := newBudget(10, 1000)
		second.remember(saved)
		second.remember(saved)
		if got := second.usage(); got.LastMinute != 10 || got.LastHour != 10 {
			t.Errorf("usage = %+v, want the 10 calls of before", got)
		}
		if got, want := waited(t, second, RankRead), MinuteWindow-30*time.Second; got != want {
			t.Errorf("the next call waited %v, want %v", got, want)
		}
	})
}

// drawn is one call of a random load.
type drawn struct {
	after    time.Duration // the one before
	rank     Rank
	lasts    time.Duration
	patience time.Duration
}

// granted is when a drawn call came and went.
type granted struct {
	drawn
	came, went time.Time
	number     uint64 // 0 when it was not sent
}

// Under any load no window of any start holds more calls than allowed, wherever within a second they arrive; background
// leaves its reserve, and never goes before a person who waits.
func TestBudgetProperty(t *testing.T) {
	t.Parallel()
	const minute, hour = 10, 60
	spans := rapid.SampledFrom([]time.Duration{0, 1, time.Millisecond, time.Second, 5 * time.Second, 30 * time.Second, time.Minute, 10 * time.Minute})
	load := rapid.Custom(func(t *rapid.T) drawn {
		return drawn{
			after:    spans.Draw(t, "after") / time.Duration(rapid.IntRange(1, 20).Draw(t, "part")),
			rank:     rapid.SampledFrom([]Rank{RankBackground, RankBackground, RankBackground, RankRead, RankRead, RankWrite}).Draw(t, "rank"),
			lasts:    spans.Draw(t, "lasts") / 20,
			patience: spans.Draw(t, "patience"),
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		plan := rapid.SliceOfN(load, 1, 120).Draw(rt, "load")
		var wrong error
		synctest.Test(t, func(t *testing.T) { // no rt in the bubble: its Fatal panics
			wrong = judge(play(t, newBudget(minute, hour), plan), minute, hour)
		})
		if wrong != nil {
			rt.Fatal(wrong)
		}
	})
}

// play makes the calls of a plan, each on its own.
func play(t *testing.T, b *budget, plan []drawn) []granted {
	done := make([]granted, len(plan))
	var group sync.WaitGroup
	for i, one := range plan {
		time.Sleep(one.after)
		group.Go(func() {
			ctx, cancel := context.WithTimeout(asRank(t.Context(), one.rank), one.patience+time.Minute)
			defer cancel()
			done[i] = granted{drawn: one, came: time.Now()}
			slot, err := b.take(ctx, anyCall)
			if done[i].went = time.Now(); err != nil {
				return
			}
			done[i].number = slot.number()
			time.Sleep(one.lasts)
			b.release(slot)
		})
	}
	group.Wait()
	return done
}

func judge(done []granted, minute, hour int) error {
	sent := slices.DeleteFunc(slices.Clone(done), func(g granted) bool { return g.number == 0 })
	slices.SortFunc(sent, func(a, b granted) int { return cmp.Compare(a.number, b.number) })
	const late = time.Second // what a call may be on its way longer than one that was sent after it
	if err := errors.Join(holds(sent, time.Minute+late, minute, minute*4/5), holds(sent, time.Hour+late, hour, hour*4/5)); err != nil {
		return err
	}
	for _, behind := range sent {
		for _, person := range done {
			waits := person.came.Before(behind.went) && person.went.After(behind.went)
			if behind.rank == RankBackground && person.rank > RankBackground && waits && !connectionsWereShort(sent, behind.went) {
				return fmt.Errorf("background went at %v, before a person who waited from %v to %v", behind.went, person.came, person.went)
			}
		}
	}
	return nil
}

// connectionsWereShort: a person waited for one of eight connections, of which four are background's.
func connectionsWereShort(sent []granted, at time.Time) bool {
	busy := 0
	for _, g := range sent {
		if !g.went.After(at) && g.went.Add(g.lasts).After(at) {
			busy++
		}
	}
	return busy >= maxConnections
}

// holds checks the windows that begin with each call, which are the fullest.
func holds(sent []granted, window time.Duration, limit, behind int) error {
	for i, first := range sent {
		count := 0
		for _, other := range sent[i:] {
			if other.went.Sub(first.went) >= window {
				break
			}
			if count++; count > limit || other.rank == RankBackground && count > behind {
				return fmt.Errorf("call %d within %v of %v, of rank %d", count, window, first.went, other.rank)
			}
		}
	}
	return nil
}
