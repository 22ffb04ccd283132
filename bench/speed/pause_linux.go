package main

import (
	"syscall"
	"time"
)

// pauseUntil waits until an instant. Go's own timers may be a millisecond late in an idle program,
// which would count as latency.
func pauseUntil(at time.Time) {
	for left := time.Until(at); left > 0; left = time.Until(at) {
		spec := syscall.NsecToTimespec(int64(left))
		_ = syscall.Nanosleep(&spec, nil) // a signal ends it early, and the loop goes on
	}
}
