// Package buffer lends byte slices in which answers are made, so that a large answer does not cost
// new memory each time.
package buffer

import (
	"math/bits"
	"sync"
)

const (
	// minBits and maxBits are the sizes that are kept: 4 kB to 4 MB. Larger slices are left to the
	// garbage collector, which would otherwise keep one huge answer for long.
	minBits = 12
	maxBits = 22
)

// pools has one pool for each power of two.
var pools [maxBits - minBits + 1]sync.Pool

// Get returns an empty slice with room for the bytes, or more. The caller may give it back with
// [Put], and need not. It is safe for concurrent use.
func Get(bytes int) []byte {
	class := max(bits.Len(uint(max(bytes, 1)-1)), minBits)
	if class > maxBits {
		return make([]byte, 0, bytes)
	}
	if kept, ok := pools[class-minBits].Get().(*[]byte); ok {
		return (*kept)[:0]
	}
	return make([]byte, 0, 1<<class)
}

// Put gives a slice back, wherever it comes from. No other part of the program may use its bytes
// any more. It is safe for concurrent use.
func Put(bytes []byte) {
	class := bits.Len(uint(cap(bytes))) - 1 // rounded down, so that Get finds room
	if class < minBits || class > maxBits {
		return
	}
	spoil(bytes)
	bytes = bytes[:0]
	pools[class-minBits].Put(&bytes)
}
