package shared

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/valkey-io/valkey-go"
)

// enterScript records a call and returns 0, or returns the microseconds until a
// retry may succeed. A call at t counts in a window of length w until t+w,
// exclusive.
var enterScript = valkey.NewLuaScript(nowScript + `
local calls, pause = KEYS[1], KEYS[2]
local minute, minuteWindow = tonumber(ARGV[2]), tonumber(ARGV[3])
local hour, hourWindow = tonumber(ARGV[4]), tonumber(ARGV[5])

redis.call('ZREMRANGEBYSCORE', calls, '-inf', now - hourWindow)

-- the time until fewer than limit calls are in the window
local function untilRoom(limit, window)
	local since = string.format('(%.0f', now - window)
	local count = redis.call('ZCOUNT', calls, since, '+inf')
	if count < limit then
		return 0
	end
	local last = redis.call('ZRANGEBYSCORE', calls, since, '+inf', 'WITHSCORES', 'LIMIT', count - limit, 1)
	if not last[2] then -- a limit of zero: expired calls make no room
		return window
	end
	return last[2] + window - now
end

local wait = math.max(untilRoom(minute, minuteWindow), untilRoom(hour, hourWindow))
local left = redis.call('PTTL', pause)
if left >= 0 then
	wait = math.max(wait, (left + 1) * 1000)
end
if wait > 0 then
	return wait
end
redis.call('ZADD', calls, now, ARGV[1])
redis.call('PEXPIRE', calls, math.ceil(hourWindow / 1000))
redis.call('PUBLISH', ARGV[6], ARGV[7])
return 0
`)

// mergeScript adds the calls in ARGV, alternating ids and ages from the second
// on, and drops those older than the hour window. It returns all calls in the
// same form. A known call keeps its time.
var mergeScript = valkey.NewLuaScript(nowScript + `
local calls, hourWindow = KEYS[1], tonumber(ARGV[1])
for i = 2, #ARGV, 2 do
	redis.call('ZADD', calls, 'NX', now - ARGV[i + 1], ARGV[i])
end
redis.call('ZREMRANGEBYSCORE', calls, '-inf', now - hourWindow)
redis.call('PEXPIRE', calls, math.ceil(hourWindow / 1000))
local all = redis.call('ZRANGE', calls, 0, -1, 'WITHSCORES')
for i = 2, #all, 2 do
	all[i] = string.format('%.0f', now - all[i])
end
return all
`)

// pauseScript starts a pause unless a longer one is active.
var pauseScript = valkey.NewLuaScript(`
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
	redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
end
return 0
`)

// Ledger is a log of the calls that all replicas make, timed by the server's
// clock. It is safe for concurrent use. All ledgers of one name share one log.
type Ledger struct {
	store                    *Store
	name                     string
	minuteWindow, hourWindow time.Duration

	// merged is the connection of the last Merge. A lost connection never
	// recovers, so while this one lasts the server has forgotten nothing.
	merged atomic.Pointer[connection]
}

// Ledger returns the ledger of that name, in which calls count for
// minuteWindow and hourWindow. Both should exceed a minute and an hour: a call
// takes a while to reach the API that counts it. All replicas must pass the
// same windows.
func (s *Store) Ledger(name string, minuteWindow, hourWindow time.Duration) *Ledger {
	return &Ledger{store: s, name: name, minuteWindow: minuteWindow, hourWindow: hourWindow}
}

// Enter records a call that is made now, unless it would exceed minute or hour
// calls in those windows, or a pause is active. Then it records nothing, and
// wait is the time until a retry may succeed. Id must be unique among all
// replicas. Minute and hour may be lower than the real limits. After an error
// the call may or may not be recorded.
//
// Before the first Merge, and from a loss of the server until the next Merge,
// Enter fails with an error that is [ErrStoreLost]: the ledger may lack calls
// that were made without it.
func (l *Ledger) Enter(ctx context.Context, id string, minute, hour int) (wait time.Duration, err error) {
	merged := l.merged.Load()
	if merged == nil {
		return 0, ErrStoreLost
	}
	left, err := merged.eval(ctx, enterScript, []string{l.callsKey(), l.pauseKey()}, id,
		strconv.Itoa(minute), microseconds(l.minuteWindow),
		strconv.Itoa(hour), microseconds(l.hourWindow),
		l.store.channel(), l.store.encode(l.topic(), id))
	return time.Duration(left) * time.Microsecond, err
}

// Leave removes a call that was recorded but not made, even if ctx has ended,
// which is often the reason. It publishes nothing: subscribers count the call
// like any other.
func (l *Ledger) Leave(ctx context.Context, id string) error {
	ctx = context.WithoutCancel(ctx)
	return l.store.do(ctx, commandTimeout, func(ctx context.Context, c *connection) error {
		remove := c.commands.B().Zrem().Key(l.callsKey()).Member(id).Build()
		return c.commands.Do(ctx, remove).Error()
	})
}

// Merge adds the calls that the ledger lacks, given by their age, and returns
// all of its calls, those of other replicas included. Repeating it changes
// nothing. Call it before the first Enter and on each [TopicReconnected]: the
// ledger may be empty, and lacks calls made without it.
func (l *Ledger) Merge(ctx context.Context, calls map[string]time.Duration) (map[string]time.Duration, error) {
	args := []string{microseconds(l.hourWindow)}
	for id, age := range calls {
		args = append(args, id, microseconds(max(age, 0)))
	}
	var all map[string]int64
	err := l.store.do(ctx, valueTimeout, func(ctx context.Context, c *connection) (err error) {
		all, err = mergeScript.Exec(ctx, c.values, []string{l.callsKey()}, args).AsIntMap()
		if err == nil {
			l.merged.Store(c)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	merged := make(map[string]time.Duration, len(all))
	for id, age := range all {
		// Negative if the server's clock was set back.
		merged[id] = max(time.Duration(age)*time.Microsecond, 0)
	}
	return merged, nil
}

// Subscribe calls handle with the id of each call that another replica records,
// as [Store.Subscribe] does. Calls that Merge adds are not published.
func (l *Ledger) Subscribe(handle func(id string)) (stop func()) {
	return l.store.Subscribe(l.topic(), handle)
}

// Pause makes Enter refuse calls in all replicas for d. It never shortens an
// active pause.
func (l *Ledger) Pause(ctx context.Context, d time.Duration) error {
	_, err := l.store.eval(ctx, pauseScript, []string{l.pauseKey()}, milliseconds(d))
	return err
}

// Resume ends a pause in all replicas.
func (l *Ledger) Resume(ctx context.Context) error {
	return l.store.do(ctx, commandTimeout, func(ctx context.Context, c *connection) error {
		return c.commands.Do(ctx, c.commands.B().Del().Key(l.pauseKey()).Build()).Error()
	})
}

// Replicas is [Store.Replicas].
func (l *Ledger) Replicas() int { return l.store.Replicas() }

func (l *Ledger) topic() string    { return "ledger:" + l.name }
func (l *Ledger) callsKey() string { return l.store.key("calls", l.name) }
func (l *Ledger) pauseKey() string { return l.store.key("pause", l.name) }

func microseconds(d time.Duration) string {
	return strconv.FormatInt(d.Microseconds(), 10)
}
