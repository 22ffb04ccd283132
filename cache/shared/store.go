package shared

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/valkey-io/valkey-go"

	"wisphub-graphql/background"
)

var (
	// ErrStoreLost is returned by every call that needs a store that is down, slow
	// or answers with an error, and by every call after [Store.Close].
	ErrStoreLost = errors.New("shared: the store is unreachable")

	// ErrNoValue is returned by [Store.Get] for a key without a value.
	ErrNoValue = errors.New("shared: the key has no value")

	// ErrValueTooLarge is returned by [Store.Set] and [Store.Get] for a value of
	// more than 64 MiB.
	ErrValueTooLarge = errors.New("shared: the value exceeds 64 MiB")
)

var errClosed = errors.New("the store is closed")

const (
	// commandTimeout is the limit of a command. A server that answers after half a
	// second is slow and not lost: a script takes two commands at its first use.
	commandTimeout = 2 * time.Second
	valueTimeout   = 2 * time.Second // of a command with a long value
	upPoll         = 10 * time.Millisecond
)

// Config configures a [Store].
type Config struct {
	// URL is redis://, rediss://, valkey://, valkeys:// or unix:///path, with
	// user, password and database number if needed. It is a secret: no error
	// and no log shows it. Required.
	URL string

	// Namespace is the prefix of every key and channel, so that several
	// providers can share one server. Required.
	Namespace string

	// Name chooses another namespace for everything but one table, in which the
	// replicas of Namespace agree on names. It is called at each connect, and with
	// each heartbeat, because the table may be lost or another replica may know
	// better; if the name differs, the store reconnects. While Name fails, the
	// store counts as unreachable. Optional.
	Name func(ctx context.Context, names *Table) (string, error)

	// Logger receives a warning when the store becomes unreachable, and a note
	// when it is back. Required.
	Logger *slog.Logger

	// Heartbeat is the interval at which a replica registers itself. Optional;
	// 0 means 2 s.
	Heartbeat time.Duration

	// AbsentAfter is the time after which a silent replica no longer counts.
	// Optional; 0 means 10 s.
	AbsentAfter time.Duration

	// LeaseTTL is how long a lease lasts without renewal: another replica takes
	// over so long after a crash. Optional; 0 means 7 s.
	LeaseTTL time.Duration

	// LockTTL is the same for a lease taken by [Store.Lock] or [Mutexes]. Callers
	// wait for it, so it is short, but it exceeds several slow commands.
	// Optional; 0 means 8 s.
	LockTTL time.Duration

	// Regroup is how long no [Mutexes] can be acquired after the server has lost
	// its values, so that each replica can store again what it knows. It must
	// exceed two heartbeats, and the time that a replica takes to reconnect.
	// Optional; 0 means 8 s.
	Regroup time.Duration
}

// Store is one replica's access to the server that all replicas share. It is
// safe for concurrent use. Call [Store.Close] when done with it.
//
// The server may be lost at any time. Then every call fails at once with an
// error that is [ErrStoreLost] until the background goroutine has reconnected.
// No command is sent twice: a failed one may have been executed.
type Store struct {
	prefix  atomic.Pointer[string] // of every key; nil before the first name is known
	naming  naming
	self    string // identifies this replica
	log     *slog.Logger
	options valkey.ClientOption
	timing  timing

	ctx    context.Context // ends with Close
	cancel context.CancelFunc

	current     atomic.Pointer[connection] // nil while the server is lost
	generation  string                     // last seen; used by the goroutine of stayConnected only
	members     memberCounts
	subscribers *subscribers
	tasks       background.Group // each ends with ctx
}

// timing holds the durations of a [Config] with their defaults.
type timing struct {
	heartbeat, absentAfter, leaseTTL, lockTTL, regroup time.Duration
}

func newTiming(cfg Config) timing {
	return timing{
		heartbeat:   cmp.Or(cfg.Heartbeat, 2*time.Second),
		absentAfter: cmp.Or(cfg.AbsentAfter, 10*time.Second),
		leaseTTL:    cmp.Or(cfg.LeaseTTL, 7*time.Second),
		lockTTL:     cmp.Or(cfg.LockTTL, 8*time.Second),
		regroup:     cmp.Or(cfg.Regroup, 8*time.Second),
	}
}

// Open returns at once and connects in the background. It retries an
// unreachable server until Close, so its only error is a malformed URL. It
// panics without a namespace or a logger.
func Open(cfg Config) (*Store, error) {
	if cfg.Namespace == "" || cfg.Logger == nil {
		panic("shared: Namespace and Logger are required")
	}
	options, err := parseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	s := &Store{
		naming:      naming{recheck: make(chan struct{}, 1), namespace: cfg.Namespace, choose: cfg.Name},
		self:        rand.Text(),
		log:         cfg.Logger,
		options:     options,
		timing:      newTiming(cfg),
		subscribers: newSubscribers(),
	}
	if cfg.Name == nil {
		s.setNamespace(cfg.Namespace)
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.tasks.Go(s.stayConnected)
	s.tasks.Go(s.dispatch)
	return s, nil
}

// Close ends the background goroutines, deregisters this replica, and returns
// when both are done. A subscribed function must not call it. Close does not
// release leases: they are lost.
func (s *Store) Close() {
	s.cancel()
	s.tasks.Close()
}

// Up reports whether the connection is believed to work.
func (s *Store) Up() bool {
	c := s.current.Load()
	return c != nil && c.ctx.Err() == nil
}

// WaitUp waits until the store has connected, or returns ctx's error.
func (s *Store) WaitUp(ctx context.Context) error {
	for !s.Up() {
		if err := background.Sleep(ctx, upPoll); err != nil {
			return err
		}
	}
	return nil
}

// LeaseTTL returns how long a lease lasts without renewal. If its holder
// crashes, the lease stays held for that long.
func (s *Store) LeaseTTL() time.Duration { return s.timing.leaseTTL }

// do makes one call to the server that takes at most limit.
func (s *Store) do(
	ctx context.Context, limit time.Duration, call func(context.Context, *connection) error,
) error {
	c := s.current.Load()
	if c == nil {
		return cmp.Or(ctx.Err(), ErrStoreLost)
	}
	return c.do(ctx, limit, call)
}

// eval runs a short script that returns a number.
func (s *Store) eval(
	ctx context.Context, script *valkey.Lua, keys []string, args ...string,
) (int64, error) {
	c := s.current.Load()
	if c == nil || isUnnamed(keys) {
		return 0, cmp.Or(ctx.Err(), ErrStoreLost)
	}
	return c.eval(ctx, script, keys, args...)
}

// key returns the server's key for a name. A kind has no colon.
func (s *Store) key(kind, name string) string {
	prefix := s.prefix.Load()
	if prefix == nil {
		return unnamed
	}
	return *prefix + kind + ":" + name
}
