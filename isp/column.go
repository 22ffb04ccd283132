package isp

import (
	"maps"
	"math/bits"
	"slices"
	"sync/atomic"
)

// densePosting is the share of a list, one row in so many, from which a posting is a bit set: it then
// takes no more memory than a list of positions, up to a factor of two.
const densePosting = 64

// column has one value of each row of a list, as a short code. It finds the rows with a value, and
// counts rows by value, without looking at the rows. It is safe for concurrent use, and immutable but
// for what it remembers.
type column[R any, V comparable] struct {
	of     func(R) V
	codes  paged[int32]
	values []V // by code
	codeOf map[V]int32
	size   int
	// postings are the rows with each value, by code. Each is made on first use.
	postings []atomic.Pointer[posting]
}

// posting is the positions of the rows with a value, in one of two forms.
type posting struct {
	dense  bitset  // for many rows
	sparse []int32 // for few rows
}

func newColumn[R any, V comparable](rows []R, of func(R) V, pace *workPace) *column[R, V] {
	c := &column[R, V]{of: of, codeOf: map[V]int32{}, size: len(rows)}
	codes := make([]int32, len(rows))
	for i, row := range rows {
		pace.step()
		codes[i] = c.code(of(row))
	}
	c.codes, c.postings = inPages(codes), make([]atomic.Pointer[posting], len(c.values))
	return c
}

// code returns the code of a value, a new one for a new value.
func (c *column[R, V]) code(value V) int32 {
	code, known := c.codeOf[value]
	if !known {
		code = int32(len(c.values))
		c.codeOf[value], c.values = code, append(c.values, value)
	}
	return code
}

// replaceColumn returns the column after changes, which is the same one if none of its values has
// changed.
func replaceColumn[V comparable](c *column[*Client, V], changed *changes) *column[*Client, V] {
	isChanged := func(change change) bool { return change.was == nil || c.of(change.was) != c.of(change.now) }
	if !slices.ContainsFunc(changed.list, isChanged) {
		return c
	}
	next := &column[*Client, V]{of: c.of, values: slices.Clip(c.values), codeOf: c.codeOf, size: len(changed.clients)}
	for _, change := range changed.list {
		if _, known := next.codeOf[c.of(change.now)]; !known {
			next.codeOf = maps.Clone(c.codeOf)
			break
		}
	}
	next.codes = c.codes.with(changed, func(client *Client) int32 { return next.code(c.of(client)) })
	next.postings = make([]atomic.Pointer[posting], len(next.values))
	return next
}

// posting returns the rows with the value of a code.
func (c *column[R, V]) posting(code int32) *posting {
	if known := c.postings[code].Load(); known != nil {
		return known
	}
	set, count := newBitset(c.size), 0
	for page, codes := range c.codes {
		for i, other := range codes {
			if other == code {
				set.add(page*pageRows + i)
				count++
			}
		}
	}
	made := &posting{dense: set}
	if count < c.size/densePosting {
		made = &posting{sparse: make([]int32, 0, count)}
		for i := range set.each {
			made.sparse = append(made.sparse, int32(i))
		}
	}
	c.postings[code].Store(made)
	return made
}

// having returns the rows that have one of the values. The zero value, which stands for none, has no
// rows. The set must not be changed.
func (c *column[R, V]) having(wanted []V) bitset {
	var none V
	var found bitset
	for _, value := range wanted {
		code, known := c.codeOf[value]
		if !known || value == none {
			continue
		}
		rows := c.posting(code)
		if len(wanted) == 1 && rows.dense.words != nil {
			return rows.dense
		}
		if found.words == nil {
			found = newBitset(c.size)
		}
		rows.addTo(found)
	}
	return found
}

func (p *posting) addTo(set bitset) {
	for _, i := range p.sparse {
		set.add(int(i))
	}
	if p.dense.words != nil {
		set.union(p.dense)
	}
}

// count returns how many rows of a set have the value.
func (c *column[R, V]) count(set bitset, value V) int {
	code, known := c.codeOf[value]
	if !known {
		return 0
	}
	return c.posting(code).countIn(set)
}

func (p *posting) countIn(set bitset) (count int) {
	for w, word := range p.dense.words {
		count += bits.OnesCount64(word & set.words[w])
	}
	for _, i := range p.sparse {
		if set.has(int(i)) {
			count++
		}
	}
	return count
}

// group is the rows that have one value: how many, and the position of the first.
type group struct {
	count int
	first uint32
}

// groups counts the rows at some positions by code.
func (c *column[R, V]) groups(positions []uint32) []group {
	groups := make([]group, len(c.values))
	for _, i := range positions {
		group := &groups[c.codes.at(i)]
		if group.count == 0 {
			group.first = i
		}
		group.count++
	}
	return groups
}
