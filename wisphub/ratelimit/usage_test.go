package ratelimit

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestUsage_Windows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 10, 20, nil)
		check := func(when string, minute, hour int) {
			t.Helper()
			if got, want := l.Usage(), (Usage{minute, hour, 10, 20}); got != want {
				t.Errorf("Usage() %s = %+v, want %+v", when, got, want)
			}
		}
		check("at first", 0, 0)
		spend(t, l, PriorityRead, 2)
		check("after two calls", 2, 2)
		time.Sleep(time.Minute - 1)
		check("just under a minute later", 2, 2)
		spend(t, l, PriorityRead, 1)
		time.Sleep(time.Nanosecond)
		check("a minute later", 1, 3)
		time.Sleep(time.Hour - time.Minute - 1)
		check("just under an hour later", 0, 3)
		time.Sleep(time.Nanosecond)
		check("an hour later", 0, 1)
		time.Sleep(24 * time.Hour)
		spend(t, l, PriorityRead, 1)
		if calls := l.Spent(); len(calls) != 1 {
			t.Errorf("Spent() after a day = %d calls, want only the last one", len(calls))
		}
		check("a day later", 1, 1)
	})
}

// A token bucket would let 200 calls go in the first minute and 1,100 in the first hour.
func TestLimiter_WindowSlides(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 100, 1000, nil)
		for minute := range 10 {
			if spend(t, l, PriorityRead, 60); minute > 0 && l.Usage().LastMinute != 60 {
				t.Errorf("Usage() in minute %d = %d calls, want 60", minute, l.Usage().LastMinute)
			}
			time.Sleep(time.Minute + transit)
		}
		spend(t, l, PriorityWrite, 100)
		if got, want := waited(t, l, PriorityWrite), time.Minute+transit; got != want {
			t.Errorf("call 101 of a minute waited %v, want %v", got, want)
		}
		for l.Usage().LastHour < 1000 {
			spend(t, l, PriorityWrite, 1)
			time.Sleep(2 * time.Second)
		}
		began := l.Spent()[0].At
		if waited(t, l, PriorityWrite); time.Since(began) != HourWindow {
			t.Errorf("call 1,001 went %v after the first, want %v", time.Since(began), HourWindow)
		}
	})
}

func TestPause_Bounds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ retryAfter, want time.Duration }{
		"20 s":        {20 * time.Second, 20 * time.Second},
		"no time":     {0, defaultPause},
		"an hour":     {time.Hour, maxPause},
		"nearly none": {time.Millisecond, minPause},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := open(t, 100, 1000, nil)
				l.Pause(test.retryAfter)
				l.Pause(time.Nanosecond) // does not shorten the pause
				if got := waited(t, l, PriorityWrite); got != test.want {
					t.Errorf("the call after Pause(%v) waited %v, want %v", test.retryAfter, got, test.want)
				}
			})
		})
	}
}

func TestPause_RefusalSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 100, 1000, nil)
		l.Pause(time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := l.Take(ctx)
		if e := (*Error)(nil); !errors.As(err, &e) || !e.Paused {
			t.Errorf("Take() = %v, want an *Error with Paused", err)
		}
	})
}

// The next process counts the calls of the previous one, even when the clock was set back.
func TestRestore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := open(t, 10, 1000, nil)
		spend(t, first, PriorityRead, 9)
		saved := append(first.Spent(), Call{ID: "future", At: time.Now().Add(24 * time.Hour)})
		time.Sleep(30 * time.Second)
		second := open(t, 10, 1000, nil)
		second.Restore(saved)
		second.Restore(saved)
		if got := second.Usage(); got.LastMinute != 10 || got.LastHour != 10 {
			t.Errorf("Usage() = %+v, want the 10 restored calls", got)
		}
		if got, want := waited(t, second, PriorityRead), MinuteWindow-30*time.Second; got != want {
			t.Errorf("the next call waited %v, want %v", got, want)
		}
	})
}
