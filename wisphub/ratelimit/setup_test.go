package ratelimit

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testTimeout = 10 * time.Second

// open returns a limiter that the test closes at its end. Log may be nil.
func open(t *testing.T, minute, hour int, log Log) *Limiter {
	t.Helper()
	l := New(Options{MinuteLimit: minute, HourLimit: hour, Timeout: testTimeout, Log: log})
	t.Cleanup(l.Close)
	return l
}

// withPriority returns a context whose calls have a fixed priority.
func withPriority(ctx context.Context, priority Priority) context.Context {
	return WithPriority(ctx, func() Priority { return priority })
}

// spend takes and releases the given number of permits.
func spend(t *testing.T, l *Limiter, priority Priority, calls int) {
	t.Helper()
	for range calls {
		permit, err := l.Take(withPriority(t.Context(), priority))
		if err != nil {
			t.Errorf("Take() = %v, want a permit", err)
			return
		}
		permit.Release()
	}
}

// waited returns how long one call waits for its permit.
func waited(t *testing.T, l *Limiter, priority Priority) time.Duration {
	t.Helper()
	began := time.Now()
	spend(t, l, priority, 1)
	return time.Since(began)
}

// number returns the number of the permit within its limiter, from 1.
func (p *Permit) number() uint64 {
	number, err := strconv.ParseUint(p.id[strings.LastIndex(p.id, "-")+1:], 36, 64)
	if err != nil {
		panic(err)
	}
	return number
}
