package isp

import "fmt"

// DefaultFirst is the size of a page when nobody says.
const DefaultFirst = 50

// PageInfo tells where a page lies in its list. Cursors are nil when the page is empty.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     *string
	EndCursor       *string
}

// pageSize reads the first argument of a list.
func pageSize(first *int, otherwise int) (int, error) {
	if first == nil {
		return otherwise, nil
	}
	if *first < 1 || *first > MaxFirst {
		return 0, invalid(fmt.Sprintf("must be 1 to %d", MaxFirst), "first")
	}
	return *first, nil
}

// takePage returns the first matches of a list of n rows, from one of them on. The row function returns a row and whether
// it matches, the cursor function names a row's place.
func takePage[T any](n, from, first int, row func(int) (T, bool), cursor func(T) string) ([]T, *PageInfo) {
	nodes, info := make([]T, 0, first), &PageInfo{}
	for i := from; i < n && !info.HasNextPage; i++ {
		switch record, matches := row(i); {
		case !matches:
		case len(nodes) == first:
			info.HasNextPage = true
		default:
			nodes = append(nodes, record)
		}
	}
	for i := from - 1; i >= 0 && !info.HasPreviousPage; i-- {
		_, info.HasPreviousPage = row(i)
	}
	if len(nodes) > 0 {
		start, end := cursor(nodes[0]), cursor(nodes[len(nodes)-1])
		info.StartCursor, info.EndCursor = &start, &end
	}
	return nodes, info
}

// textOf is an argument's text, "" when it is absent.
func textOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
