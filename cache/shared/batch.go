package shared

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/valkey-io/valkey-go"
)

// ErrNotHeld is returned by [Batch.Commit] for a lock that was lost meanwhile.
var ErrNotHeld = errors.New("shared: the lock was lost")

// batchScript makes the changes in ARGV, from the second on: an operation and
// three operands for each key of KEYS. It returns 0 without a change unless the
// first ARGV[1] keys are leases of the tokens in the first operands.
var batchScript = valkey.NewLuaScript(`
local held = tonumber(ARGV[1])
for i = 1, held do
	if redis.call('GET', KEYS[i]) ~= ARGV[4 * i - 1] then
		return 0
	end
end
for i = held + 1, #KEYS do
	local key, at = KEYS[i], 4 * i - 2
	local operation, a, b, ttl = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
	if operation == 'set' then
		redis.call('SET', key, b, 'PX', ttl)
	elseif operation == 'setNew' then
		redis.call('SET', key, b, 'NX', 'PX', ttl)
	elseif operation == 'delete' then
		if redis.call('GET', key) == a then
			redis.call('DEL', key)
		end
	elseif operation == 'put' then
		redis.call('HSET', key, a, b)
		redis.call('PEXPIRE', key, ttl)
	elseif operation == 'remove' then
		redis.call('HDEL', key, a)
	elseif operation == 'publish' then
		redis.call('PUBLISH', key, a)
	end
end
return 1
`)

// Batch is a list of changes that the server makes in one step. Only one
// goroutine at a time may use it. The values of [Batch.Set] are those of
// [Store.Get], and the entries of [Batch.Put] those of [Store.Entries].
type Batch struct {
	store *Store
	keys  []string
	args  []string // four for each key: the operation and its operands
}

// NewBatch returns an empty batch.
func (s *Store) NewBatch() *Batch { return &Batch{store: s} }

// Len returns the number of changes.
func (b *Batch) Len() int { return len(b.keys) }

// Set replaces the value of key.
func (b *Batch) Set(key string, value []byte, ttl time.Duration) {
	b.add(b.store.valueKey(key), "set", "", valkey.BinaryString(value), milliseconds(ttl))
}

// SetNew sets the value of a key that has none.
func (b *Batch) SetNew(key string, value []byte, ttl time.Duration) {
	b.add(b.store.valueKey(key), "setNew", "", valkey.BinaryString(value), milliseconds(ttl))
}

// DeleteIf deletes the value of key if it is value.
func (b *Batch) DeleteIf(key string, value []byte) {
	b.add(b.store.valueKey(key), "delete", valkey.BinaryString(value), "", "")
}

// Put sets an entry of the table. The whole table is deleted ttl after the last
// Put.
func (b *Batch) Put(table, entry string, value []byte, ttl time.Duration) {
	b.add(b.store.tableKey(table), "put", entry, valkey.BinaryString(value), milliseconds(ttl))
}

// Remove removes an entry of the table.
func (b *Batch) Remove(table, entry string) {
	b.add(b.store.tableKey(table), "remove", entry, "", "")
}

// Publish is [Store.Publish]. The topic must not contain a line break.
func (b *Batch) Publish(topic, text string) {
	b.add(b.store.channel(), "publish", b.store.encode(topic, text), "", "")
}

// GiveUp ends a lock, so that a [Batch.Commit] that the server has not carried
// out yet never changes anything. The lock need not be held any longer.
func (b *Batch) GiveUp(lock *Held) {
	if lock != nil && lock.lease != nil {
		b.add(lock.lease.keys()[0], "delete", lock.lease.token, "", "")
	}
}

func (b *Batch) add(key, operation string, operands ...string) {
	b.keys = append(b.keys, key)
	b.args = append(append(b.args, operation), operands...)
}

// Send makes the changes. After an error that is [ErrStoreLost] the server may
// have made them, or may make them later.
func (b *Batch) Send(ctx context.Context) error { return b.Commit(ctx) }

// Commit is Send if all locks are still held at that moment. Otherwise it fails
// with [ErrNotHeld]. A nil lock is ignored.
func (b *Batch) Commit(ctx context.Context, locks ...*Held) error {
	leases := &Batch{store: b.store}
	for _, lock := range locks {
		if lock != nil && lock.lease != nil {
			leases.add(lock.lease.keys()[0], "", lock.lease.token, "", "")
		}
	}
	args := slices.Concat([]string{strconv.Itoa(leases.Len())}, leases.args, b.args)
	var done int64
	err := b.store.do(ctx, b.limit(), func(ctx context.Context, c *connection) (err error) {
		done, err = batchScript.Exec(ctx, c.commands, slices.Concat(leases.keys, b.keys), args).AsInt64()
		return err
	})
	if err == nil && done == 0 {
		return ErrNotHeld
	}
	return err
}

// limit is longer for many changes.
func (b *Batch) limit() time.Duration {
	return commandTimeout + time.Duration(b.Len())*time.Millisecond
}

// Entries returns the entries of a table.
func (s *Store) Entries(ctx context.Context, table string) (map[string]string, error) {
	var entries map[string]string
	err := s.do(ctx, commandTimeout, func(ctx context.Context, c *connection) (err error) {
		get := c.commands.B().Hgetall().Key(s.tableKey(table)).Build()
		entries, err = c.commands.Do(ctx, get).AsStrMap()
		return err
	})
	return entries, err
}

func (s *Store) tableKey(table string) string { return s.key("table", table) }
