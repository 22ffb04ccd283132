package cache

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestCutEntry_ReturnsAppendedEntries(t *testing.T) {
	t.Parallel()
	entries := rapid.SliceOf(rapid.Custom(func(t *rapid.T) encodedEntry {
		name, _ := json.Marshal(rapid.String().Draw(t, "key"))
		return encodedEntry{
			Key:   name,
			AsOf:  time.Unix(0, rapid.Int64().Draw(t, "asOf")).UTC(),
			value: rapid.SliceOf(rapid.Byte()).Draw(t, "value"),
		}
	}))
	rapid.Check(t, func(t *rapid.T) {
		all := entries.Draw(t, "entries")
		var file []byte
		for _, entry := range all {
			var err error
			if file, err = entry.appendTo(file); err != nil {
				t.Fatal(err)
			}
		}
		for cut := 1; cut < min(len(file), 50); cut++ {
			wantTruncated(t, file[:len(file)-cut], len(all))
		}
		for _, want := range all {
			var got encodedEntry
			var err error
			got, file, err = cutEntry(file)
			if err != nil || !bytes.Equal(got.Key, want.Key) || !got.AsOf.Equal(want.AsOf) || !bytes.Equal(got.value, want.value) {
				t.Fatalf("cutEntry = %+v, %v, want %+v", got, err, want)
			}
		}
		if len(file) > 0 {
			t.Fatalf("%q is left, want nothing", file)
		}
	})
}

// wantTruncated fails the test if a truncated file contains all entries.
func wantTruncated(t *rapid.T, file []byte, most int) {
	found := 0
	for len(file) > 0 {
		var err error
		if _, file, err = cutEntry(file); err != nil {
			return
		}
		found++
	}
	if found >= most {
		t.Fatalf("%d entries in a truncated file, want fewer than %d", found, most)
	}
}

// FuzzRestore checks that no file causes a panic or makes a value fresh.
func FuzzRestore(f *testing.F) {
	good, err := encodedEntry{Key: []byte(`"x"`), AsOf: time.Now(), value: []byte("7")}.appendTo(nil)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{nil, good, append(good, good...), good[:len(good)-1], []byte("{}\n"), []byte(`{"key":1,"size":-1}` + "\n")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		for rest := file; len(rest) > 0; {
			entry, left, err := cutEntry(rest)
			if err != nil {
				break
			}
			if len(entry.value) != entry.Size || len(left) >= len(rest) {
				t.Fatalf("cutEntry(%q) = %+v, %q", rest, entry, left)
			}
			rest = left
		}
		c := New(Options{Name: "plans", TTL: time.Minute, LoadTimeout: time.Second},
			func(context.Context, string) (string, error) { return "", nil })
		defer c.Close()
		c.Persist(Codec[string]{
			Encode: func(s string) ([]byte, error) { return []byte(s), nil },
			Decode: func(data []byte) (string, error) { return string(data), nil },
		}, nil)
		restored, _ := c.restoreAll(file)
		if stats := c.Stats(); stats.Entries > restored || stats.Entries > 0 && (!stats.Stale || stats.AsOf.After(time.Now())) {
			t.Fatalf("Stats() = %+v after restoreAll = %d", stats, restored)
		}
	})
}
