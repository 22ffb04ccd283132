package cache

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

var (
	// ErrStoreLost answers whatever needs a store that is down, slow or refuses,
	// and everything after [Shared.Close].
	ErrStoreLost = errors.New("cache: the shared store is lost")

	// ErrNoValue answers a [Shared.Load] of a key that has no value.
	ErrNoValue = errors.New("cache: no such value in the shared store")

	// ErrValueTooLarge answers a [Shared.Store] or [Shared.Load] of a value of
	// more than 64 MiB.
	ErrValueTooLarge = errors.New("cache: the value is too large for the shared store")
)

const (
	storeTimeout = 250 * time.Millisecond // of what is short
	valueTimeout = 2 * time.Second        // of a long value
)

// SharedConfig says where a [Shared] is.
type SharedConfig struct {
	// URL is redis://, rediss://, valkey://, valkeys:// or unix:///path, with
	// user, password and number of the database where there are such. It is
	// never shown. Required.
	URL string

	// Namespace begins the name of every key and channel, so that several
	// providers can share one store. Required.
	Namespace string

	// Logger is told when the store is lost and when it is back. Required.
	Logger *slog.Logger
}

// Shared is what replicas have in common, in a Valkey or Redis server: values,
// messages, leases and ledgers. It is safe for concurrent use. Call
// [Shared.Close] when done with it.
//
// The store may be lost at any time. Then every call fails at once with an
// error that is [ErrStoreLost], until the store has been found again behind
// the scenes. Nothing is ever sent twice: what failed may have happened.
type Shared struct {
	prefix  string // of keys
	self    string // names this replica
	log     *slog.Logger
	options valkey.ClientOption
	pace    pace

	ctx  context.Context // ends with Close
	stop context.CancelFunc

	current  atomic.Pointer[connection] // nil while the store is lost
	census   census
	watchers *watchers

	mu         sync.Mutex // guards closed, and goroutines against a Go beside Wait
	closed     bool
	goroutines sync.WaitGroup
}

// pace are the times of a [Shared] that tests shorten.
type pace struct {
	beat    time.Duration // between two signs of life
	absence time.Duration // from which a silent replica does not count
	lease   time.Duration // how long a lease lasts when it is not renewed
	lock    time.Duration // the same of one that was waited for
}

// OpenShared returns at once. A store that cannot be reached is looked for
// again and again; the only error is a URL that cannot be read. It panics when
// the namespace or the logger is missing.
func OpenShared(cfg SharedConfig) (*Shared, error) {
	return openShared(cfg, pace{beat: 2 * time.Second, absence: 10 * time.Second, lease: 15 * time.Second, lock: 4 * time.Second})
}

func openShared(cfg SharedConfig, p pace) (*Shared, error) {
	if cfg.Namespace == "" || cfg.Logger == nil {
		panic("cache: Namespace and Logger are required")
	}
	options, err := storeOptions(cfg.URL)
	if err != nil {
		return nil, err
	}
	s := &Shared{
		// Escaped, so that no namespace and kind of key can look like another namespace.
		prefix:   url.QueryEscape(cfg.Namespace) + ":",
		self:     rand.Text(),
		log:      cfg.Logger,
		options:  options,
		pace:     p,
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
func (s *Shared) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	s.goroutines.Wait()
}

// Up reports whether the store answered lately.
func (s *Shared) Up() bool {
	c := s.current.Load()
	return c != nil && c.ctx.Err() == nil
}

// begin runs f on a goroutine that Close waits for; false after Close. F must
// end with s.ctx.
func (s *Shared) begin(f func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.goroutines.Go(f)
	return true
}

// do makes one call to the store, of at most limit.
func (s *Shared) do(ctx context.Context, limit time.Duration, call func(context.Context, *connection) error) error {
	c := s.current.Load()
	if c == nil {
		return cmp.Or(ctx.Err(), ErrStoreLost)
	}
	return c.do(ctx, limit, call)
}

// ask runs a short script that answers a number.
func (s *Shared) ask(ctx context.Context, script *valkey.Lua, keys []string, args ...string) (int64, error) {
	c := s.current.Load()
	if c == nil {
		return 0, cmp.Or(ctx.Err(), ErrStoreLost)
	}
	return c.ask(ctx, script, keys, args...)
}

// key names what a kind of things calls name. No kind has a colon in it.
func (s *Shared) key(kind, name string) string {
	return s.prefix + kind + ":" + name
}
