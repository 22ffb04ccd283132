package wisphub

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wisphub-graphql/wisphub/ratelimit"
)

// MaxParallelPages is how many pages of a list that callers wait for are read at the same time.
const MaxParallelPages = ratelimit.SharedConnections

const (
	// parallelPages leaves connections to others.
	parallelPages = ratelimit.MaxConnections / 2
	// maxPasses bounds how often a list that changes while it is read is read again.
	maxPasses = 3
	// maxEmptyRounds is how many rounds may bring no page before the upstream counts as down. Once
	// one page has come, only the context ends the rounds: the pages read so far are not thrown
	// away because another one fails.
	maxEmptyRounds = 3
	// The pause doubles after each round that brings no page.
	roundPause    = 2 * time.Second
	maxRoundPause = time.Minute
	// minPage is the fewest rows of a page that has more behind it. WispHub's cap is 300, and a
	// tenant's may be lower. A page of two rows is a fault, and would cost one call a row.
	minPage = 20
	// maxPages bounds the cost of one pass.
	maxPages = 1000
)

// ErrListChanged: rows came or went while a list was read, so that one may be missing.
var ErrListChanged = errors.New("the list changed while it was read")

// errRepeated: an id appears twice though the list did not change.
var errRepeated = errors.New("an id appears twice")

// countError: all pages fit together, but hold one row more or less than counted.
type countError struct{ rows, count int }

func (e *countError) Error() string {
	return fmt.Sprintf("%v: %d rows of %d", ErrListChanged, e.rows, e.count)
}

func (e *countError) Unwrap() error { return ErrListChanged }

// isSameCountError reports whether two passes in a row miss the count by the same row.
func isSameCountError(err, last error) bool {
	now, before := (*countError)(nil), (*countError)(nil)
	return errors.As(err, &now) && errors.As(last, &before) && now.rows-now.count == before.rows-before.count
}

// ListFunc reads one page of a list.
type ListFunc[R any] func(ctx context.Context, options ListOptions) (*Page[R], error)

// ReadAll reads all pages of a list and returns every row, or an error. Id returns the id of a
// row; 0 means that it has none, and such rows are never compared. ReadAll asks again for pages
// that fail, with growing pauses, until ctx ends: give it a deadline.
//
// It fails with [ErrListChanged] when three passes do not agree on a whole list. When two passes
// in a row find an id twice, it returns all rows nevertheless: one faulty row must not hide the
// others. It does the same when two passes in a row miss the count by the same one row, and logs
// that once: some tenants' counts are wrong for good.
func ReadAll[R any](ctx context.Context, list ListFunc[R], id func(*R) int) ([]R, error) {
	return ReadAllWith(ctx, list, id, ReadOptions[R]{})
}

// ReadOptions is how [ReadAllWith] reads a list.
type ReadOptions[R any] struct {
	// First says that callers may wait for the list, because there is none yet. Its pages are read
	// with all connections that a shared reading may hold, and a call that is late is repeated while
	// it still waits.
	First bool
	// MaxBytes is what the rows may take in memory, about. Beyond it the reading fails with
	// [ErrInvalidResponse]. Optional, [DefaultMaxBytes].
	MaxBytes int
	// Known are pages by offset that need not be read in the first pass. The proof that the list is
	// whole is the same. Optional.
	Known map[int]*Page[R]
	// OnPass is called when a pass over the list begins. Optional.
	OnPass func()
	// OnMissing is called when it is known how many pages are missing: after the first page, and
	// after each round of pages. Its error ends the reading. Optional.
	OnMissing func(pages int) error
	// OnPage is called with each page that arrives or is known, one at a time. Optional.
	OnPage func(offset int, page *Page[R])
}

// ReadAllWith is [ReadAll] with options.
func ReadAllWith[R any](ctx context.Context, list ListFunc[R], id func(*R) int, options ReadOptions[R]) ([]R, error) {
	return readAll(ctx, list, id, policy{
		maxPages: maxPages, retryPages: true, acceptRepeats: true, maxBytes: options.MaxBytes,
	}, options)
}

// policy is how a list is read.
type policy struct {
	maxPages      int
	retryPages    bool // request failed pages again, after a pause
	acceptRepeats bool // if two passes in a row find an id twice
	maxBytes      int  // see ReadOptions
	names         bool // the id stands for a name, which may appear twice, but not at the end
}

func readAll[R any](
	ctx context.Context, list ListFunc[R], id func(*R) int, policy policy, options ReadOptions[R],
) ([]R, error) {
	var last error
	for range maxPasses {
		pass := newPass(list, id, policy)
		pass.options = options
		if options.OnPass != nil {
			options.OnPass()
		}
		for offset, page := range options.Known {
			pass.put(offset, page)
		}
		options.Known = nil // two passes that agree must both have read the list
		rows, err := pass.read(ctx)
		pass.reading.report()
		switch {
		case err == nil:
			return rows, nil
		case policy.acceptRepeats && errors.Is(err, errRepeated) && errors.Is(last, errRepeated):
			return rows, nil
		case isSameCountError(err, last):
			pass.logWrongCount(len(rows))
			return rows, nil
		case !isNotWhole(err):
			return nil, err
		}
		last = err
	}
	return nil, last
}

// isNotWhole reports whether the pages came but are not a whole list. Another pass may help.
func isNotWhole(err error) bool {
	return errors.Is(err, ErrListChanged) || errors.Is(err, errRepeated)
}
