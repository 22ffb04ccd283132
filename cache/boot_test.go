package cache_test

import (
	"runtime"
	"testing"
	"time"

	"wisphub-graphql/cache"
)

func Test14_15_BootTime(t *testing.T) {
	t.Parallel()
	first := cache.BootTime{Boot: "one", Up: time.Hour}
	for name, c := range map[string]struct {
		now, earlier cache.BootTime
		age          time.Duration
		known        bool
	}{
		"the same boot":     {first, first.Before(time.Minute), time.Minute, true},
		"another boot":      {cache.BootTime{Boot: "two", Up: 2 * time.Hour}, first, 0, false},
		"later than now":    {first, first.Before(-time.Minute), 0, false},
		"an unknown time":   {cache.BootTime{}, cache.BootTime{}.Before(time.Minute), 0, false},
		"only one is known": {first, cache.BootTime{}, 0, false},
	} {
		if age, known := c.now.Since(c.earlier); known != c.known || known && age != c.age {
			t.Errorf("%s: Since = %v, %t, want %v, %t", name, age, known, c.age, c.known)
		}
	}
	began, start := cache.ReadBootTime(), time.Now()
	time.Sleep(10 * time.Millisecond)
	passed, wall := cache.ReadBootTime(), time.Since(start)
	age, known := passed.Since(began)
	if known != (runtime.GOOS == "linux") || known && (age < 10*time.Millisecond || age > wall+time.Second) {
		t.Errorf("Since = %v, %t after %v, want it known on Linux alone, and the same", age, known, wall)
	}
}
