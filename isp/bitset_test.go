package isp

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A bitset has the same members as a map. Sizes include multiples of 64 and others.
func TestBitset_EqualsMap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(0, 200).Draw(t, "size")
		draw := func(name string) (bitset, map[int]bool) {
			set, members := newBitset(size), map[int]bool{}
			for i := range size {
				if rapid.Bool().Draw(t, name) {
					set.add(i)
					members[i] = true
				}
			}
			return set, members
		}
		a, inA := draw("a")
		b, inB := draw("b")
		check := func(what string, set bitset, want func(i int) bool) {
			var members []int
			for i := range size {
				if want(i) {
					members = append(members, i)
				}
				if set.has(i) != want(i) {
					t.Errorf("%s: has(%d) = %t, want %t", what, i, set.has(i), want(i))
				}
			}
			if got := slices.Collect(set.each); !slices.Equal(got, members) || set.count() != len(members) {
				t.Errorf("%s = %v with count %d, want %v", what, got, set.count(), members)
			}
		}
		check("allOf", fullBitset(size), func(int) bool { return true })
		check("a", a, func(i int) bool { return inA[i] })
		a.union(b)
		check("a or b", a, func(i int) bool { return inA[i] || inB[i] })
		a.filter(func(i int) bool { return inA[i] })
		check("a filtered", a, func(i int) bool { return inA[i] })
		a.intersect(b)
		check("a and b", a, func(i int) bool { return inA[i] && inB[i] })
		a.intersect(bitset{})
		check("a and the zero set", a, func(int) bool { return false })
	})
}
