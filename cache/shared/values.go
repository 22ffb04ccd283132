package shared

import (
	"context"
	"strconv"
	"time"

	"github.com/valkey-io/valkey-go"
)

const (
	shortValue = 64 << 10 // bytes; up to this a value is sent like a command
	maxValue   = 64 << 20 // bytes
)

// getScript returns the length of a value, below zero if there is none, and the
// value itself if it is short. So a value that is too large is never
// transferred, and an unresponsive server is noticed within commandTimeout.
var getScript = valkey.NewLuaScript(`
local length = redis.call('STRLEN', KEYS[1])
if length > tonumber(ARGV[1]) then
	return {length, ''}
end
local value = redis.call('GET', KEYS[1])
if not value then
	return {-1, ''}
end
return {length, value}
`)

// onceScript returns 0 to the first caller in a period, and the remaining
// milliseconds of the period to all others.
var onceScript = valkey.NewLuaScript(`
if redis.call('SET', KEYS[1], '', 'NX', 'PX', ARGV[1]) then
	return 0
end
return math.max(redis.call('PTTL', KEYS[1]), 1)
`)

// Get returns the value of key, which the caller may change. It fails with
// [ErrNoValue], [ErrValueTooLarge] or an error that is [ErrStoreLost].
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	length, value, err := s.getShort(ctx, key)
	switch {
	case err != nil:
		return nil, err
	case length < 0:
		return nil, ErrNoValue
	case length > maxValue:
		return nil, ErrValueTooLarge
	case length > shortValue:
		return s.getLong(ctx, key)
	}
	return value, nil
}

// getShort returns the length of the value of key, below zero if there is none,
// and the value if it is short.
func (s *Store) getShort(ctx context.Context, key string) (length int64, value []byte, err error) {
	err = s.do(ctx, commandTimeout, func(ctx context.Context, c *connection) error {
		keys, args := []string{s.valueKey(key)}, []string{strconv.Itoa(shortValue)}
		answer, err := getScript.Exec(ctx, c.commands, keys, args).ToArray()
		if err != nil {
			return err
		}
		if length, err = answer[0].AsInt64(); err != nil {
			return err
		}
		value, err = answer[1].AsBytes()
		return err
	})
	return length, value, err
}

// getLong returns the value of key. The value may have changed since getShort
// returned its length.
func (s *Store) getLong(ctx context.Context, key string) ([]byte, error) {
	var value []byte
	var gone bool
	err := s.do(ctx, valueTimeout, func(ctx context.Context, c *connection) (err error) {
		value, err = c.values.Do(ctx, c.values.B().Get().Key(s.valueKey(key)).Build()).AsBytes()
		if gone = valkey.IsValkeyNil(err); gone {
			return nil
		}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case gone:
		return nil, ErrNoValue
	case len(value) > maxValue:
		return nil, ErrValueTooLarge
	}
	return value, nil
}

// Set stores value for ttl, at least a millisecond, and publishes key on
// [TopicValues]. The caller must not change value afterwards, not even when Set
// has failed: it may still be being sent.
func (s *Store) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if len(value) > maxValue {
		return ErrValueTooLarge
	}
	return s.do(ctx, timeoutFor(value), func(ctx context.Context, c *connection) error {
		client := c.clientFor(value)
		set := client.B().Set().Key(s.valueKey(key)).Value(valkey.BinaryString(value)).
			Px(max(ttl, time.Millisecond)).Build()
		return doAll(ctx, client, set, s.publish(client, TopicValues, key))
	})
}

// timeoutFor returns the time limit for sending value.
func timeoutFor(value []byte) time.Duration {
	if len(value) > shortValue {
		return valueTimeout
	}
	return commandTimeout
}

// clientFor returns the client that sends value.
func (c *connection) clientFor(value []byte) valkey.Client {
	if len(value) > shortValue {
		return c.values
	}
	return c.commands
}

// Delete removes the value of key, if any, and publishes key on [TopicValues].
func (s *Store) Delete(ctx context.Context, key string) error {
	return s.do(ctx, commandTimeout, func(ctx context.Context, c *connection) error {
		del := c.commands.B().Del().Key(s.valueKey(key)).Build()
		return doAll(ctx, c.commands, del, s.publish(c.commands, TopicValues, key))
	})
}

// Once admits one caller of all replicas in each period. A wait of zero admits
// the caller; otherwise wait is the time until the period ends.
func (s *Store) Once(
	ctx context.Context, name string, period time.Duration,
) (wait time.Duration, err error) {
	left, err := s.eval(ctx, onceScript, []string{s.key("once", name)}, milliseconds(period))
	return time.Duration(left) * time.Millisecond, err
}

func (s *Store) valueKey(key string) string { return s.key("value", key) }

// doAll sends commands together and returns the first failure.
func doAll(ctx context.Context, client valkey.Client, commands ...valkey.Completed) error {
	for _, answer := range client.DoMulti(ctx, commands...) {
		if err := answer.Error(); err != nil {
			return err
		}
	}
	return nil
}

// milliseconds formats d for the server, which accepts no time below 1 ms.
func milliseconds(d time.Duration) string {
	return strconv.FormatInt(max(d.Milliseconds(), 1), 10)
}
