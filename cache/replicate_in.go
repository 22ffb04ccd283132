package cache

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"wisphub-graphql/cache/shared"
)

// topicExpire has, after the name of a cache, an instant: all values that are older are stale.
const topicExpire = "expire"

// revoke has all other replicas forget key, and drop what they are reading. A store that is lost may come back with the old
// value: then nothing in it that is as old counts any more.
func (c *Cache[K, V]) revoke(key K) {
	if c.store == nil {
		return
	}
	if c.store.Revoke(context.Background(), c.sharedName(key)) != nil { // bounded by the store's own deadline
		c.mu.Lock()
		defer c.mu.Unlock()
		c.unrevoked = time.Now()
	}
}

func (c *Cache[K, V]) tellExpire(at time.Time) {
	if c.store != nil {
		_ = c.store.Publish(context.Background(), topicExpire, c.opts.Name+"/"+at.Format(time.RFC3339Nano))
	}
}

// listen has other replicas heard until stop, which also ends listening.
func (c *Cache[K, V]) listen() (listening context.Context, stop func()) {
	listening, cancel := context.WithCancel(context.Background())
	stops := []func(){
		c.store.Subscribe(shared.TopicValues, c.ofKey(c.hear)),
		c.store.Subscribe(shared.TopicLeases, c.ofKey(c.wake)),
		c.store.Subscribe(shared.TopicRevoked, c.ofKey(c.forget)),
		c.store.Subscribe(topicExpire, c.hearExpire),
		c.store.Subscribe(shared.TopicReconnected, func(string) { c.hearAll() }),
	}
	return listening, func() {
		cancel()
		for _, stop := range stops {
			stop()
		}
	}
}

// ofKey passes on what concerns a key of c.
func (c *Cache[K, V]) ofKey(heard func(K)) func(string) {
	return func(name string) {
		var key K
		text, mine := strings.CutPrefix(name, c.opts.Name+"/")
		if mine && json.Unmarshal([]byte(text), &key) == nil {
			heard(key)
		}
	}
}

// wake lets a flight that waits for another replica look again.
func (c *Cache[K, V]) wake(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, ok := c.flights[key]; ok {
		f.wake()
	}
}

func (f *flight[V]) wake() {
	select {
	case f.news <- struct{}{}:
	default: // it has not yet looked because of the last
	}
}

// heed is called when an attempt has ended. The next one of f waits for the lease, and hears no news from its own replica.
// One that has read for itself has not looked at what others said meanwhile.
func (c *Cache[K, V]) heed(key K, f *flight[V], overtaken bool) {
	switch {
	case c.store == nil:
	case overtaken:
		c.wake(key)
	case len(f.news) > 0:
		c.takeOver(key)
	}
}

// hear takes over what another replica has published, if anybody here has asked for the key.
func (c *Cache[K, V]) hear(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.awaits(key) {
		c.loads.Go(func() { c.takeOver(key) })
	}
}

// hearAll takes over what was published while nobody listened.
func (c *Cache[K, V]) hearAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	var keys []K
	for key := range c.records.All() {
		keys = append(keys, key)
	}
	if c.closed {
		return
	}
	c.loads.Go(func() {
		for _, key := range keys {
			c.takeOver(key)
		}
	})
}

// awaits reports whether memory has an older value of key that waits to be replaced. If there is a flight, that one does it.
// The caller must hold mu.
func (c *Cache[K, V]) awaits(key K) bool {
	if f, ok := c.flights[key]; ok {
		f.wake()
		return false
	}
	_, known := c.records.GetIfPresent(key)
	return known && !c.closed
}

// takeOver replaces what memory holds by what is published, if that is newer.
func (c *Cache[K, V]) takeOver(key K) {
	c.mu.Lock()
	wanted, since := c.awaits(key), c.oldestUseful(key)
	c.mu.Unlock()
	if !wanted {
		return
	}
	rec := c.fetch(c.listening, key, since)
	if rec == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// What is no longer there was forgotten meanwhile, and must not come back.
	if old, known := c.records.GetIfPresent(key); known && old.asOf.Before(rec.asOf) {
		c.put(key, c.aged(rec))
	}
}

// hearExpire does as another replica did. Its clock may be ahead: what is read from now on is fresh all the same.
func (c *Cache[K, V]) hearExpire(text string) {
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
