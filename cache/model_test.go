package cache_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"wisphub-graphql/cache"
)

// step is one action, drawn by rapid.
type step struct {
	Do      string
	Sleep   time.Duration
	Timeout time.Duration // of a caller
	Delay   time.Duration // of the source from now on
	Err     error         // of the source from now on
}

func drawStep(t *rapid.T) step {
	return step{
		Do:      rapid.SampledFrom([]string{"sleep", "change", "get", "get", "refresh", "set", "invalidate"}).Draw(t, "do"),
		Sleep:   rapid.SampledFrom([]time.Duration{1, time.Second, notFound, ttl - 1, ttl, staleLimit - 1}).Draw(t, "sleep"),
		Timeout: rapid.SampledFrom([]time.Duration{1, time.Second, time.Hour}).Draw(t, "timeout"),
		Delay:   rapid.SampledFrom([]time.Duration{time.Millisecond, time.Second, 5 * time.Second, timeout + 1}).Draw(t, "delay"),
		Err:     rapid.SampledFrom([]error{nil, nil, errDown, errGone}).Draw(t, "err"),
	}
}

// TestModel has many callers use a cache over a source that is slow, fails or
// loses values, in any order, and checks each result against what the cache
// promises.
func TestModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.Custom(drawStep), 1, 60).Draw(rt, "steps")
		var m model
		synctest.Test(t, func(*testing.T) { m.play(steps) }) // without rt, whose Fatal would panic in the bubble
		if m.wrong != nil {
			rt.Fatal(m.wrong)
		}
	})
}

type model struct {
	src     *source
	cache   *cache.Cache[string, int]
	callers sync.WaitGroup

	mu    sync.Mutex
	floor time.Time // a Get that begins now must not return an older value
	wrong error
}

func (m *model) play(steps []step) {
	m.src = &source{report: m.blame, live: make(map[string]context.Context)}
	m.cache = cache.New(options(), m.src.load)
	for _, s := range steps {
		m.take(s)
		synctest.Wait()
	}
	m.callers.Wait()
	m.cache.Close()
}

func (m *model) take(s step) {
	switch s.Do {
	case "sleep":
		time.Sleep(s.Sleep)
	case "change":
		m.src.set(0, s.Err)
		m.src.slow(s.Delay)
	case "get":
		m.callers.Go(func() { m.ask(s.Timeout, m.get) })
	case "refresh":
		m.callers.Go(func() { m.ask(s.Timeout, m.cache.Refresh) })
	case "set":
		m.cache.Set(key, 0)
		m.raise(time.Now())
	case "invalidate":
		m.cache.Invalidate(key)
		m.raise(time.Now())
		if got, ok := m.cache.Peek(key); ok {
			m.blame("Peek = %+v, true after Invalidate", got)
		}
	}
}

// ask calls get with a timeout, and checks the result against what was known
// when it was called.
func (m *model) ask(limit time.Duration, get func(context.Context, string) (cache.Entry[int], error)) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	m.mu.Lock()
	floor := m.floor
	m.mu.Unlock()

	start := time.Now()
	got, err := get(ctx, key)
	waited, age := time.Since(start), time.Since(got.AsOf)
	switch {
	case waited > limit:
		m.blame("waited %v, past the deadline of %v", waited, limit)
	case err == nil && got.AsOf.Before(floor):
		m.blame("got %+v, older than %v", got, floor)
	case err == nil && got.Stale != (age >= ttl):
		m.blame("got %+v at age %v", got, age)
	case err == nil:
		m.raise(got.AsOf)
	case !errors.Is(err, errDown) && !errors.Is(err, errGone) && !errors.Is(err, context.DeadlineExceeded):
		m.blame("error %v", err)
	}
}

// get is Get, checked against memory: a value there is served at once, and not
// past the limit.
func (m *model) get(ctx context.Context, key string) (cache.Entry[int], error) {
	held, ok := m.cache.Peek(key)
	start := time.Now()
	got, err := m.cache.Get(ctx, key)
	if ok && (err != nil || !time.Now().Equal(start) || got.AsOf.Before(held.AsOf)) {
		m.blame("Get = %+v, %v after %v, want the %+v in memory", got, err, time.Since(start), held)
	}
	if ok && start.Sub(held.AsOf) >= staleLimit {
		m.blame("Peek = %+v at age %v", held, start.Sub(held.AsOf))
	}
	return got, err
}

func (m *model) raise(floor time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if floor.After(m.floor) {
		m.floor = floor
	}
}

func (m *model) blame(format string, args ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wrong = fmt.Errorf(format, args...)
}
