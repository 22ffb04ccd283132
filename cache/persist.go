package cache

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"wisphub-graphql/cache/shared"
)

// Codec encodes values that leave the process.
type Codec[V any] struct {
	Encode func(V) ([]byte, error)
	// Decode may receive data of another version of the program. It must fail
	// rather than return an incomplete value.
	Decode func(data []byte) (V, error)
}

// Persist lets the values of c leave the process: to a [Folder] by Save and
// Restore, and to other replicas through store. A nil store means a single
// replica. Each key must have its own JSON form, which json.Unmarshal must be
// able to read. Persist must be called at most once, before any other method.
//
// With a store one replica at a time loads a key, under a lease, and publishes
// the value for the others. Not-found errors, and values from Set, are not
// published. While the store is lost each replica loads for itself.
func (c *Cache[K, V]) Persist(codec Codec[V], store *shared.Store) {
	c.codec, c.store = codec, store
	if store != nil {
		c.replicating, c.stopReplicating = c.subscribe()
	}
}

// encodedEntry is an entry outside of the process: a line of JSON, then the
// bytes of the value.
type encodedEntry struct {
	Key   json.RawMessage `json:"key"`
	AsOf  time.Time       `json:"asOf"`
	Size  int             `json:"size"`
	value []byte
}

func (e encodedEntry) appendTo(data []byte) ([]byte, error) {
	e.Size = len(e.value)
	line, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	return append(append(append(data, line...), '\n'), e.value...), nil
}

var errTruncated = errors.New("entry is truncated")

// cutEntry returns the first entry of data, and the rest.
func cutEntry(data []byte) (e encodedEntry, rest []byte, err error) {
	line, rest, found := bytes.Cut(data, []byte{'\n'})
	if !found {
		return e, nil, errTruncated
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return e, nil, fmt.Errorf("entry: %w", err)
	}
	if e.Size < 0 || e.Size > len(rest) {
		return e, nil, errTruncated
	}
	e.value = rest[:e.Size]
	return e, rest[e.Size:], nil
}

func (c *Cache[K, V]) encode(key K, rec *record[V]) (encodedEntry, error) {
	name, err := json.Marshal(key)
	if err != nil {
		return encodedEntry{}, fmt.Errorf("key: %w", err)
	}
	value, err := c.codec.Encode(rec.value)
	return encodedEntry{Key: name, AsOf: rec.asOf, value: value}, err
}

// decode returns the key and the record of an entry. An entry dated in the
// future, by a wrong clock, counts as read now.
func (c *Cache[K, V]) decode(e encodedEntry) (key K, rec *record[V], err error) {
	if err := json.Unmarshal(e.Key, &key); err != nil {
		return key, nil, fmt.Errorf("key: %w", err)
	}
	value, err := c.codec.Decode(e.value)
	if err != nil {
		return key, nil, err
	}
	// Dated by the monotonic clock: a later change of the wall clock must not
	// change the age of the value.
	now := time.Now()
	age := max(now.Sub(e.AsOf), 0)
	return key, c.newRecord(value, now.Add(-age)), nil
}

// Save writes all servable values to folder, under the name of c. It does
// nothing if no value has changed since the Save that returned saved; pass 0
// the first time.
func (c *Cache[K, V]) Save(folder *Folder, saved uint64) (uint64, error) {
	c.mu.Lock()
	changes := c.changes.Load()
	c.mu.Unlock()
	if changes == saved && (saved == 0 || folder.Has(c.opts.Name)) {
		return saved, nil
	}
	var file []byte
	now := time.Now()
	for key, rec := range c.all() {
		if !rec.servable(now) {
			continue
		}
		entry, err := c.encode(key, rec)
		if err == nil {
			file, err = entry.appendTo(file)
		}
		if err != nil {
			return saved, fmt.Errorf("cache %q: save: %w", c.opts.Name, err)
		}
	}
	if err := folder.Write(c.opts.Name, file); err != nil {
		return saved, fmt.Errorf("cache %q: save: %w", c.opts.Name, err)
	}
	return changes, nil
}

// Restore reads what Save wrote, marks it as stale, and returns the number of
// values. Without a file it returns 0 and no error. Values already in memory
// stay.
func (c *Cache[K, V]) Restore(folder *Folder) (int, error) {
	file, err := folder.Read(c.opts.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	restored := 0
	if err == nil {
		restored, err = c.restoreAll(file)
	}
	if err != nil {
		return restored, fmt.Errorf("cache %q: restore: %w", c.opts.Name, err)
	}
	return restored, nil
}

func (c *Cache[K, V]) restoreAll(file []byte) (restored int, err error) {
	for len(file) > 0 {
		var entry encodedEntry
		if entry, file, err = cutEntry(file); err != nil {
			return restored, err
		}
		key, rec, err := c.decode(entry)
		if err != nil {
			return restored, err
		}
		if c.restore(key, rec) {
			restored++
		}
	}
	return restored, nil
}

// restore reports whether it stored rec: a value already in memory stays.
func (c *Cache[K, V]) restore(key K, rec *record[V]) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.records.Peek(key); known || !rec.servable(time.Now()) {
		return false
	}
	c.put(key, rec.staleSince(time.Time{})) // the zero time marks it, see restored
	return true
}
