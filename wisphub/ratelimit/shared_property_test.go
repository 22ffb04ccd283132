package ratelimit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// mishap is what happens to the log, or to one replica's access to it.
type mishap int

const (
	noMishap mishap = iota
	cutOff
	reconnect
	loseAnswer
	flush
	kill
	restart
)

func (m mishap) happen(log *fakeLog) {
	switch m {
	case cutOff, reconnect:
		log.setCut(m == cutOff)
	case loseAnswer:
		log.mu.Lock()
		defer log.mu.Unlock()
		log.unheard = true
	case flush:
		log.flush()
	case kill, restart:
		log.lose(m == kill)
	}
}

// No window holds more calls of all replicas than allowed, whatever the load: when replicas are cut
// off one by one or together, flap, and merge again, when answers are lost, and when the log is
// lost, flushed or comes back empty.
func Test14_7_Shared_Property(t *testing.T) {
	t.Parallel()
	spans := rapid.SampledFrom([]time.Duration{
		0, 1, 100 * time.Millisecond, 300 * time.Millisecond, time.Second, 4 * time.Second, 10 * time.Second, time.Minute,
	})
	mishaps := rapid.SampledFrom([]mishap{
		noMishap, noMishap, noMishap, noMishap, cutOff, cutOff, reconnect, reconnect, loseAnswer, flush, kill, restart,
	})
	type step struct {
		after   time.Duration
		replica int
		calls   int
		mishap  mishap
	}
	rapid.Check(t, func(rt *rapid.T) {
		count := rapid.IntRange(2, 3).Draw(rt, "replicas")
		minute := rapid.IntRange(3, 20).Draw(rt, "minute")
		hour := minute * rapid.IntRange(1, 5).Draw(rt, "minutes")
		plan := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
			return step{
				after: spans.Draw(t, "after") / 2, replica: rapid.IntRange(0, count-1).Draw(t, "replica"),
				calls: rapid.SampledFrom([]int{0, 1, 2, 5, 20}).Draw(t, "calls"), mishap: mishaps.Draw(t, "mishap"),
			}
		}), 1, 80).Draw(rt, "plan")
		var wrong error
		synctest.Test(t, func(t *testing.T) { // rt must stay outside: its Fatal panics in the bubble
			store := newFakeStore()
			logs := make([]*fakeLog, count)
			limiters := make([]*Limiter, count)
			for i := range logs {
				logs[i] = &fakeLog{fakeStore: store, replicas: count}
				limiters[i] = open(t, minute, hour, logs[i])
			}
			time.Sleep(2 * fakeSettle) // a replica that never joined does not know the others
			var load sharedLoad
			for _, step := range plan {
				time.Sleep(step.after)
				step.mishap.happen(logs[step.replica])
				for range step.calls {
					load.call(t.Context(), limiters[step.replica])
				}
			}
			wrong = load.check(minute, hour)
		})
		if wrong != nil {
			rt.Fatal(fmt.Errorf("%d steps: %w", len(plan), wrong))
		}
	})
}

// sharedLoad holds the calls that several limiters let go.
type sharedLoad struct {
	group sync.WaitGroup
	mu    sync.Mutex
	sent  []playedCall
}

// call makes one write that waits up to a minute for its permit.
func (s *sharedLoad) call(ctx context.Context, limiter *Limiter) {
	s.group.Go(func() {
		ctx, cancel := context.WithTimeout(withPriority(ctx, PriorityWrite), time.Minute)
		defer cancel()
		permit, err := limiter.Take(ctx)
		if err != nil {
			return
		}
		defer permit.Release()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sent = append(s.sent, playedCall{plannedCall: plannedCall{priority: PriorityWrite}, went: time.Now()})
	})
}

// check waits for all calls, and counts those of each window.
func (s *sharedLoad) check(minute, hour int) error {
	s.group.Wait()
	slices.SortFunc(s.sent, func(a, b playedCall) int { return cmp.Compare(a.went.UnixNano(), b.went.UnixNano()) })
	return errors.Join(checkWindows(s.sent, MinuteWindow, minute), checkWindows(s.sent, HourWindow, hour))
}

// After a flush, a replica that has everything in the log need not have the calls of a replica that
// is not back yet. These calls count for all shares again.
func Test14_7_Shared_FlushRevokesConfirmations(t *testing.T) {
	t.Parallel()
	tested := 0
	for offset := range 20 {
		synctest.Test(t, func(t *testing.T) {
			const limit = 20
			store := newFakeStore()
			a, b := &fakeLog{fakeStore: store, replicas: 2}, &fakeLog{fakeStore: store, replicas: 2}
			limiters := []*Limiter{open(t, limit, 1000, a), open(t, limit, 1000, b)}
			time.Sleep(2*fakeSettle + time.Duration(offset)*100*time.Millisecond)
			b.setCut(true)
			var load sharedLoad
			for range limit / 2 {
				load.call(t.Context(), limiters[0])
			}
			load.group.Wait()
			time.Sleep(2 * fakeLate)
			store.flush()
			flushed := time.Now()
			isBack := func() bool { return !store.member(limiters[0]).contact.Before(flushed) }
			b.setCut(false)
			until(func() bool { return store.member(limiters[1]).known > 0 })
			if isBack() {
				return // a was back first, so that b got its calls
			}
			b.setCut(true)
			until(isBack)
			a.setCut(true)
			tested++
			for range limit {
				load.call(t.Context(), limiters[0])
				load.call(t.Context(), limiters[1])
			}
			if err := load.check(limit, 1000); err != nil {
				t.Error(err)
			}
		})
	}
	if tested == 0 {
		t.Error("b was never back first")
	}
}

// until waits until the condition is true.
func until(condition func() bool) {
	for !condition() {
		time.Sleep(time.Millisecond)
	}
}

func (s *fakeStore) member(l *Limiter) fakeMember {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.members[l.idPrefix]
}

// A replica that was killed costs the others its share, and no more. After an hour it costs nothing.
func Test14_7_Shared_KilledReplicaCostsItsShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const limit = 60
		store := newFakeStore()
		var logs [3]*fakeLog
		var limiters [3]*Limiter
		for i := range logs {
			logs[i] = &fakeLog{fakeStore: store, replicas: len(logs)}
			limiters[i] = open(t, limit, 10_000, logs[i])
		}
		time.Sleep(2 * fakeSettle)
		logs[2].setCut(true)
		for _, want := range []struct{ least, most int }{{38, 40}, {60, 60}} {
			var load sharedLoad
			for range limit {
				load.call(t.Context(), limiters[0])
				load.call(t.Context(), limiters[1])
			}
			load.group.Wait()
			if got := len(load.sent); got < want.least || got > want.most {
				t.Errorf("the others sent %d calls in a minute, want %d to %d", got, want.least, want.most)
			}
			time.Sleep(HourWindow)
		}
	})
}
