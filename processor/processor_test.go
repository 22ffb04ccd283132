package processor_test

import (
	"runtime"
	"testing"

	"wisphub-graphql/processor"
)

// Test15_1_SpareThreads does not run in parallel, because it changes the runtime.
func Test15_1_SpareThreads(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	processor.Spare()
	if got := runtime.GOMAXPROCS(0); got != 2*before || processor.Cores() != before {
		t.Errorf("%d threads for %d cores, want %d for %d", got, processor.Cores(), 2*before, before)
	}
}
