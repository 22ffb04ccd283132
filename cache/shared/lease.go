package shared

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/valkey-io/valkey-go"

	"wisphub-graphql/background"
)

var (
	// ErrLeaseHeld is returned by [Store.Lease] while another caller holds the
	// lease.
	ErrLeaseHeld = errors.New("shared: another caller holds the lease")

	// ErrLeaseFailed is returned by [Store.Lease] during the pause that the last
	// holder set with [Lease.Fail].
	ErrLeaseFailed = errors.New("shared: the last holder of the lease failed; its pause is not over")
)

// The answers of acquireScript, besides 0 for success.
const (
	leaseHeld   = 1
	leaseFailed = 2
)

// acquireScript acquires a free lease. The value of a lease is its holder's
// token, or "failed", which is no token.
var acquireScript = valkey.NewLuaScript(`
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
	return 0
end
if redis.call('GET', KEYS[1]) == 'failed' then
	return 2
end
return 1
`)

// These scripts do nothing, and return 0, unless ARGV[1] is the lease's token.
var (
	renewScript = valkey.NewLuaScript(ownedScript + `
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`)
	releaseScript = valkey.NewLuaScript(ownedScript + `
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
`)
	failScript = valkey.NewLuaScript(ownedScript + `
redis.call('SET', KEYS[1], 'failed', 'PX', ARGV[4])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
`)
)

// releaseAndWriteScript releases a lease and, in the same step, sets or deletes
// the value of its name. If the lease is lost or revoked the result is
// outdated, and nothing changes.
var releaseAndWriteScript = valkey.NewLuaScript(ownedScript + `
if ARGV[6] == '' then
	redis.call('DEL', KEYS[2])
else
	redis.call('SET', KEYS[2], ARGV[5], 'PX', ARGV[6])
end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], ARGV[4])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
`)

// revokeScript ends a lease of any holder and deletes the value of its name.
var revokeScript = valkey.NewLuaScript(`
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('PUBLISH', ARGV[1], ARGV[2])
return 1
`)

const ownedScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
	return 0
end
`

// Lease is the right to do something that one caller of all replicas does at a
// time. It is renewed in the background until [Lease.Release],
// [Lease.ReleaseAndSet], [Lease.ReleaseAndDelete] or [Lease.Fail], one of which
// the holder must call.
type Lease struct {
	store  *Store
	name   string
	token  string        // differs from that of any other lease of the name
	ttl    time.Duration // without renewal
	cancel context.CancelFunc
	lost   chan struct{}
}

// Lease acquires the lease of that name. It fails with [ErrLeaseHeld],
// [ErrLeaseFailed] or an error that is [ErrStoreLost]. [TopicLeases] says when
// it is worth trying again. If no message arrives, the holder may have crashed;
// then the lease is free after [Store.LeaseTTL].
func (s *Store) Lease(ctx context.Context, name string) (*Lease, error) {
	return s.acquire(ctx, name, s.timing.leaseTTL)
}

// acquire acquires a lease that ends after ttl unless renewed.
func (s *Store) acquire(ctx context.Context, name string, ttl time.Duration) (*Lease, error) {
	l := s.newLease(name, ttl)
	until := time.Now().Add(ttl)
	answer, err := s.eval(ctx, acquireScript, l.keys(), l.token, milliseconds(ttl))
	switch {
	case err != nil:
		return nil, err
	case answer == leaseHeld:
		return nil, ErrLeaseHeld
	case answer == leaseFailed:
		return nil, ErrLeaseFailed
	}
	return l.keep(until)
}

// newLease returns a lease that is not acquired yet.
func (s *Store) newLease(name string, ttl time.Duration) *Lease {
	return &Lease{store: s, name: name, token: rand.Text(), ttl: ttl, lost: make(chan struct{})}
}

// keep renews an acquired lease, which ends at until, in the background.
func (l *Lease) keep(until time.Time) (*Lease, error) {
	var renewals context.Context
	renewals, l.cancel = context.WithCancel(l.store.ctx)
	if !l.store.tasks.Go(func() { l.renew(renewals, until) }) {
		l.cancel()
		return nil, ErrStoreLost
	}
	return l, nil
}

// Lost returns a channel that is closed when another caller may hold the lease:
// when the server has forgotten it, when it could not be renewed in time, and on
// [Store.Close]. It stays open after the holder ended the lease.
func (l *Lease) Lost() <-chan struct{} { return l.lost }

// Release ends the lease and publishes its name on [TopicLeases], even if ctx
// has ended, because the work often ends with ctx. It does nothing if the lease
// is lost. If it fails the lease expires.
func (l *Lease) Release(ctx context.Context) error {
	l.cancel()
	_, err := l.store.eval(context.WithoutCancel(ctx), releaseScript, l.keys(), l.endArgs()...)
	return err
}

// Fail is Release, but no caller can acquire the lease before pause is over, so
// that other replicas do not repeat at once what has just failed.
func (l *Lease) Fail(ctx context.Context, pause time.Duration) error {
	l.cancel()
	args := append(l.endArgs(), milliseconds(pause))
	_, err := l.store.eval(context.WithoutCancel(ctx), failScript, l.keys(), args...)
	return err
}

// ReleaseAndSet is Release that in the same step sets the value of the lease's
// name, as [Store.Set] does. It sets nothing if the lease is lost or revoked. If
// value is too large it only releases, and fails with [ErrValueTooLarge].
func (l *Lease) ReleaseAndSet(ctx context.Context, value []byte, ttl time.Duration) error {
	if len(value) > maxValue {
		return errors.Join(ErrValueTooLarge, l.Release(ctx))
	}
	return l.releaseAndWrite(ctx, value, milliseconds(ttl))
}

// ReleaseAndDelete is Release that in the same step deletes the value of the
// lease's name. It deletes nothing if the lease is lost or revoked.
func (l *Lease) ReleaseAndDelete(ctx context.Context) error {
	return l.releaseAndWrite(ctx, nil, "")
}

// releaseAndWrite deletes the value if ttl is empty.
func (l *Lease) releaseAndWrite(ctx context.Context, value []byte, ttl string) error {
	l.cancel()
	keys := append(l.keys(), l.store.valueKey(l.name))
	args := append(l.endArgs(), l.store.encode(TopicValues, l.name), valkey.BinaryString(value), ttl)
	ctx = context.WithoutCancel(ctx)
	return l.store.do(ctx, timeoutFor(value), func(ctx context.Context, c *connection) error {
		return releaseAndWriteScript.Exec(ctx, c.clientFor(value), keys, args).Error()
	})
}

// Revoke ends the lease of that name, of any holder, or the pause after it
// failed. It deletes the value of that name and publishes on [TopicRevoked].
func (s *Store) Revoke(ctx context.Context, name string) error {
	keys := []string{s.key("lease", name), s.valueKey(name)}
	_, err := s.eval(ctx, revokeScript, keys, s.channel(), s.encode(TopicRevoked, name))
	return err
}

// renew renews the lease, which ends at until, until ctx ends. If the server is
// lost the lease remains held until its time is over.
func (l *Lease) renew(ctx context.Context, until time.Time) {
	pause := l.ttl / 3
	for background.Sleep(ctx, pause) == nil {
		// Measured before the call: the server counts from a later moment.
		began := time.Now()
		renewed, err := l.store.eval(ctx, renewScript, l.keys(), l.token, milliseconds(l.ttl))
		switch {
		case ctx.Err() != nil:
			// The holder ended the lease during the call.
		case err == nil && renewed == 1:
			until, pause = began.Add(l.ttl), l.ttl/3
		case err == nil || !time.Now().Before(until):
			close(l.lost)
			return
		default:
			pause = min(l.ttl/15, time.Until(until))
		}
	}
	if l.store.ctx.Err() != nil {
		close(l.lost)
	}
}

func (l *Lease) keys() []string { return []string{l.store.key("lease", l.name)} }

// endArgs returns the first arguments of the scripts that end a lease.
func (l *Lease) endArgs() []string {
	return []string{l.token, l.store.channel(), l.store.encode(TopicLeases, l.name)}
}
