package wisphub

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"wisphub-graphql/background"
)

const (
	parallelPages = 4
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

// ListFunc reads one page of a list.
type ListFunc[R any] func(ctx context.Context, options ListOptions) (*Page[R], error)

// ReadAll reads all pages of a list and returns every row, or an error. Id returns the id of a
// row; 0 means that it has none, and such rows are never compared. ReadAll asks again for pages
// that fail, with growing pauses, until ctx ends: give it a deadline.
//
// It fails with [ErrListChanged] when three passes do not agree on a whole list. When two passes
// in a row find an id twice, it returns all rows nevertheless: one faulty row must not hide the
// others.
func ReadAll[R any](ctx context.Context, list ListFunc[R], id func(*R) int) ([]R, error) {
	return readAll(ctx, list, id, policy{maxPages: maxPages, retryPages: true, acceptRepeats: true})
}

// policy is how a list is read.
type policy struct {
	maxPages      int
	retryPages    bool // request failed pages again, after a pause
	acceptRepeats bool // if two passes in a row find an id twice
}

func readAll[R any](ctx context.Context, list ListFunc[R], id func(*R) int, policy policy) ([]R, error) {
	var last error
	for range maxPasses {
		rows, err := newPass(list, id, policy).read(ctx)
		if policy.acceptRepeats && errors.Is(err, errRepeated) && errors.Is(last, errRepeated) {
			return rows, nil
		}
		if err == nil {
			return rows, nil
		}
		if !isNotWhole(err) {
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

// pass reads a list once, whole or not at all.
//
// Pages overlap by one row. A row that appears or vanishes between two calls shifts all rows
// behind it. The two pages then disagree on the row they share, even if the count stays the same.
type pass[R any] struct {
	list   ListFunc[R]
	id     func(*R) int
	policy policy

	pages map[int]*Page[R] // by offset; guarded by mu
	mu    sync.Mutex
	step  int // from one offset to the next
	count int
}

func newPass[R any](list ListFunc[R], id func(*R) int, policy policy) *pass[R] {
	return &pass[R]{list: list, id: id, policy: policy, pages: map[int]*Page[R]{}}
}

// read returns the whole list. With errRepeated, it returns the rows too.
func (p *pass[R]) read(ctx context.Context) ([]R, error) {
	if err := p.fetch(ctx); err != nil {
		return nil, err
	}
	return p.join()
}

// fetch reads all pages. Later rounds ask again for those that failed.
func (p *pass[R]) fetch(ctx context.Context) error {
	empty := 0
	for {
		known := len(p.pages)
		missing, err := p.missing()
		if err != nil || len(missing) == 0 {
			return err
		}
		err = p.round(ctx, missing)
		if err != nil && !p.policy.retryPages {
			return err
		}
		if len(p.pages) > known {
			empty = 0
			continue
		}
		wait := min(roundPause<<min(empty, 10), maxRoundPause)
		empty++
		if known == 0 && (empty == maxEmptyRounds || RetryAfter(err) > wait) || isPermanent(err) {
			return err
		}
		if ended := background.Sleep(ctx, wait); ended != nil {
			return fmt.Errorf("%w, last: %w", ended, err)
		}
	}
}

// isPermanent reports whether asking again cannot help, at least not within one pass.
func isPermanent(err error) bool {
	return errors.Is(err, ErrForbidden) || errors.Is(err, ErrRefused) || errors.Is(err, ErrNotFound) ||
		errors.Is(err, ErrBudget)
}

// missing returns the offsets still to be read. Until the first page has come, that is 0 alone.
func (p *pass[R]) missing() ([]int, error) {
	first := p.pages[0]
	if first == nil {
		return []int{0}, nil
	}
	p.count = first.Count
	p.step = max(len(first.Rows)-1, 1)
	if len(first.Rows) >= p.count || len(first.Rows) == 0 {
		return nil, nil
	}
	if len(first.Rows) < minPage || p.count/p.step > p.policy.maxPages {
		return nil, fmt.Errorf("%w: a page of %d rows of %d", ErrListChanged, len(first.Rows), p.count)
	}
	var offsets []int
	for offset := p.step; offset+1 < p.count; offset += p.step {
		if p.pages[offset] == nil {
			offsets = append(offsets, offset)
		}
	}
	return offsets, nil
}

// round asks for each offset once and returns the first error. Pages that came are kept.
func (p *pass[R]) round(ctx context.Context, offsets []int) error {
	var group errgroup.Group
	group.SetLimit(parallelPages)
	for _, offset := range offsets {
		group.Go(func() error {
			page, err := p.list(ctx, ListOptions{Limit: MaxLimit, Offset: offset})
			if err != nil {
				return err
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			p.pages[offset] = page
			return nil
		})
	}
	return group.Wait()
}

// join joins the pages and proves that they are the whole list: the same count everywhere, the
// same row where two pages meet, no id twice, and as many rows as counted.
func (p *pass[R]) join() ([]R, error) {
	rows := p.pages[0].Rows
	for offset := p.step; len(rows) < p.count; offset += p.step {
		page := p.pages[offset]
		if page == nil || page.Count != p.count || len(page.Rows) == 0 ||
			p.id(&page.Rows[0]) != p.id(&rows[len(rows)-1]) {
			return nil, ErrListChanged
		}
		if len(page.Rows) == 1 {
			break // nothing behind the shared row
		}
		rows = append(rows, page.Rows[1:]...)
	}
	if len(rows) != p.count {
		return nil, fmt.Errorf("%w: %d rows of %d", ErrListChanged, len(rows), p.count)
	}
	return rows, p.checkRepeats(rows)
}

// checkRepeats returns errRepeated when an id appears twice.
func (p *pass[R]) checkRepeats(rows []R) error {
	seen := make(map[int]bool, len(rows))
	for i := range rows {
		id := p.id(&rows[i])
		if id > 0 && seen[id] {
			return fmt.Errorf("%w: %d", errRepeated, id)
		}
		seen[id] = true
	}
	return nil
}
