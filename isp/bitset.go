package isp

import (
	"math"
	"math/bits"
	"slices"
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

// has reports whether i is a member. It may be beyond the size of the directory.
func (s bitset) has(i int) bool { return i/64 < len(s.words) && s.words[i/64]&(1<<(i%64)) != 0 }

func (s bitset) count() int {
	n := 0
	for _, word := range s.words {
		n += bits.OnesCount64(word)
	}
	return n
}

// intersect removes the members that are not in other, which may be of a smaller directory.
func (s bitset) intersect(other bitset) {
	for w := range other.words {
		s.words[w] &= other.words[w]
	}
	clear(s.words[len(other.words):])
}

// resized returns a copy for a directory of another size, which is not smaller.
func (s bitset) resized(size int) bitset {
	larger := newBitset(size)
	copy(larger.words, s.words)
	return larger
}

// insert moves the members from position i on up by one. There must be room for the last one.
func (s bitset) insert(i int) {
	w := i / 64
	below := uint64(1)<<(i%64) - 1
	word := s.words[w]
	s.words[w] = word&below | word&^below<<1
	for carry := word >> 63; w+1 < len(s.words); {
		w++
		word = s.words[w]
		s.words[w], carry = word<<1|carry, word>>63
	}
}

func (s bitset) remove(i int) { s.words[i/64] &^= 1 << (i % 64) }

// keepRange removes the members before from, and those from to on.
func (s bitset) keepRange(from, to int) {
	for w := range s.words {
		low, high := min(max(from-w*64, 0), 64), min(max(to-w*64, 0), 64)
		s.words[w] &= (1<<high - 1) &^ (1<<low - 1)
	}
}

func (s bitset) isEmpty() bool {
	return !slices.ContainsFunc(s.words, func(word uint64) bool { return word != 0 })
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
			s.remove(i)
		}
	}
}

// members returns the members in ascending order.
func (s bitset) members() []uint32 {
	members := make([]uint32, 0, s.count())
	for w, word := range s.words {
		for ; word != 0; word &= word - 1 {
			members = append(members, uint32(w*64+bits.TrailingZeros64(word)))
		}
	}
	return members
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
