package ratelimit

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestTake_RefusesAtOnceWhatWouldWaitTooLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 5, 1000, nil)
		spend(t, l, PriorityRead, 4) // the fifth is for writes
		time.Sleep(40 * time.Second)
		began := time.Now()
		for _, timeout := range []time.Duration{10 * time.Second, 21 * time.Second} {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			_, err := l.Take(ctx)
			cancel()
			if e := (*Error)(nil); !errors.As(err, &e) || e.Paused || e.RetryAfter != 21*time.Second {
				t.Errorf("Take() with %v left = %v, want an *Error with 21s", timeout, err)
			}
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("the refusals took %v, want none", took)
		}
	})
}

func TestTake_CancelledCallLeavesItsPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 5, 1000, nil)
		spend(t, l, PriorityRead, 4) // the fifth is for writes
		time.Sleep(40 * time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { _, err := l.Take(ctx); ended <- err }()
		synctest.Wait()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Take() = %v, want %v", err, context.Canceled)
		}
		if got := waited(t, l, PriorityRead); got != 21*time.Second {
			t.Errorf("the next call waited %v, want 21s", got)
		}
	})
}

// The deadline passed because of other callers, not because the upstream is slow.
func TestTake_RefusesOvertakenCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 1, 1000, nil)
		spend(t, l, PriorityRead, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		ended := make(chan error)
		go func() { _, err := l.Take(ctx); ended <- err }()
		synctest.Wait()
		go spend(t, l, PriorityWrite, 1)
		e := (*Error)(nil)
		if err := <-ended; !errors.As(err, &e) || e.Paused || e.RetryAfter <= 0 {
			t.Errorf("Take() = %v, want an *Error with a time", err)
		}
	})
}

// raisedAfter returns a context of background calls that a caller joins after d.
func raisedAfter(t *testing.T, d time.Duration) context.Context {
	began := time.Now()
	return WithPriority(t.Context(), func() Priority {
		if time.Since(began) >= d {
			return PriorityRead
		}
		return PriorityBackground
	})
}

func TestTake_PriorityRisesWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 10, 1000, nil)
		spend(t, l, PriorityBackground, 8)
		began := time.Now()
		_, err := l.Take(raisedAfter(t, 5*time.Second))
		if took := time.Since(began); err != nil || took != 5*time.Second {
			t.Errorf("Take() = %v after %v, want a permit after 5s", err, took)
		}
	})
}

// A caller joins a background call that is too far from its turn: it is refused at once.
func TestTake_RefusesRaisedCallThatIsTooFar(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 10, 1000, nil)
		spend(t, l, PriorityWrite, 10)
		began := time.Now()
		_, err := l.Take(raisedAfter(t, 5*time.Second))
		took, e := time.Since(began), (*Error)(nil)
		if !errors.As(err, &e) || e.Paused || e.RetryAfter != MinuteWindow-5*time.Second || took != 5*time.Second {
			t.Errorf("Take() = %v after %v, want an *Error after 5s", err, took)
		}
	})
}
