package ratelimit

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// slowLog answers late. A caller that leaves meanwhile does not learn that its call was recorded.
type slowLog struct{ *fakeLog }

func (s slowLog) Enter(ctx context.Context, m Member, e Entry) (int64, time.Duration, error) {
	number, wait, err := s.fakeLog.Enter(ctx, m, e)
	select {
	case <-time.After(500 * time.Millisecond):
		return number, wait, err
	case <-ctx.Done():
		return 0, 0, ctx.Err()
	}
}

// Test14_7_CallerLeavesDuringEnter expects a call that was not sent to cost nothing.
func Test14_7_CallerLeavesDuringEnter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		limiter := New(Options{MinuteLimit: 60, HourLimit: 600, Timeout: time.Minute, Log: slowLog{&fakeLog{fakeStore: store, replicas: 1}}})
		defer limiter.Close()
		time.Sleep(5 * time.Second)
		for range 10 {
			ctx, leave := context.WithCancel(t.Context())
			time.AfterFunc(100*time.Millisecond, leave)
			if permit, err := limiter.Take(ctx); err == nil {
				t.Errorf("Take = %+v, want an error", permit)
			}
		}
		time.Sleep(5 * time.Second)
		store.mu.Lock()
		recorded := len(store.calls)
		store.mu.Unlock()
		if used := limiter.Usage().LastMinute; recorded != 0 || used != 0 {
			t.Errorf("%d calls in the log, %d counted, want none: none was sent", recorded, used)
		}
	})
}
