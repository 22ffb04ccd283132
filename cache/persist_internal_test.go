package cache

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestCutKeptReturnsWhatWasAppended(t *testing.T) {
	t.Parallel()
	entries := rapid.SliceOf(rapid.Custom(func(t *rapid.T) kept {
		name, _ := json.Marshal(rapid.String().Draw(t, "key"))
		return kept{
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
			if file, err = entry.append(file); err != nil {
				t.Fatal(err)
			}
		}
		for cut := 1; cut < min(len(file), 50); cut++ {
			wantCutShort(t, file[:len(file)-cut], len(all))
		}
		for _, want := range all {
			var got kept
			var err error
			got, file, err = cutKept(file)
			if err != nil || !bytes.Equal(got.Key, want.Key) || !got.AsOf.Equal(want.AsOf) || !bytes.Equal(got.value, want.value) {
				t.Fatalf("cutKept = %+v, %v, want %+v", got, err, want)
			}
		}
		if len(file) > 0 {
			t.Fatalf("%q is left", file)
		}
	})
}

// wantCutShort fails the test if as many entries as were written are found in less.
func wantCutShort(t *rapid.T, file []byte, most int) {
	found := 0
	for len(file) > 0 {
		var err error
		if _, file, err = cutKept(file); err != nil {
			return
		}
		found++
	}
	if found >= most {
		t.Fatalf("%d entries in a file that is cut short, want less than %d", found, most)
	}
}

// FuzzRestore shows that no file stops the process, or makes a value new.
func FuzzRestore(f *testing.F) {
	good, err := kept{Key: []byte(`"x"`), AsOf: time.Now(), value: []byte("7")}.append(nil)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{nil, good, append(good, good...), good[:len(good)-1], []byte("{}\n"), []byte(`{"key":1,"size":-1}` + "\n")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		for rest := file; len(rest) > 0; {
			entry, left, err := cutKept(rest)
			if err != nil {
				break
			}
			if len(entry.value) != entry.Size || len(left) >= len(rest) {
				t.Fatalf("cutKept(%q) = %+v, %q", rest, entry, left)
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
