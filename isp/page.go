package isp

import "fmt"

// DefaultFirst is the size of a page if the caller gives none.
const DefaultFirst = 50

// PageInfo is the position of a page in its list. The cursors are nil when the page is empty.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     *string
	EndCursor       *string
}

// pageSize returns the checked argument "first" of a list, or defaultSize when it is nil.
func pageSize(first *int, defaultSize int) (int, error) {
	if first == nil {
		return defaultSize, nil
	}
	if *first < 1 || *first > MaxFirst {
		return 0, invalid(fmt.Sprintf("must be 1 to %d", MaxFirst), "first")
	}
	return *first, nil
}

// takePage returns the first matching rows of a list of n rows, starting at the row from. The
// function row returns a row and whether it matches; cursor returns a row's cursor.
func takePage[T any](
	n, from, first int, row func(int) (T, bool), cursor func(T) string,
) ([]T, *PageInfo) {
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

// orEmpty returns the text of an optional argument, "" when it is absent.
func orEmpty(argument *string) string {
	if argument == nil {
		return ""
	}
	return *argument
}
