package inflight

import (
	"testing"
	"testing/synctest"
	"time"
)

// runOne is an operation that waits for nothing.
func runOne(t testing.TB, l *Limiter, bytes int64) {
	o, err := l.Begin("ana", 4<<10)
	if err != nil {
		t.Fatal(err)
	}
	defer o.End()
	if err := o.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := o.Reserve(t.Context(), bytes); err != nil {
		t.Fatal(err)
	}
	o.Executed()
	o.Hold(bytes)
}

func costLimits() Limits {
	return Limits{Operations: 100, RequestBytes: 16 << 20, AnswerBytes: 32 << 20, HeavyBytes: 2 << 20, Heavy: 1, Turns: 2}
}

// Test16_1_OneAllocation: an operation that waits for nothing is one value, without a timer, however
// large its answer is.
func Test16_1_OneAllocation(t *testing.T) {
	l := New(costLimits())
	for _, bytes := range []int64{1000, 100 << 10, 3 << 20} {
		if got := testing.AllocsPerRun(100, func() { runOne(t, l, bytes) }); got > 1 {
			t.Errorf("an operation of %d bytes allocates %v values, want 1", bytes, got)
		}
	}
}

// Test16_1_BurstsEndWithoutWaiters: an answer that has been made for longer than a burst does not keep
// a later one waiting, although no timer ran while none waited.
func Test16_1_BurstsEndWithoutWaiters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := New(costLimits())
		start := func() *Operation {
			o, err := l.Begin("ana", 0)
			if err == nil {
				err = o.Start(t.Context())
			}
			if err != nil {
				t.Fatal(err)
			}
			return o
		}
		first, second, third := start(), start(), start()
		reserve := func(o *Operation, want time.Duration) {
			began := time.Now()
			if err := o.Reserve(t.Context(), 3<<20); err != nil || time.Since(began) != want {
				t.Errorf("Reserve = %v after %v, want nil after %v", err, time.Since(began), want)
			}
		}
		reserve(first, 0)
		time.Sleep(burst)
		reserve(second, 0)
		if l.arrived != 0 {
			t.Error("an answer waits for a burst that is over, want it granted at once")
		}
		reserve(third, burst) // a timer runs, because it waits
		for _, o := range []*Operation{first, second, third} {
			o.End()
		}
		if len(l.bursts) != 0 || l.burstTimer != nil || l.heavy != 0 || len(l.perUser) != 0 {
			t.Errorf("%d bursts, timer %v, %d heavy, %d users are left, want nothing", len(l.bursts), l.burstTimer, l.heavy, len(l.perUser))
		}
	})
}

// BenchmarkOperation compares operations of several sizes with an uncontended mutex.
func BenchmarkOperation(b *testing.B) {
	l := New(costLimits())
	b.Run("yardstick", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			l.mu.Lock()
			l.arrived++
			l.mu.Unlock()
		}
	})
	for name, bytes := range map[string]int64{"small": 1000, "large": 100 << 10, "heavy": 3 << 20} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				runOne(b, l, bytes)
			}
		})
	}
}
