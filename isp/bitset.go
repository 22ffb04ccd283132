package isp

import (
	"math"
	"math/bits"
)

// bitset is a set of positions in a directory.
type bitset struct {
	words []uint64
	size  int // of the directory
}

// newBitset returns an empty set.
func newBitset(size int) bitset { return bitset{make([]uint64, (size+63)/64), size} }

// fullBitset returns the set of all positions.
func fullBitset(size int) bitset {
	set := newBitset(size)
	for w := range set.words {
		set.words[w] = math.MaxUint64
	}
	if rest := size % 64; rest > 0 {
		set.words[len(set.words)-1] = 1<<rest - 1
	}
	return set
}

func (s bitset) add(i int) { s.words[i/64] |= 1 << (i % 64) }

func (s bitset) has(i int) bool { return s.words[i/64]&(1<<(i%64)) != 0 }

func (s bitset) count() int {
	n := 0
	for _, word := range s.words {
		n += bits.OnesCount64(word)
	}
	return n
}

// intersect removes the members that are not in other. The zero bitset is empty.
func (s bitset) intersect(other bitset) {
	for w := range s.words {
		if other.words == nil {
			s.words[w] = 0
		} else {
			s.words[w] &= other.words[w]
		}
	}
}

// union adds the members of other, which must have the same size.
func (s bitset) union(other bitset) {
	for w := range s.words {
		s.words[w] |= other.words[w]
	}
}

// filter removes the members for which keep is false.
func (s bitset) filter(keep func(i int) bool) {
	for i := range s.each {
		if !keep(i) {
			s.words[i/64] &^= 1 << (i % 64)
		}
	}
}

// each yields the members in ascending order.
func (s bitset) each(yield func(i int) bool) {
	for w, word := range s.words {
		for ; word != 0; word &= word - 1 {
			if !yield(w*64 + bits.TrailingZeros64(word)) {
				return
			}
		}
	}
}
