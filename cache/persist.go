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

// Codec is how a value leaves the process, and comes back into this one or another.
type Codec[V any] struct {
	Encode func(V) ([]byte, error)
	// Decode may be given what another version wrote, and must fail rather than return half a value.
	Decode func(data []byte) (V, error)
}

// Persist lets the values of c leave the process by codec: into a [Folder], and to other replicas by shared, which may be nil.
// Keys must have a JSON form that json.Unmarshal reads back, and each its own. It must be called once, before c is used, and
// before Save and Restore.
//
// What one replica has read the others take over: one at a time reads a key, under a lease, and tells the others. That
// something does not exist, or was put in by Set, is not told. While the store is lost each reads for itself.
func (c *Cache[K, V]) Persist(codec Codec[V], store *shared.Store) {
	c.codec, c.store = codec, store
	if store != nil {
		c.listening, c.deaf = c.listen()
	}
}

// kept is an entry outside of the process: a line of JSON and the bytes of the value.
type kept struct {
	Key   json.RawMessage `json:"key"`
	AsOf  time.Time       `json:"asOf"`
	Size  int             `json:"size"`
	value []byte
}

func (k kept) append(to []byte) ([]byte, error) {
	k.Size = len(k.value)
	line, err := json.Marshal(k)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	return append(append(append(to, line...), '\n'), k.value...), nil
}

var errCutShort = errors.New("entry is cut short")

// cutKept takes the first entry off data.
func cutKept(data []byte) (k kept, rest []byte, err error) {
	line, rest, found := bytes.Cut(data, []byte{'\n'})
	if !found {
		return k, nil, errCutShort
	}
	if err := json.Unmarshal(line, &k); err != nil {
		return k, nil, fmt.Errorf("entry: %w", err)
	}
	if k.Size < 0 || k.Size > len(rest) {
		return k, nil, errCutShort
	}
	k.value = rest[:k.Size]
	return k, rest[k.Size:], nil
}

// pack returns an entry for outside.
func (c *Cache[K, V]) pack(key K, rec *record[V]) (kept, error) {
	name, err := json.Marshal(key)
	if err != nil {
		return kept{}, fmt.Errorf("key: %w", err)
	}
	value, err := c.codec.Encode(rec.value)
	return kept{Key: name, AsOf: rec.asOf, value: value}, err
}

// unpack returns the key and the record of an entry from outside. What is of the future, by a clock that goes wrong, is of now.
func (c *Cache[K, V]) unpack(k kept) (key K, rec *record[V], err error) {
	if err := json.Unmarshal(k.Key, &key); err != nil {
		return key, nil, fmt.Errorf("key: %w", err)
	}
	value, err := c.codec.Decode(k.value)
	if err != nil {
		return key, nil, err
	}
	// As an age, so that a clock that is set later does not change how old the value is.
	now := time.Now()
	age := max(now.Sub(k.AsOf), 0)
	return key, c.newRecord(value, now.Add(-age)), nil
}

// Save writes the values that may still be served into folder, under the name of c, unless nothing has changed since saved,
// which is what the last Save returned; 0 at first.
func (c *Cache[K, V]) Save(folder *Folder, saved uint64) (uint64, error) {
	c.mu.Lock()
	changes := c.changes
	c.mu.Unlock()
	if changes == saved && (saved == 0 || folder.has(c.opts.Name)) {
		return saved, nil
	}
	var file []byte
	now := time.Now()
	for key, rec := range c.records.All() {
		if !rec.good(now) {
			continue
		}
		entry, err := c.pack(key, rec)
		if err == nil {
			file, err = entry.append(file)
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

// Restore reads what Save wrote, marks it as stale, and returns how many values there are; none, without an error, when there
// is nothing. What memory holds already stays.
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
		var entry kept
		if entry, file, err = cutKept(file); err != nil {
			return restored, err
		}
		key, rec, err := c.unpack(entry)
		if err != nil {
			return restored, err
		}
		if c.restore(key, rec) {
			restored++
		}
	}
	return restored, nil
}

// restore reports whether there was room for rec: what memory holds already stays.
func (c *Cache[K, V]) restore(key K, rec *record[V]) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.records.GetIfPresent(key); known || !rec.good(time.Now()) {
		return false
	}
	c.put(key, rec.staleSince(time.Time{})) // see restored
	return true
}
