package isp

import "time"

const (
	// workSlice is how long slow work keeps a processor before it pauses.
	workSlice = 500 * time.Microsecond
	// workPause lets the processor look for requests that have come. Go's scheduler does that when
	// it has nothing to run, so runtime.Gosched would not do.
	workPause = 200 * time.Microsecond
	// stepsPerLook is how many steps are done between two looks at the clock.
	stepsPerLook = 64
)

// workPace paces work in the background that takes a long time, such as indexing a directory. The
// requests that come meanwhile have the processor first. A nil pace does the work at once.
type workPace struct {
	steps int
	since time.Time
}

func newWorkPace() *workPace { return &workPace{since: time.Now()} }

// step follows each small step of the work.
func (p *workPace) step() {
	if p == nil {
		return
	}
	if p.steps++; p.steps%stepsPerLook > 0 || time.Since(p.since) < workSlice {
		return
	}
	time.Sleep(workPause)
	p.since = time.Now()
}
