package shared

import (
	"context"
	"strconv"
	"time"

	"github.com/valkey-io/valkey-go"
)

const (
	shortValue = 64 << 10 // goes the way of commands, and as fast
	maxValue   = 64 << 20
)

// loadScript answers the length of a value, below zero when there is none, and
// the value too unless it is long: nobody fetches what is then refused, and a
// store that does not answer is found out in the time of a short command.
var loadScript = valkey.NewLuaScript(`
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

// onceScript answers 0 to the first in a period and the milliseconds that are
// left of it to all others.
var onceScript = valkey.NewLuaScript(`
if redis.call('SET', KEYS[1], '', 'NX', 'PX', ARGV[1]) then
	return 0
end
return math.max(redis.call('PTTL', KEYS[1]), 1)
`)

// Get returns the value of key, which belongs to the caller. It fails with
// [ErrNoValue] when there is none, with [ErrValueTooLarge], or with an error
// that is [ErrStoreLost].
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	length, value, err := s.glance(ctx, key)
	switch {
	case err != nil:
		return nil, err
	case length < 0:
		return nil, ErrNoValue
	case length > maxValue:
		return nil, ErrValueTooLarge
	case length > shortValue:
		return s.loadLong(ctx, key)
	}
	return value, nil
}

// glance returns the length of the value of key, below zero when there is
// none, and the value if it is short.
func (s *Store) glance(ctx context.Context, key string) (length int64, value []byte, err error) {
	err = s.do(ctx, storeTimeout, func(ctx context.Context, c *connection) error {
		keys, args := []string{s.valueKey(key)}, []string{strconv.Itoa(shortValue)}
		answer, err := loadScript.Exec(ctx, c.commands, keys, args).ToArray()
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

// loadLong is Load of a value that was long a moment ago.
func (s *Store) loadLong(ctx context.Context, key string) ([]byte, error) {
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

// Set keeps value for ttl, at least a millisecond, and tells the others on
// [TopicValues]. Value must not be changed afterwards, not even when Store has
// failed: it may still be on its way.
func (s *Store) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if len(value) > maxValue {
		return ErrValueTooLarge
	}
	return s.do(ctx, valueLimit(value), func(ctx context.Context, c *connection) error {
		client := c.clientFor(value)
		set := client.B().Set().Key(s.valueKey(key)).Value(valkey.BinaryString(value)).Px(max(ttl, time.Millisecond))
		return write(ctx, client, set.Build(), s.publish(client, TopicValues, key))
	})
}

// valueLimit returns how long sending a value may take.
func valueLimit(value []byte) time.Duration {
	if len(value) > shortValue {
		return valueTimeout
	}
	return storeTimeout
}

// clientFor returns the client that a value goes by.
func (c *connection) clientFor(value []byte) valkey.Client {
	if len(value) > shortValue {
		return c.values
	}
	return c.commands
}

// Delete removes the value of key, if there is one, and tells the others on
// [TopicValues].
func (s *Store) Delete(ctx context.Context, key string) error {
	return s.do(ctx, storeTimeout, func(ctx context.Context, c *connection) error {
		del := c.commands.B().Del().Key(s.valueKey(key)).Build()
		return write(ctx, c.commands, del, s.publish(c.commands, TopicValues, key))
	})
}

// Once lets one of all replicas through in every period: zero means go, and
// anything else how long it is until the next may.
func (s *Store) Once(ctx context.Context, name string, period time.Duration) (wait time.Duration, err error) {
	left, err := s.ask(ctx, onceScript, []string{s.key("once", name)}, milliseconds(period))
	return time.Duration(left) * time.Millisecond, err
}

func (s *Store) valueKey(key string) string { return s.key("value", key) }

// write sends commands in one go and returns the first failure.
func write(ctx context.Context, client valkey.Client, commands ...valkey.Completed) error {
	for _, answer := range client.DoMulti(ctx, commands...) {
		if err := answer.Error(); err != nil {
			return err
		}
	}
	return nil
}

// milliseconds writes d as the store wants it, which knows no shorter time than one.
func milliseconds(d time.Duration) string {
	return strconv.FormatInt(max(d.Milliseconds(), 1), 10)
}
