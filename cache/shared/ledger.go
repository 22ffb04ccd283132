package shared

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/valkey-io/valkey-go"
)

// enterScript enters a call and answers 0, or how many microseconds it is
// until asking again may help. A call at t is in a window of length w until
// t+w, and no longer then.
var enterScript = valkey.NewLuaScript(nowScript + `
local calls, pause = KEYS[1], KEYS[2]
local minute, minuteWindow = tonumber(ARGV[2]), tonumber(ARGV[3])
local hour, hourWindow = tonumber(ARGV[4]), tonumber(ARGV[5])

redis.call('ZREMRANGEBYSCORE', calls, '-inf', now - hourWindow)

-- how long until less than limit calls are in the window
local function untilRoom(limit, window)
	local since = string.format('(%.0f', now - window)
	local count = redis.call('ZCOUNT', calls, since, '+inf')
	if count < limit then
		return 0
	end
	local last = redis.call('ZRANGEBYSCORE', calls, since, '+inf', 'WITHSCORES', 'LIMIT', count - limit, 1)
	if not last[2] then -- a limit of zero: no leaving makes room
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

// mergeScript adds the calls of ARGV, ids and ages in turn from the second on,
// that are not too old, and answers all that there are in the same way. A call
// that is known keeps its time.
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

// pauseScript pauses, unless a longer pause is on.
var pauseScript = valkey.NewLuaScript(`
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
	redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
end
return 0
`)

// Ledger is the book of calls that all replicas make together, by the store's
// clock. It is safe for concurrent use, and any number of them may have the
// same name: they are one book.
type Ledger struct {
	shared                   *Store
	name                     string
	minuteWindow, hourWindow time.Duration

	// joined is the connection of the last Merge. What is lost never comes back: while this one lasts, the store has been
	// there all the time and has forgotten nothing.
	joined atomic.Pointer[connection]
}

// Ledger returns the book of that name. The windows are those in which calls
// are counted: a bit more than a minute and an hour, for calls take a while to
// arrive where somebody else counts them. All replicas must give the same.
func (s *Store) Ledger(name string, minuteWindow, hourWindow time.Duration) *Ledger {
	return &Ledger{shared: s, name: name, minuteWindow: minuteWindow, hourWindow: hourWindow}
}

// Enter enters a call that is made now, unless there would be more than minute
// or hour calls in those windows then, or a pause is on: nothing is entered, and
// wait says when it may be worth asking again. Id must be unique among all
// replicas. Minute and hour are what the caller may use up, which may be less
// than there is. After an error the call may be entered or not.
//
// From the moment the store was lost Enter fails with an error that is
// [ErrStoreLost], though the store may be back, until Merge has succeeded. So it
// does before the first Merge: the book may lack what was called without it.
func (l *Ledger) Enter(ctx context.Context, id string, minute, hour int) (wait time.Duration, err error) {
	joined := l.joined.Load()
	if joined == nil {
		return 0, ErrStoreLost
	}
	left, err := joined.ask(ctx, enterScript, []string{l.callsKey(), l.pauseKey()},
		id, strconv.Itoa(minute), microseconds(l.minuteWindow), strconv.Itoa(hour), microseconds(l.hourWindow),
		l.shared.channel(), l.shared.said(l.topic(), id))
	return time.Duration(left) * time.Microsecond, err
}

// Leave takes back a call that was entered and not made, even when ctx has
// ended, which is often why. Those who watch are not told: for them it counts
// for as long as any other.
func (l *Ledger) Leave(ctx context.Context, id string) error {
	return l.shared.do(context.WithoutCancel(ctx), storeTimeout, func(ctx context.Context, c *connection) error {
		return c.commands.Do(ctx, c.commands.B().Zrem().Key(l.callsKey()).Member(id).Build()).Error()
	})
}

// Merge adds calls by their age, as far as the book lacks them, and returns all
// that it has, those of other replicas included. Doing so again changes
// nothing. Call it first of all, and whenever the store was found
// ([TopicReconnected]): the book may be empty, and lacks the calls made without
// it.
func (l *Ledger) Merge(ctx context.Context, calls map[string]time.Duration) (map[string]time.Duration, error) {
	args := []string{microseconds(l.hourWindow)}
	for id, age := range calls {
		args = append(args, id, microseconds(max(age, 0)))
	}
	var all map[string]int64
	err := l.shared.do(ctx, valueTimeout, func(ctx context.Context, c *connection) (err error) {
		all, err = mergeScript.Exec(ctx, c.values, []string{l.callsKey()}, args).AsIntMap()
		if err == nil {
			l.joined.Store(c)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	merged := make(map[string]time.Duration, len(all))
	for id, age := range all {
		merged[id] = max(time.Duration(age)*time.Microsecond, 0) // the store's clock may have been set back
	}
	return merged, nil
}

// Subscribe has entered called with the id of each call that another replica
// enters, as [Store.Subscribe] does. What is merged was entered before.
func (l *Ledger) Subscribe(entered func(id string)) (stop func()) {
	return l.shared.Subscribe(l.topic(), entered)
}

// Pause stops Enter in all replicas for d. It never ends a longer pause.
func (l *Ledger) Pause(ctx context.Context, d time.Duration) error {
	_, err := l.shared.ask(ctx, pauseScript, []string{l.pauseKey()}, milliseconds(d))
	return err
}

// Replicas is [Store.Replicas].
func (l *Ledger) Replicas() int { return l.shared.Replicas() }

func (l *Ledger) topic() string    { return "ledger:" + l.name }
func (l *Ledger) callsKey() string { return l.shared.key("calls", l.name) }
func (l *Ledger) pauseKey() string { return l.shared.key("pause", l.name) }

func microseconds(d time.Duration) string {
	return strconv.FormatInt(d.Microseconds(), 10)
}
