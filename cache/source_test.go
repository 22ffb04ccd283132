package cache_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wisphub-graphql/auth/leaktest"
	"wisphub-graphql/cache"
)

const (
	ttl        = time.Minute
	staleLimit = time.Hour
	notFound   = 30 * time.Second
	timeout    = 10 * time.Second
	key        = "basic"
)

var (
	errGone = errors.New("gone")
	errDown = errors.New("down")
)

// spills watches what all tests here log for the store's password.
var spills = leaktest.New("s3cret")

func TestMain(m *testing.M) { goleak.VerifyTestMain(spills.Wrap(m)) }

// source is what the cache under test loads from. It reports when two loads of
// a key are wanted at a time.
type source struct {
	report func(format string, args ...any)

	mu    sync.Mutex
	value int
	err   error
	delay time.Duration
	loads int
	live  map[string]context.Context // of the load of a key under way
}

// set changes what the loads begun from now on answer.
func (s *source) set(value int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.value, s.err = value, err
}

func (s *source) slow(delay time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delay = delay
}

func (s *source) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loads
}

// load answers, after the delay, what the source held when the load began.
func (s *source) load(ctx context.Context, key string) (int, error) {
	s.mu.Lock()
	s.loads++
	if other, ok := s.live[key]; ok && other.Err() == nil {
		s.report("load of %q began beside another whose context has not ended", key)
	}
	s.live[key] = ctx
	value, err, delay := s.value, s.err, s.delay
	s.mu.Unlock()

	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.live[key] == ctx {
			delete(s.live, key)
		}
	}()
	select {
	case <-time.After(delay):
		return value, err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func options() cache.Options {
	return cache.Options{
		Name:        "plans",
		TTL:         ttl,
		StaleLimit:  staleLimit,
		NotFoundTTL: notFound,
		LoadTimeout: timeout,
		NotFound:    func(err error) bool { return errors.Is(err, errGone) },
	}
}

// open returns a source that answers 1 after a second and a cache over it,
// closed when the test ends.
func open(t *testing.T, opts cache.Options) (*source, *cache.Cache[string, int]) {
	t.Helper()
	src := &source{report: t.Errorf, value: 1, delay: time.Second, live: make(map[string]context.Context)}
	c := cache.New(opts, src.load)
	t.Cleanup(c.Close)
	return src, c
}

// wantGet fails the test unless Get answers value, of that staleness.
func wantGet(t *testing.T, c *cache.Cache[string, int], value int, stale bool) {
	t.Helper()
	got, err := c.Get(t.Context(), key)
	if err != nil || got.Value != value || got.Stale != stale {
		t.Errorf("Get(%q) = %+v, %v, want value %d, stale %t", key, got, err, value, stale)
	}
}

// wantGetErr fails the test unless Get answers an error that is want.
func wantGetErr(t *testing.T, c *cache.Cache[string, int], want error) {
	t.Helper()
	if got, err := c.Get(t.Context(), key); !errors.Is(err, want) {
		t.Errorf("Get(%q) = %+v, %v, want error %v", key, got, err, want)
	}
}

func wantLoads(t *testing.T, src *source, want int) {
	t.Helper()
	if got := src.count(); got != want {
		t.Errorf("%d loads, want %d", got, want)
	}
}
