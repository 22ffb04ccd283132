package ratelimit

import (
	"testing"
	"testing/synctest"
	"time"
)

// Resume ends a pause for all replicas, also for calls that wait for its end.
func Test13_5_ResumeEndsPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiters := replicas(t, newFakeStore(), 2, 100, 1000)
		limiters[0].Pause(5 * time.Minute)
		took := make(chan time.Duration)
		go func() { took <- waited(t, limiters[0], PriorityBackground) }()
		time.Sleep(time.Minute)
		limiters[0].Resume()
		if got := <-took; got > time.Minute+recheckInterval {
			t.Errorf("a waiting call waited %v, want a minute", got)
		}
		if got := waited(t, limiters[1], PriorityRead); got > recheckInterval {
			t.Errorf("the other replica waited %v, want no wait", got)
		}
	})
}
