package shared

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/valkey-io/valkey-go"
)

// presumedReplicas is the guess of a replica that has never reached the store.
// It errs on the safe side: the more replicas, the less each may spend.
const presumedReplicas = 3

// censusSpan is how far back a replica looks for the others when it loses the
// store: before a store that was restarted is lost again, it may have heard
// of none.
const censusSpan = time.Minute

// nowScript sets now to the store's clock in microseconds, the only clock that
// all replicas agree on.
const nowScript = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
`

// beatScript registers a replica, drops those that have been silent, and
// answers how many are left.
var beatScript = valkey.NewLuaScript(nowScript + `
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[2] / 1000))
return redis.call('ZCARD', KEYS[1])
`)

// Replicas returns how many replicas were heard of lately, this one included.
// While the store is lost, it is the most that were known in the last minute
// before; when it was never found, a guess of three.
func (s *Store) Replicas() int {
	return s.census.count(s.Up())
}

// beat gives a sign of life on c.
func (s *Store) beat(c *connection) error {
	return c.do(context.Background(), storeTimeout, func(ctx context.Context, c *connection) error {
		keys := []string{s.replicasKey()}
		args := []string{s.self, strconv.FormatInt(s.timing.absentAfter.Microseconds(), 10)}
		replicas, err := beatScript.Exec(ctx, c.commands, keys, args).AsInt64()
		if err == nil {
			s.census.note(int(replicas))
		}
		return err
	})
}

// leave makes the others count one less. If it fails they will notice.
func (s *Store) leave(c *connection) {
	c.do(context.Background(), storeTimeout, func(ctx context.Context, c *connection) error {
		return c.commands.Do(ctx, c.commands.B().Zrem().Key(s.replicasKey()).Member(s.self).Build()).Error()
	})
}

func (s *Store) replicasKey() string { return s.key("replicas", "") }

// census remembers how many replicas there were. Its zero value knows nothing.
type census struct {
	mu     sync.Mutex // guards counts
	counts []headcount
}

type headcount struct {
	at       time.Time
	replicas int
}

// note adds a count and forgets those that are too old.
func (c *census) note(replicas int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	for len(c.counts) > 0 && now.Sub(c.counts[0].at) > censusSpan {
		c.counts = c.counts[1:]
	}
	c.counts = append(c.counts, headcount{now, replicas})
}

// count returns the last count, or when that is no longer true the highest.
func (c *census) count(current bool) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.counts) == 0 {
		return presumedReplicas
	}
	if current {
		return c.counts[len(c.counts)-1].replicas
	}
	most := 1
	for _, count := range c.counts {
		most = max(most, count.replicas)
	}
	return most
}
