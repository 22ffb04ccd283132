package cache

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"wisphub-graphql/cache/shared"
)

// topicExpire carries the name of a cache and a time. All older values of that
// cache are stale.
const topicExpire = "expire"

// revoke makes all other replicas forget key and cancel their loads of it. If
// the store is lost it may come back with the old value. Then c ignores every
// published value that was read before now.
func (c *Cache[K, V]) revoke(key K) {
	if c.store == nil {
		return
	}
	// Not cancelled by the caller; the store has its own timeout.
	if c.store.Revoke(context.Background(), c.sharedName(key)) != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.revokeFailedAt = time.Now()
	}
}

func (c *Cache[K, V]) publishExpire(at time.Time) {
	if c.store != nil {
		text := c.opts.Name + "/" + at.Format(time.RFC3339Nano)
		_ = c.store.Publish(context.Background(), topicExpire, text)
	}
}

// subscribe applies the messages of other replicas until stop, which also ends
// replicating.
func (c *Cache[K, V]) subscribe() (replicating context.Context, stop func()) {
	replicating, cancel := context.WithCancel(context.Background())
	stops := []func(){
		c.store.Subscribe(shared.TopicValues, c.withKey(c.applyInBackground)),
		c.store.Subscribe(shared.TopicLeases, c.withKey(c.recheck)),
		c.store.Subscribe(shared.TopicRevoked, c.withKey(c.forget)),
		c.store.Subscribe(topicExpire, c.applyExpire),
		c.store.Subscribe(shared.TopicReconnected, func(string) { c.applyAll() }),
	}
	return replicating, func() {
		cancel()
		for _, stop := range stops {
			stop()
		}
	}
}

// withKey passes on the key of a message, if it is one of c.
func (c *Cache[K, V]) withKey(handle func(K)) func(string) {
	return func(name string) {
		var key K
		text, mine := strings.CutPrefix(name, c.opts.Name+"/")
		if mine && json.Unmarshal([]byte(text), &key) == nil {
			handle(key)
		}
	}
}

// recheck makes a load that waits for another replica look again.
func (c *Cache[K, V]) recheck(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l, ok := c.loads[key]; ok {
		l.requestRecheck()
	}
}

func (l *load[V]) requestRecheck() {
	select {
	case l.recheck <- struct{}{}:
	default: // the last request is still pending
	}
}

// catchUp runs after an attempt. If a restart overtook the attempt, the next
// one may wait for the lease that this replica held, and must look again: a
// replica receives no message about its own leases. Otherwise catchUp applies a
// value that was published while the loader ran.
func (c *Cache[K, V]) catchUp(key K, l *load[V], overtaken bool) {
	switch {
	case c.store == nil:
	case overtaken:
		c.recheck(key)
	case len(l.recheck) > 0:
		c.apply(key)
	}
}

// applyInBackground applies the published value of key, if memory has an older
// one.
func (c *Cache[K, V]) applyInBackground(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.applies(key) {
		c.goroutines.Go(func() { c.apply(key) })
	}
}

// applyAll applies the values that were published while the store was lost.
func (c *Cache[K, V]) applyAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	var keys []K
	for key := range c.all() {
		keys = append(keys, key)
	}
	if c.closed {
		return
	}
	c.goroutines.Go(func() {
		for _, key := range keys {
			c.apply(key)
		}
		c.publishUnpublished()
	})
}

// applies reports whether a published value may replace one in memory. If a
// load of key is running, that load uses it instead. The caller must hold mu.
func (c *Cache[K, V]) applies(key K) bool {
	if l, ok := c.loads[key]; ok {
		l.requestRecheck()
		return false
	}
	_, known := c.records.Peek(key)
	return known && !c.closed
}

// apply replaces the value in memory by the published one, if that is newer.
func (c *Cache[K, V]) apply(key K) {
	c.mu.Lock()
	wanted, since := c.applies(key), c.minAsOf(key)
	c.mu.Unlock()
	if !wanted {
		return
	}
	rec := c.fetch(c.replicating, key, since)
	if rec == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// A key that was forgotten meanwhile must not come back.
	if old, known := c.records.Peek(key); known && old.asOf.Before(rec.asOf) {
		c.put(key, c.withExpiry(rec))
	}
}

// applyExpire applies an Expire of another replica. Its clock may be ahead, but
// values read from now on must still be fresh.
func (c *Cache[K, V]) applyExpire(text string) {
	instant, mine := strings.CutPrefix(text, c.opts.Name+"/")
	at, err := time.Parse(time.RFC3339Nano, instant)
	if !mine || err != nil {
		return
	}
	if now := time.Now(); at.After(now) {
		at = now
	}
	c.expire(at)
}
