package ratelimit

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Pages that a shared reading has announced are left to it. What it does not need goes to others.
func Test14_1_ReservedCallsAreLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 100, 1000, nil)
		ctx, reservation := l.Reserve(withPriority(t.Context(), PriorityShared))
		if reservation.Set(66); takenAtOnce(t, l, PriorityLookup) != 24 {
			t.Error("look-ups did not get the 24 calls beside 66 reserved ones")
		}
		_, wait := takeAtOnce(t, l, PriorityRead)
		if wait != MinuteWindow {
			t.Errorf("RetryAfter of a read = %v, want %v", wait, MinuteWindow)
		}
		for page := range 66 {
			permit, err := l.Take(ctx)
			if err != nil {
				t.Fatalf("Take() of page %d = %v, want a permit", page, err)
			}
			permit.Release()
		}
		reservation.Set(50)
		reservation.Release()
		if took := MinuteWindow; takenAtOnce(t, l, PriorityRead) != 0 {
			t.Errorf("a read went within %v of 90 calls", took)
		}
		time.Sleep(MinuteWindow)
		if got := takenAtOnce(t, l, PriorityRead); got != 90 {
			t.Errorf("reads after the release = %d, want 90", got)
		}
	})
}

// A page that could not be sent is reserved again.
func Test14_1_CancelledPageStaysReserved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 10, 1000, nil)
		ctx, reservation := l.Reserve(withPriority(t.Context(), PriorityShared))
		reservation.Set(6)
		permit, err := l.Take(ctx)
		if err != nil {
			t.Fatal(err)
		}
		permit.Cancel()
		if got := takenAtOnce(t, l, PriorityRead); got != 3 {
			t.Errorf("reads = %d, want 3 beside 6 reserved calls", got)
		}
	})
}

// A reading of more pages than a minute allows leaves a tenth of each minute to other reads, and takes
// the rest as fast as the limits allow.
func Test14_1_LongReadingLeavesATenth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 100, 1000, nil)
		ctx, reservation := l.Reserve(withPriority(t.Context(), PriorityShared))
		reservation.Set(203)
		began, done := time.Now(), make(chan time.Duration)
		go func() {
			for range 203 {
				permit, err := l.Take(ctx)
				if err != nil {
					t.Errorf("Take() = %v, want a permit", err)
					break
				}
				permit.Release()
			}
			done <- time.Since(began)
		}()
		synctest.Wait()
		if got := takenAtOnce(t, l, PriorityRead); got != 10 {
			t.Errorf("reads beside the reading = %d, want 10", got)
		}
		if _, wait := takeAtOnce(t, l, PriorityRead); wait != MinuteWindow {
			t.Errorf("RetryAfter of a read = %v, want %v", wait, MinuteWindow)
		}
		if took := <-done; took != 2*MinuteWindow {
			t.Errorf("203 pages took %v, want %v", took, 2*MinuteWindow)
		}
	})
}

// A reading that no caller waits for holds nothing back.
func Test14_1_BackgroundReadingReservesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, priority := open(t, 100, 1000, nil), PriorityBackground
		_, reservation := l.Reserve(WithPriority(t.Context(), func() Priority { return priority }))
		reservation.Set(60)
		if permit, _ := takeAtOnce(t, l, PriorityRead); permit == nil || takenAtOnce(t, l, PriorityRead) != 89 {
			t.Error("reads did not get their 90 calls beside a reading in the background")
		}
	})
}

// A list that the hour has no room for is not begun, and holds nothing back.
func Test14_1_ReadingThatDoesNotFitReservesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 100, 1000, nil)
		for range 8 {
			spend(t, l, PriorityRead, 90)
			time.Sleep(MinuteWindow)
		}
		_, reservation := l.Reserve(withPriority(t.Context(), PriorityShared))
		if refusal := reservation.Announce(t.Context(), 180); refusal != nil {
			t.Errorf("Announce(180) = %v, want nil: 720 calls of 900 are spent", refusal)
		}
		refusal := reservation.Announce(t.Context(), 181)
		if want := HourWindow - 8*MinuteWindow; refusal == nil || refusal.RetryAfter != want {
			t.Errorf("Announce(181) = %v, want a refusal with %v", refusal, want)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if refusal := reservation.Announce(ctx, 81); refusal == nil || refusal.RetryAfter != MinuteWindow {
			t.Errorf("Announce(81) with a minute left = %v, want a refusal with %v", refusal, MinuteWindow)
		}
		reservation.Release()
	})
}
