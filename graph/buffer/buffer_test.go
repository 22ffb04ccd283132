package buffer_test

import (
	"testing"

	"pgregory.net/rapid"

	"wisphub-graphql/graph/buffer"
)

// A slice has the room that was asked for, whatever slices were given back before.
func TestGet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		buffer.Put(make([]byte, rapid.IntRange(0, 9<<20).Draw(t, "given back")))
		size := rapid.IntRange(-1, 9<<20).Draw(t, "asked for")
		got := buffer.Get(size)
		if len(got) != 0 || cap(got) < size {
			t.Fatalf("Get(%d) has length %d and room for %d, want an empty slice with room", size, len(got), cap(got))
		}
		buffer.Put(got)
	})
}
