package processor

import (
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// goalOf returns the size at which the runtime collects a heap.
func goalOf(h heap, percent int) uint64 {
	return max(h.live+(h.live+h.roots)*uint64(percent)/100, 4<<20*uint64(percent)/100)
}

// Test16_1_HeapGoal: the goal is the floor, or what it has always been if that is more.
func Test16_1_HeapGoal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := heap{
			live:  uint64(rapid.IntRange(0, 256<<20).Draw(t, "live")),
			roots: uint64(rapid.IntRange(0, 8<<20).Draw(t, "roots")),
		}
		got, usual := goalOf(h, percentFor(h)), goalOf(h, usualPercent)
		if got < usual || got > max(heapFloor, usual) {
			t.Fatalf("goal of %+v = %d, want %d or more, and not above the floor", h, got, usual)
		}
		if want := max(heapFloor, usual); got < want*85/100 {
			t.Fatalf("goal of %+v = %d, want about %d", h, got, want)
		}
	})
}

// childOf names the environment variable that makes the test a program of its own.
const childOf = "HEAP_TEST_CHILD"

// Test16_1_HeapFloor expects the goal that the runtime reports, in a process of its own, because the
// setting is one of the process.
func Test16_1_HeapFloor(t *testing.T) {
	t.Parallel()
	if os.Getenv(childOf) != "" {
		growHeap(t)
		return
	}
	for name, test := range map[string]struct{ gogc, want string }{
		"unset": {"", "floored"}, "set": {"GOGC=100", "usual"},
	} {
		command := exec.Command(os.Args[0], "-test.run=^Test16_1_HeapFloor$", "-test.v")
		for _, pair := range os.Environ() {
			if !strings.HasPrefix(pair, "GOGC=") {
				command.Env = append(command.Env, pair)
			}
		}
		command.Env = append(command.Env, childOf+"="+test.want)
		if test.gogc != "" {
			command.Env = append(command.Env, test.gogc)
		}
		if output, err := command.CombinedOutput(); err != nil {
			t.Errorf("GOGC %s: %v\n%s", name, err, output)
		}
	}
}

// growHeap compares the goals of a small and of a large heap with those that are wanted.
func growHeap(t *testing.T) {
	FloorHeap()
	collect(t)
	floored := os.Getenv(childOf) == "floored"
	if goal := readGoal(); (goal > heapFloor*8/10 && goal < heapFloor*12/10) != floored {
		t.Errorf("the goal of a small heap = %d, want the floor: %t", goal, floored)
	}
	large := make([]byte, 48<<20)
	collect(t)
	if goal, live := readGoal(), readHeap().live; goal < live*19/10 || goal > live*22/10 {
		t.Errorf("the goal of %d bytes = %d, want twice as much", live, goal)
	}
	runtime.KeepAlive(large)
	collect(t)
	if goal := readGoal(); goal > heapFloor*12/10 {
		t.Errorf("the goal after a large heap = %d, want at most the floor", goal)
	}
}

// collect returns when the finalizers of a collection have run. The second waits for those of the
// first, which run one after another.
func collect(t *testing.T) {
	for range 2 {
		done := make(chan struct{})
		last := &tick{}
		runtime.SetFinalizer(last, func(*tick) { close(done) })
		runtime.GC()
		select {
		case <-done:
		case <-time.After(time.Minute):
			t.Fatal("no finalizer has run for a minute")
		}
	}
}

func readGoal() uint64 {
	samples := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64()
}

// Test16_1_AfterEachCollection does not run in parallel, because it counts collections.
func Test16_1_AfterEachCollection(t *testing.T) {
	ran := make(chan struct{}, 100)
	afterCollections(func() {
		select {
		case ran <- struct{}{}:
		default: // other tests collect, too
		}
	})
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for range 3 {
		runtime.GC()
		select {
		case <-ran:
		case <-time.After(time.Minute):
			t.Fatal("nothing has run after a collection for a minute")
		}
	}
}
