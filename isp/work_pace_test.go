package isp

import (
	"testing"
	"testing/synctest"
	"time"
)

// Long work pauses after each slice, so that requests have the processor. Short work does not.
func Test14_17_WorkPausesAfterASlice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pace, began := newWorkPace(), time.Now()
		for range 10 * stepsPerLook {
			pace.step() // no time passes here, as for a small directory
		}
		if paused := time.Since(began); paused != 0 {
			t.Errorf("paused %v within a slice, want 0", paused)
		}
		time.Sleep(workSlice)
		began = time.Now()
		for range 10 * stepsPerLook {
			pace.step()
		}
		if paused := time.Since(began); paused != workPause {
			t.Errorf("paused %v after a slice, want %v", paused, workPause)
		}
		(*workPace)(nil).step() // does not pause, and does not panic
	})
}
