package shared

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/valkey-io/valkey-go"
)

// presumedReplicas is the count that a replica assumes before its first
// connect. Too high is the safe side: the more replicas, the less each may spend.
const presumedReplicas = 3

// countHistory is how far back a replica looks at its counts once the server is
// lost. The last count alone may be too low, if a restarted server was lost
// again before the other replicas registered.
const countHistory = time.Minute

// nowScript sets now to the server's clock in microseconds, the only clock that
// all replicas share.
const nowScript = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
`

// heartbeatScript registers a replica, drops the silent ones, and returns how
// many are left.
var heartbeatScript = valkey.NewLuaScript(nowScript + `
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[2] / 1000))
return redis.call('ZCARD', KEYS[1])
`)

// Replicas returns the number of registered replicas, this one included. While
// the server is lost it returns the highest count of the minute before the
// loss. Before the first connect it returns 3, a guess.
func (s *Store) Replicas() int {
	return s.members.count(s.Up())
}

// heartbeat registers this replica and updates the count.
func (s *Store) heartbeat(c *connection) error {
	return c.do(context.Background(), commandTimeout, func(ctx context.Context, c *connection) error {
		keys := []string{s.membersKey()}
		args := []string{s.self, strconv.FormatInt(s.timing.absentAfter.Microseconds(), 10)}
		replicas, err := heartbeatScript.Exec(ctx, c.commands, keys, args).AsInt64()
		if err == nil {
			s.members.add(int(replicas))
		}
		return err
	})
}

// leave deregisters this replica. If that fails the registration expires.
func (s *Store) leave(c *connection) {
	c.do(context.Background(), commandTimeout, func(ctx context.Context, c *connection) error {
		remove := c.commands.B().Zrem().Key(s.membersKey()).Member(s.self).Build()
		return c.commands.Do(ctx, remove).Error()
	})
}

func (s *Store) membersKey() string { return s.key("replicas", "") }

// memberCounts holds the latest counts of replicas. The zero value is empty.
type memberCounts struct {
	mu     sync.Mutex // guards counts
	counts []memberCount
}

type memberCount struct {
	at       time.Time
	replicas int
}

// add records a count and drops those older than [countHistory].
func (m *memberCounts) add(replicas int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	for len(m.counts) > 0 && now.Sub(m.counts[0].at) > countHistory {
		m.counts = m.counts[1:]
	}
	m.counts = append(m.counts, memberCount{now, replicas})
}

// count returns the latest count while connected, and the highest otherwise.
func (m *memberCounts) count(connected bool) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.counts) == 0 {
		return presumedReplicas
	}
	if connected {
		return m.counts[len(m.counts)-1].replicas
	}
	most := 1
	for _, count := range m.counts {
		most = max(most, count.replicas)
	}
	return most
}
