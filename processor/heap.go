package processor

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// heapFloor is the size up to which the heap may grow before it is collected. A small provider
	// has 8 MB in memory. The collector would run each time that requests have allocated as much
	// again: 22 times a second under load, as was measured before there was a floor.
	heapFloor = 32 << 20
	// usualPercent is what the runtime uses by itself: the heap may double between two collections.
	usualPercent = 100
	// maxPercent keeps the minimum of the runtime, which is 4 MB for each 100 %, at the floor.
	maxPercent = 800
	// percentStep is the precision of changes, because each one stops all goroutines for a moment.
	percentStep = 10
)

// FloorHeap lets the heap grow to 32 MB before it is collected, however little of it is in use. A
// larger heap may double between two collections, as always. GOMEMLIMIT still holds. It does nothing
// if the operator has set GOGC. Call it once, at the start of the program.
func FloorHeap() {
	if _, set := os.LookupEnv("GOGC"); set {
		return
	}
	floor := &floor{percent: usualPercent}
	floor.adjust()
	afterCollections(floor.adjust)
}

// floor is the state of [FloorHeap]. Only finalizers use it, which run one at a time.
type floor struct{ percent int }

// adjust sets the size at which the next collection begins.
func (f *floor) adjust() {
	if percent := percentFor(readHeap()); percent != f.percent {
		f.percent = percent
		debug.SetGCPercent(percent)
	}
}

// heap is what the last collection has found, in bytes. Roots are the stacks and the variables of
// packages.
type heap struct{ live, roots uint64 }

func readHeap() heap {
	samples := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"},
	}
	metrics.Read(samples)
	return heap{samples[0].Value.Uint64(), samples[1].Value.Uint64() + samples[2].Value.Uint64()}
}

// percentFor returns the GOGC with which a heap grows to the floor, or to twice its live size if that
// is more. The runtime lets it grow by so many hundredths of the live size and the roots.
func percentFor(h heap) int {
	room := heapFloor - min(h.live, heapFloor)
	percent := room * 100 / max(h.live+h.roots, 1) // nothing is live before the first collection
	return int(min(max(percent/percentStep*percentStep, usualPercent), maxPercent))
}

// afterCollections calls run after each collection, until the process ends. It has no goroutine of
// its own: the runtime finalizes the same value again and again.
func afterCollections(run func()) {
	t := &tick{run}
	runtime.SetFinalizer(t, (*tick).collected)
}

type tick struct{ run func() }

func (t *tick) collected() {
	t.run()
	runtime.SetFinalizer(t, (*tick).collected)
}
