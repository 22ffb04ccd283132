package isp

import "slices"

// pageRows is how many rows a page of a [paged] list has: few enough to copy for one changed row,
// and many enough that a list has few pages.
const pageRows = 1 << 10

// paged is a list in pages of pageRows rows, of which the last may have fewer. A changed copy shares
// all pages but those that changed. The zero value is an empty list.
type paged[T any] [][]T

// inPages returns the rows as a paged list, which keeps the slice.
func inPages[T any](rows []T) paged[T] {
	return slices.Collect(slices.Chunk(rows, pageRows))
}

func (p paged[T]) at(i uint32) T { return p[i/pageRows][i%pageRows] }

// with returns the list after changes: rows has the value of each changed row, by new position. Rows
// behind the last one are appended, in the order of the changes.
func (p paged[T]) with(c *changes, row func(*Client) T) paged[T] {
	next := slices.Clone(p)
	if c.moved != nil {
		next = p.moved(c)
	}
	copied := -1
	for _, change := range c.list {
		page, n := change.position/pageRows, change.position%pageRows
		if page == len(next) {
			next, copied = append(next, nil), page
		}
		if page != copied && c.moved == nil {
			next[page], copied = slices.Clone(next[page]), page
		}
		if n == len(next[page]) {
			next[page] = append(next[page], row(change.now))
		} else {
			next[page][n] = row(change.now)
		}
	}
	return next
}

// moved returns a copy with the rows at their positions after the changes.
func (p paged[T]) moved(c *changes) paged[T] {
	rows := make([]T, len(c.clients))
	for old, position := range c.moved {
		rows[position] = p.at(uint32(old))
	}
	return inPages(rows)
}
