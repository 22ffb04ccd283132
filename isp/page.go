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

// pageOfRows is a page of a list of rows, of which some match.
type pageOfRows struct {
	rows  int // of the list
	from  int // the row at which the page begins
	first int // how many matches it has at most
	total int // matches in the list
}

// takePage returns the matches of a page. The function row returns a row and whether it matches;
// cursor returns a row's cursor. No row behind the last match is looked at.
func takePage[T any](page pageOfRows, row func(int) (T, bool), cursor func(T) string) ([]T, *PageInfo) {
	nodes, info := make([]T, 0, min(page.first, page.total)), &PageInfo{}
	for i := page.from; i < page.rows && len(nodes) < page.total && !info.HasNextPage; i++ {
		switch record, matches := row(i); {
		case !matches:
		case len(nodes) == page.first:
			info.HasNextPage = true
		default:
			nodes = append(nodes, record)
		}
	}
	if len(nodes) < page.total { // else all matches are on the page
		for i := page.from - 1; i >= 0 && !info.HasPreviousPage; i-- {
			_, info.HasPreviousPage = row(i)
		}
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
