package shared

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valkey-io/valkey-go"
)

var errClosed = errors.New("the store is closed")

var (
	// ErrStoreLost answers whatever needs a store that is down, slow or refuses,
	// and everything after [Store.Close].
	ErrStoreLost = errors.New("cache: the shared store is lost")

	// ErrNoValue answers a [Store.Get] of a key that has no value.
	ErrNoValue = errors.New("cache: no such value in the shared store")

	// ErrValueTooLarge answers a [Store.Set] or [Store.Get] of a value of
	// more than 64 MiB.
	ErrValueTooLarge = errors.New("cache: the value is too large for the shared store")
)

const (
	storeTimeout = 250 * time.Millisecond // of what is short
	valueTimeout = 2 * time.Second        // of a long value
)

// Config says where a [Store] is.
type Config struct {
	// URL is redis://, rediss://, valkey://, valkeys:// or unix:///path, with
	// user, password and number of the database where there are such. It is
	// never shown. Required.
	URL string

	// Namespace begins the name of every key and channel, so that several
	// providers can share one store. Required.
	Namespace string

	// Logger is told when the store is lost and when it is back. Required.
	Logger *slog.Logger

	// Heartbeat is the interval at which a replica registers itself. Optional;
	// 0 means 2 s.
	Heartbeat time.Duration

	// AbsentAfter is how long a silent replica still counts. Optional; 0 means
	// 10 s.
	AbsentAfter time.Duration

	// LeaseTTL is how long a lease lasts without renewal. Optional; 0 means 15 s.
	LeaseTTL time.Duration

	// LockTTL is LeaseTTL for leases taken by Lock. Optional; 0 means 4 s.
	LockTTL time.Duration
}

// Store is what replicas have in common, in a Valkey or Redis server: values,
// messages, leases and ledgers. It is safe for concurrent use. Call
// [Store.Close] when done with it.
//
// The store may be lost at any time. Then every call fails at once with an
// error that is [ErrStoreLost], until the store has been found again behind
// the scenes. Nothing is ever sent twice: what failed may have happened.
type Store struct {
	prefix  string // of keys
	self    string // names this replica
	log     *slog.Logger
	options valkey.ClientOption
	timing  timing

	ctx  context.Context // ends with Close
	stop context.CancelFunc

	current  atomic.Pointer[connection] // nil while the store is lost
	census   census
	watchers *watchers

	mu         sync.Mutex // guards closed, and goroutines against a Go beside Wait
	closed     bool
	goroutines sync.WaitGroup
}

// timing holds the durations that a [Config] may change.
type timing struct {
	heartbeat   time.Duration
	absentAfter time.Duration
	leaseTTL    time.Duration
	lockTTL     time.Duration
}

func newTiming(cfg Config) timing {
	return timing{
		heartbeat:   cmp.Or(cfg.Heartbeat, 2*time.Second),
		absentAfter: cmp.Or(cfg.AbsentAfter, 10*time.Second),
		leaseTTL:    cmp.Or(cfg.LeaseTTL, 15*time.Second),
		lockTTL:     cmp.Or(cfg.LockTTL, 4*time.Second),
	}
}

// Open returns at once and connects in the background. An unreachable store is
// retried until Close. The only error is a URL that cannot be read. Open panics
// without a namespace or a logger.
func Open(cfg Config) (*Store, error) {
	if cfg.Namespace == "" || cfg.Logger == nil {
		panic("cache: Namespace and Logger are required")
	}
	options, err := storeOptions(cfg.URL)
	if err != nil {
		return nil, err
	}
	s := &Store{
		// Escaped, so that no namespace and kind of key can look like another namespace.
		prefix:   url.QueryEscape(cfg.Namespace) + ":",
		self:     rand.Text(),
		log:      cfg.Logger,
		options:  options,
		timing:   newTiming(cfg),
		watchers: newWatchers(),
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.begin(s.keepConnected)
	s.begin(s.spread)
	return s, nil
}

// Close ends all that runs behind s, makes the other replicas count one less
// and returns when both are done. It must not be called by what watches.
// Leases are not released: they are lost.
func (s *Store) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	s.goroutines.Wait()
}

// Up reports whether the store answered lately.
func (s *Store) Up() bool {
	c := s.current.Load()
	return c != nil && c.ctx.Err() == nil
}

// LeaseTTL returns how long a lease lasts without renewal, and so how long the
// lease of a replica that vanished stays held.
func (s *Store) LeaseTTL() time.Duration { return s.timing.leaseTTL }

// begin runs f on a goroutine that Close waits for; false after Close. F must
// end with s.ctx.
func (s *Store) begin(f func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.goroutines.Go(f)
	return true
}

// do makes one call to the store, of at most limit.
func (s *Store) do(ctx context.Context, limit time.Duration, call func(context.Context, *connection) error) error {
	c := s.current.Load()
	if c == nil {
		return cmp.Or(ctx.Err(), ErrStoreLost)
	}
	return c.do(ctx, limit, call)
}

// ask runs a short script that answers a number.
func (s *Store) ask(ctx context.Context, script *valkey.Lua, keys []string, args ...string) (int64, error) {
	c := s.current.Load()
	if c == nil {
		return 0, cmp.Or(ctx.Err(), ErrStoreLost)
	}
	return c.ask(ctx, script, keys, args...)
}

// key names what a kind of things calls name. No kind has a colon in it.
func (s *Store) key(kind, name string) string {
	return s.prefix + kind + ":" + name
}
