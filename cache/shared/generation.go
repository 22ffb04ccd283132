package shared

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/valkey-io/valkey-go"
)

// TopicEmptied carries an empty text on the first connect, and when the server
// has lost values since then: it was flushed, restarted or replaced. Subscribers
// must store again what this replica knows. They have [Config.Regroup] for it.
const TopicEmptied = "emptied"

// generationScript sets born to the time at which the server began to keep its
// values, and generation to an id of that time. A restart may bring back old
// values, so the generation belongs to one run of the server.
const generationScript = nowScript + `
local info = redis.pcall('INFO', 'server') -- may be forbidden
local run = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or ''
local generation = redis.call('GET', KEYS[1]) or ''
local born = tonumber(string.match(generation, '^(%d+):'))
if not born or born > now or string.match(generation, '^%d+:(%w*):') ~= run then
	born = now
	generation = string.format('%.0f:%s:%s', born, run, ARGV[1])
	redis.call('SET', KEYS[1], generation)
end
`

// readGenerationScript returns the generation.
var readGenerationScript = valkey.NewLuaScript(generationScript + `
return generation
`)

// exclusiveScript is acquireScript for a lease that excludes all replicas. While
// the generation is younger than ARGV[4] microseconds, it returns minus the
// milliseconds that are left.
var exclusiveScript = valkey.NewLuaScript(generationScript + `
local left = born + tonumber(ARGV[4]) - now
if left > 0 then
	return -math.ceil(left / 1000)
end
if redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3]) then
	return 0
end
return 1
`)

// regroupingError means that the server lost its values a moment ago, and that
// the replicas still store them again.
type regroupingError struct{ wait time.Duration }

func (e *regroupingError) Error() string { return "shared: the store lost its values a moment ago" }

// acquireExclusive acquires a lease that excludes all replicas. It fails like
// [Store.Lease], or with a [*regroupingError].
func (s *Store) acquireExclusive(ctx context.Context, name string) (*Lease, error) {
	l := s.newLease(name, s.timing.lockTTL)
	until := time.Now().Add(l.ttl)
	answer, err := s.eval(ctx, exclusiveScript, append([]string{s.generationKey()}, l.keys()...),
		rand.Text(), l.token, milliseconds(l.ttl), microseconds(s.timing.regroup))
	switch {
	case err != nil:
		return nil, err
	case answer < 0:
		return nil, &regroupingError{time.Duration(-answer) * time.Millisecond}
	case answer == leaseHeld:
		return nil, ErrLeaseHeld
	}
	return l.keep(until)
}

// checkGeneration publishes [TopicEmptied] in this replica if the server's
// generation is new to it. A failure loses c.
func (s *Store) checkGeneration(c *connection) {
	var generation string
	err := c.do(context.Background(), commandTimeout, func(ctx context.Context, c *connection) (err error) {
		keys, args := []string{s.generationKey()}, []string{rand.Text()}
		generation, err = readGenerationScript.Exec(ctx, c.commands, keys, args).ToString()
		return err
	})
	if err == nil && generation != s.generation {
		s.generation = generation
		s.subscribers.notifyEmptied()
	}
}

func (s *Store) generationKey() string { return s.key("generation", "") }

// lockExclusive is [Store.Lock] with acquireExclusive. If ctx ends before the
// replicas have regrouped, it fails at once.
func (s *Store) lockExclusive(ctx context.Context, name string) (*Lease, error) {
	for {
		l, err := s.lock(ctx, name, s.acquireExclusive)
		regrouping := (*regroupingError)(nil)
		if !errors.As(err, &regrouping) {
			return l, err
		}
		if end, ok := ctx.Deadline(); ok && time.Until(end) < regrouping.wait {
			return nil, err
		}
		if err := s.pause(ctx, regrouping.wait); err != nil {
			return nil, err
		}
	}
}

// pause waits for d. It returns early with an error if the server is lost or ctx
// ends.
func (s *Store) pause(ctx context.Context, d time.Duration) error {
	c := s.current.Load()
	if c == nil {
		return ErrStoreLost
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-c.ctx.Done():
		return ErrStoreLost
	case <-ctx.Done():
		return ctx.Err()
	}
}
