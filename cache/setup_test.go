package cache_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wisphub-graphql/cache"
	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
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

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// source is what the cache under test loads from. It reports two concurrent loads
// of a key.
type source struct {
	report func(format string, args ...any)

	mu    sync.Mutex
	value int
	err   error
	delay time.Duration
	loads int
	live  map[string]context.Context // contexts of running loads by key
}

// set changes what later loads return.
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

// load returns, after the delay, what the source held when the load began.
func (s *source) load(ctx context.Context, key string) (int, error) {
	s.mu.Lock()
	s.loads++
	if other, ok := s.live[key]; ok && other.Err() == nil {
		s.report("load of %q began while the context of another has not ended", key)
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

// open returns a source that returns 1 after a second, and a cache over it,
// closed when the test ends.
func open(t *testing.T, opts cache.Options) (*source, *cache.Cache[string, int]) {
	t.Helper()
	src := &source{report: t.Errorf, value: 1, delay: time.Second, live: make(map[string]context.Context)}
	c := cache.New(opts, src.load)
	t.Cleanup(c.Close)
	return src, c
}

// wantGet fails the test unless Get returns value, stale or not.
func wantGet(t *testing.T, c *cache.Cache[string, int], value int, stale bool) {
	t.Helper()
	got, err := c.Get(t.Context(), key)
	if err != nil || got.Value != value || got.Stale != stale {
		t.Errorf("Get(%q) = %+v, %v, want value %d, stale %t", key, got, err, value, stale)
	}
}

// wantGetErr fails the test unless Get returns an error that is want.
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

var decimal = cache.Codec[int]{
	Encode: func(n int) ([]byte, error) { return strconv.AppendInt(nil, int64(n), 10), nil },
	Decode: func(data []byte) (int, error) { return strconv.Atoi(string(data)) },
}

// realTimeSource returns a source for tests in real time, which returns 1 after
// 50 ms. Replicas that share it must not load at once.
func realTimeSource(t *testing.T) *source {
	return &source{report: t.Errorf, value: 1, delay: 50 * time.Millisecond, live: make(map[string]context.Context)}
}

type loadFunc = func(context.Context, string) (int, error)

// joinShortLeases joins a store whose leases last 600 ms.
func joinShortLeases(t *testing.T, server *cachetest.Server) *shared.Store {
	t.Helper()
	cfg := server.Config()
	cfg.LeaseTTL, cfg.LockTTL = 600*time.Millisecond, 600*time.Millisecond
	return cachetest.Join(t, cfg)
}

// replica returns a cache with its own store, whose leases last 600 ms.
func replica(t *testing.T, server *cachetest.Server, opts cache.Options, load loadFunc) (*shared.Store, *cache.Cache[string, int]) {
	t.Helper()
	store := joinShortLeases(t, server)
	c := cache.New(opts, load)
	c.Persist(decimal, store)
	t.Cleanup(c.Close)
	return store, c
}

// pair returns two replicas over one source.
func pair(t *testing.T, opts cache.Options) (src *source, a, b *cache.Cache[string, int]) {
	t.Helper()
	server := cachetest.StartServer(t)
	src = realTimeSource(t)
	_, a = replica(t, server, opts, src.load)
	_, b = replica(t, server, opts, src.load)
	return src, a, b
}

// untilValue waits until memory holds value.
func untilValue(t *testing.T, c *cache.Cache[string, int], value int) cache.Entry[int] {
	t.Helper()
	var got cache.Entry[int]
	cachetest.Until(t, "memory holds "+strconv.Itoa(value), func() bool {
		entry, ok := c.Peek(key)
		got = entry
		return ok && entry.Value == value
	})
	return got
}

func refresh(t *testing.T, c *cache.Cache[string, int], want int) {
	t.Helper()
	if got, err := c.Refresh(t.Context(), key); err != nil || got.Value != want || got.Stale {
		t.Errorf("Refresh(%q) = %+v, %v, want a fresh %d", key, got, err, want)
	}
}

// blockingLoader returns a loader that sends its count on began, and returns it after proceed.
func blockingLoader() (load loadFunc, began chan int, proceed chan struct{}) {
	var loads atomic.Int32
	began, proceed = make(chan int, 100), make(chan struct{}, 100)
	return func(ctx context.Context, _ string) (int, error) {
		n := int(loads.Add(1))
		began <- n
		select {
		case <-proceed:
			return n, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}, began, proceed
}
