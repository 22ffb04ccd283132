package isp

import "strings"

// The sizes of an arena's blocks, in bytes. The first is small for a converter of one row.
const (
	minArenaBlock = 1 << 10
	maxArenaBlock = 64 << 10
)

// arena stores many short strings in few blocks of memory, so that the garbage collector has fewer
// objects to look at. A block is freed when none of its strings is used any more. The zero value
// is empty. An arena is not safe for concurrent use.
type arena struct {
	block strings.Builder
	size  int // of the block
}

// add returns a copy of the text.
func (a *arena) add(text []byte) string {
	if a.block.Len()+len(text) > a.block.Cap() {
		a.size = min(max(2*a.size, minArenaBlock), maxArenaBlock)
		a.block.Reset()
		a.block.Grow(max(a.size, len(text)))
	}
	from := a.block.Len()
	a.block.Write(text)
	return a.block.String()[from:]
}
