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

// plannedCall is one call of a random load.
type plannedCall struct {
	after    time.Duration // the previous call
	priority Priority
	lasts    time.Duration
	timeout  time.Duration
}

// playedCall is a planned call with the times at which it came and went.
type playedCall struct {
	plannedCall
	came, went time.Time
	number     uint64 // 0 when it was not sent
}

// Under any load, no window holds more calls than allowed, even if calls arrive up to a second
// late. Background calls and reads leave their reserves, look-ups keep to their share, a write within
// the limits goes at once, and background calls never go before a read or write that waits.
func TestLimiter_Property(t *testing.T) {
	t.Parallel()
	const minute, hour = 10, 60
	spans := rapid.SampledFrom([]time.Duration{
		0, 1, time.Millisecond, time.Second, 5 * time.Second, 30 * time.Second, time.Minute, 10 * time.Minute,
	})
	priorities := rapid.SampledFrom([]Priority{
		PriorityBackground, PriorityBackground, PriorityLookup, PriorityLookup, PriorityRead, PriorityShared, PriorityWrite,
	})
	load := rapid.Custom(func(t *rapid.T) plannedCall {
		return plannedCall{
			after:    spans.Draw(t, "after") / time.Duration(rapid.IntRange(1, 20).Draw(t, "part")),
			priority: priorities.Draw(t, "priority"),
			lasts:    spans.Draw(t, "lasts") / 20,
			timeout:  spans.Draw(t, "timeout"),
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		plan := rapid.SliceOfN(load, 1, 120).Draw(rt, "load")
		var wrong error
		synctest.Test(t, func(t *testing.T) { // rt must stay outside: its Fatal panics in the bubble
			wrong = checkPlayed(play(t, open(t, minute, hour, nil), plan), minute, hour)
		})
		if wrong != nil {
			rt.Fatal(wrong)
		}
	})
}

// play makes the calls of a plan, each on its own goroutine.
func play(t *testing.T, l *Limiter, plan []plannedCall) []playedCall {
	played := make([]playedCall, len(plan))
	var group sync.WaitGroup
	for i, planned := range plan {
		time.Sleep(planned.after)
		group.Go(func() {
			ctx, cancel := context.WithTimeout(withPriority(t.Context(), planned.priority), planned.timeout+time.Minute)
			defer cancel()
			played[i] = playedCall{plannedCall: planned, came: time.Now()}
			permit, err := l.Take(ctx)
			if played[i].went = time.Now(); err != nil {
				return
			}
			played[i].number = permit.number()
			time.Sleep(planned.lasts)
			permit.Release()
		})
	}
	group.Wait()
	return played
}

func checkPlayed(played []playedCall, minute, hour int) error {
	sent := slices.DeleteFunc(slices.Clone(played), func(c playedCall) bool { return c.number == 0 })
	slices.SortFunc(sent, func(a, b playedCall) int { return cmp.Compare(a.number, b.number) })
	const late = time.Second // how much longer a call may travel than one sent after it
	err := errors.Join(
		checkWindows(sent, time.Minute+late, minute),
		checkWindows(sent, time.Hour+late, hour),
		checkWrites(sent, minute, hour),
	)
	if err != nil {
		return err
	}
	for _, background := range sent {
		if background.priority != PriorityBackground {
			continue
		}
		for _, other := range played {
			waits := other.came.Before(background.went) && other.went.After(background.went)
			if other.priority > PriorityLookup && waits && !connectionsWereShort(sent, background.went) {
				return fmt.Errorf("a background call went at %v, before one of priority %d that waited from %v to %v",
					background.went, other.priority, other.came, other.went)
			}
		}
	}
	return nil
}

// connectionsWereShort reports whether shared readings held all their connections, or all eight
// were in use. Four of them are closed to background calls.
func connectionsWereShort(sent []playedCall, at time.Time) bool {
	all, shared := busyAt(sent, at)
	return all >= MaxConnections || shared >= SharedConnections
}

// busyAt returns the connections in use.
func busyAt(sent []playedCall, at time.Time) (all, shared int) {
	for _, c := range sent {
		if !c.went.After(at) && c.went.Add(c.lasts).After(at) {
			all++
			if c.priority == PriorityShared {
				shared++
			}
		}
	}
	return all, shared
}

// checkWrites checks that a write went at once if the windows had room for it.
func checkWrites(sent []playedCall, minute, hour int) error {
	for _, write := range sent {
		if write.priority != PriorityWrite || write.went.Equal(write.came) {
			continue
		}
		lastMinute, lastHour := 0, 0
		for _, other := range sent {
			if age := write.came.Sub(other.went); age >= 0 && age < HourWindow {
				lastHour++
				if age < MinuteWindow {
					lastMinute++
				}
			}
		}
		busy, _ := busyAt(sent, write.came)
		if lastMinute < minute && lastHour < hour && busy < MaxConnections+writeConnections {
			return fmt.Errorf("a write waited %v though only %d and %d calls were sent",
				write.went.Sub(write.came), lastMinute, lastHour)
		}
	}
	return nil
}

// checkWindows checks the windows that begin with each call, because they are the fullest.
func checkWindows(sent []playedCall, window time.Duration, limit int) error {
	for i, first := range sent {
		count, lookups := 0, 0
		for _, other := range sent[i:] {
			if other.went.Sub(first.went) >= window {
				break
			}
			count++
			if other.priority == PriorityLookup {
				lookups++
			}
			if count > limit*map[Priority]int{
				PriorityBackground: 8, PriorityLookup: 9, PriorityRead: 9, PriorityShared: 9, PriorityWrite: 10,
			}[other.priority]/10 || lookups > limit*6/10 {
				return fmt.Errorf("call %d within %v of %v, of priority %d", count, window, first.went, other.priority)
			}
		}
	}
	return nil
}
