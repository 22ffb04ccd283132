package shared

import (
	"context"
	"crypto/sha1" // detects changes; the server offers no other hash
	"encoding/hex"
	"time"

	"github.com/valkey-io/valkey-go"
)

// sumOfScript defines sumOf, which returns the sum of a key's value.
const sumOfScript = `
local function sumOf(key)
	local value = redis.call('GET', key)
	return value and redis.sha1hex(value) or ''
end
`

var sumScript = valkey.NewLuaScript(sumOfScript + `
return sumOf(KEYS[1])
`)

// swapScript sets a value and returns 1, unless the value has changed. It
// publishes if ARGV[4] is a channel.
var swapScript = valkey.NewLuaScript(sumOfScript + `
if sumOf(KEYS[1]) ~= ARGV[1] then
	return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
if ARGV[4] ~= '' then
	redis.call('PUBLISH', ARGV[4], ARGV[5])
end
return 1
`)

// SumOf returns the sum by which [Store.Sum] and [Store.Swap] identify a value.
// The sum of nil, which stands for no value, is "".
func SumOf(value []byte) string {
	if value == nil {
		return ""
	}
	sum := sha1.Sum(value)
	return hex.EncodeToString(sum[:])
}

// Sum returns the sum of the value of key, and "" if there is none. It is
// cheaper than [Store.Get]: the value stays at the server.
func (s *Store) Sum(ctx context.Context, key string) (sum string, err error) {
	err = s.do(ctx, commandTimeout, func(ctx context.Context, c *connection) (err error) {
		sum, err = sumScript.Exec(ctx, c.commands, []string{s.valueKey(key)}, nil).ToString()
		return err
	})
	return sum, err
}

// Swap is [Store.Set] for a value that depends on the one before: it sets
// nothing, and returns false, if the sum of the current value differs from old.
// After an error the value may or may not be set.
func (s *Store) Swap(
	ctx context.Context, key, old string, value []byte, ttl time.Duration,
) (swapped bool, err error) {
	if len(value) > maxValue {
		return false, ErrValueTooLarge
	}
	err = s.do(ctx, timeoutFor(value), func(ctx context.Context, c *connection) (err error) {
		swapped, err = c.swap(ctx, s.valueKey(key), old, value, ttl, s.channel(), s.encode(TopicValues, key))
		return err
	})
	return swapped, err
}

// swap publishes nothing if channel is empty.
func (c *connection) swap(
	ctx context.Context, key, old string, value []byte, ttl time.Duration, channel, message string,
) (bool, error) {
	args := []string{old, valkey.BinaryString(value), milliseconds(ttl), channel, message}
	answer, err := swapScript.Exec(ctx, c.clientFor(value), []string{key}, args).AsInt64()
	return answer == 1, err
}
