package shared

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/valkey-io/valkey-go"
)

var (
	// ErrLeaseHeld answers a [Store.Lease] that another has.
	ErrLeaseHeld = errors.New("cache: another replica holds the lease")

	// ErrLeaseFailed answers a [Store.Lease] whose last holder asked for a
	// pause that is not over.
	ErrLeaseFailed = errors.New("cache: the last holder of the lease failed")
)

// What takeScript answers but 0, which means that the lease is taken.
const (
	leaseHeld   = 1
	leaseFailed = 2
)

// takeScript takes a lease that nobody has. A lease is its holder's token, or
// the word failed, which is nobody's token.
var takeScript = valkey.NewLuaScript(`
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
	return 0
end
if redis.call('GET', KEYS[1]) == 'failed' then
	return 2
end
return 1
`)

// These three do nothing, and answer 0, unless the lease is ARGV[1]'s.
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

// handScript ends a lease and, in the same step, stores or deletes the value of
// its name. A holder whose lease is lost or revoked changes nothing: what it
// has is no longer wanted.
var handScript = valkey.NewLuaScript(ownedScript + `
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

// revokeScript ends a lease, whoever has it, and deletes the value of its name.
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

// Lease is the right to do something that at most one replica does at a time.
// It is renewed behind the scenes until [Lease.Release] or [Lease.Fail], one of
// which must be called.
type Lease struct {
	shared *Store
	name   string
	token  string             // tells this lease from any other of the name
	lasts  time.Duration      // when it is not renewed
	stop   context.CancelFunc // ends the renewals
	lost   chan struct{}
}

// Lease takes the lease of that name. It fails with [ErrLeaseHeld],
// [ErrLeaseFailed] or an error that is [ErrStoreLost]. Watch [TopicLeases] to
// know when to try again; that nobody says anything may also mean that the
// holder is gone, and the lease free after 15 s.
func (s *Store) Lease(ctx context.Context, name string) (*Lease, error) {
	return s.leaseFor(ctx, name, s.timing.leaseTTL)
}

// leaseFor is Lease for one that ends after that time when it is not renewed.
func (s *Store) leaseFor(ctx context.Context, name string, lasts time.Duration) (*Lease, error) {
	l := &Lease{shared: s, name: name, token: rand.Text(), lasts: lasts, lost: make(chan struct{})}
	until := time.Now().Add(lasts)
	answer, err := s.ask(ctx, takeScript, l.keys(), l.token, milliseconds(lasts))
	switch {
	case err != nil:
		return nil, err
	case answer == leaseHeld:
		return nil, ErrLeaseHeld
	case answer == leaseFailed:
		return nil, ErrLeaseFailed
	}
	var renewals context.Context
	renewals, l.stop = context.WithCancel(s.ctx)
	if !s.begin(func() { l.keep(renewals, until) }) {
		l.stop()
		return nil, ErrStoreLost
	}
	return l, nil
}

// Lost is closed when another replica may have the lease, because the store has
// forgotten it or it could not be renewed in time, and on [Store.Close]. After
// Release or Fail it says nothing.
func (l *Lease) Lost() <-chan struct{} { return l.lost }

// Release gives the lease back and tells the others on [TopicLeases], even when
// ctx has ended: the work often ends with it. It does nothing when the lease is
// lost. When it fails the lease ends within 15 s.
func (l *Lease) Release(ctx context.Context) error {
	l.stop()
	_, err := l.shared.ask(context.WithoutCancel(ctx), releaseScript, l.keys(), l.endArgs()...)
	return err
}

// Fail is Release, but nobody may have the lease before pause is over: what
// one replica just failed at, the others should not try at once.
func (l *Lease) Fail(ctx context.Context, pause time.Duration) error {
	l.stop()
	args := append(l.endArgs(), milliseconds(pause))
	_, err := l.shared.ask(context.WithoutCancel(ctx), failScript, l.keys(), args...)
	return err
}

// ReleaseAndSet is Release that stores value under the name of the lease, for
// ttl, as [Store.Set] does. It stores nothing when the lease is lost or
// revoked. When value is too large it only releases.
func (l *Lease) ReleaseAndSet(ctx context.Context, value []byte, ttl time.Duration) error {
	if len(value) > maxValue {
		return errors.Join(ErrValueTooLarge, l.Release(ctx))
	}
	return l.hand(ctx, value, milliseconds(ttl))
}

// ReleaseAndDelete is Release that deletes the value of the lease's name.
func (l *Lease) ReleaseAndDelete(ctx context.Context) error {
	return l.hand(ctx, nil, "")
}

func (l *Lease) hand(ctx context.Context, value []byte, ttl string) error {
	l.stop()
	keys := append(l.keys(), l.shared.valueKey(l.name))
	args := append(l.endArgs(), l.shared.said(TopicValues, l.name), valkey.BinaryString(value), ttl)
	return l.shared.do(context.WithoutCancel(ctx), valueLimit(value), func(ctx context.Context, c *connection) error {
		return handScript.Exec(ctx, c.clientFor(value), keys, args).Error()
	})
}

// Revoke ends the lease of that name, whoever has it, or the pause after it
// failed, and deletes the value of that name. The others are told on
// [TopicRevoked].
func (s *Store) Revoke(ctx context.Context, name string) error {
	keys := []string{s.key("lease", name), s.valueKey(name)}
	_, err := s.ask(ctx, revokeScript, keys, s.channel(), s.said(TopicRevoked, name))
	return err
}

// keep renews the lease, which lasts until that time, again and again. When the
// store is lost the lease is not, before its time is over.
func (l *Lease) keep(ctx context.Context, until time.Time) {
	lease := l.lasts
	pause := lease / 3
	for l.sleep(ctx, pause) {
		began := time.Now() // and not when the answer came: the store counts from in between
		renewed, err := l.shared.ask(ctx, renewScript, l.keys(), l.token, milliseconds(lease))
		switch {
		case ctx.Err() != nil:
			// Ended while asking; what it answers is no longer of interest.
		case err == nil && renewed == 1:
			until, pause = began.Add(lease), lease/3
		case err == nil || !time.Now().Before(until):
			close(l.lost)
			return
		default:
			pause = min(lease/15, time.Until(until))
		}
	}
	if l.shared.ctx.Err() != nil {
		close(l.lost)
	}
}

// sleep reports whether d went by before ctx ended.
func (l *Lease) sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (l *Lease) keys() []string { return []string{l.shared.key("lease", l.name)} }

// endArgs are what the scripts that end a lease need.
func (l *Lease) endArgs() []string {
	return []string{l.token, l.shared.channel(), l.shared.said(TopicLeases, l.name)}
}
