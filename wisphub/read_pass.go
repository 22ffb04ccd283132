package wisphub

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"wisphub-graphql/background"
)

// pass reads a list once, whole or not at all.
//
// Pages overlap by one row. A row that appears or vanishes between two calls shifts all rows
// behind it. The two pages then disagree on the row they share, even if the count stays the same.
type pass[R any] struct {
	list    ListFunc[R]
	id      func(*R) int
	policy  policy
	options ReadOptions[R]

	reading *reading

	times  answerTimes
	losers sync.WaitGroup // calls of pages that another call has brought

	pages map[int]*Page[R] // by offset; guarded by mu
	mu    sync.Mutex
	step  int // from one offset to the next
	count int
}

func newPass[R any](list ListFunc[R], id func(*R) int, policy policy) *pass[R] {
	return &pass[R]{list: list, id: id, policy: policy, pages: map[int]*Page[R]{}, reading: newReading(cmp.Or(policy.maxBytes, DefaultMaxBytes))}
}

// read returns the whole list. With errRepeated and a countError, it returns the rows too.
func (p *pass[R]) read(ctx context.Context) ([]R, error) {
	ctx = context.WithValue(ctx, readingKey{}, p.reading)
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
		if err == nil && known > 0 && p.options.OnMissing != nil {
			err = p.options.OnMissing(len(missing))
		}
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
		errors.Is(err, ErrBudget) || isTooLarge(err)
}

// missing returns the offsets still to be read. Until the first page has come, that is 0 alone.
func (p *pass[R]) missing() ([]int, error) {
	first := p.pages[0]
	if first == nil {
		return []int{0}, nil
	}
	p.count = first.Count
	p.reading.announce(p.count)
	p.step = max(len(first.Rows)-1, 1)
	switch {
	case p.count < 0:
		return nil, fmt.Errorf("%w: no count", ErrListChanged)
	case len(first.Rows) >= p.count, len(first.Rows) == 0:
		return nil, nil
	case len(first.Rows) < minPage && p.count-len(first.Rows) == 1:
		return nil, nil // too short to have another page behind it: the count is wrong
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
	group.SetLimit(p.parallel())
	for _, offset := range offsets {
		group.Go(func() error {
			if err := p.reading.err(); err != nil {
				return err
			}
			page, err := p.readPage(ctx, ListOptions{Limit: MaxLimit, Offset: offset})
			if err != nil {
				return err
			}
			p.put(offset, page)
			return nil
		})
	}
	defer p.losers.Wait()
	err := group.Wait()
	return cmp.Or(p.reading.err(), err)
}

func (p *pass[R]) readPage(ctx context.Context, options ListOptions) (*Page[R], error) {
	read := func(ctx context.Context) (*Page[R], error) { return p.list(ctx, options) }
	if p.options.First {
		return hedged(ctx, read, &p.times, &p.losers)
	}
	return read(ctx)
}

func (p *pass[R]) parallel() int {
	if p.options.First {
		return MaxParallelPages
	}
	return parallelPages
}

func (p *pass[R]) put(offset int, page *Page[R]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pages[offset] = page
	if p.options.OnPage != nil {
		p.options.OnPage(offset, page)
	}
}

// join joins the pages and proves that they are the whole list: the same count everywhere, the
// same row where two pages meet, no id twice, and as many rows as counted.
func (p *pass[R]) join() ([]R, error) {
	rows := make([]R, 0, p.rowsRead())
	rows = append(rows, p.pages[0].Rows...)
	for offset := p.step; len(rows) < p.count; offset += p.step {
		page := p.pages[offset]
		if page == nil && len(rows) == p.count-1 {
			break // no page is left to ask for
		}
		if page == nil || page.Count != p.count || len(page.Rows) == 0 ||
			p.id(&page.Rows[0]) != p.id(&rows[len(rows)-1]) {
			return nil, ErrListChanged
		}
		if len(page.Rows) == 1 {
			break // nothing behind the shared row
		}
		rows = append(rows, page.Rows[1:]...)
	}
	return p.checkCount(rows)
}

// rowsRead is how many rows the pages hold, those that two pages share twice.
func (p *pass[R]) rowsRead() (rows int) {
	for _, page := range p.pages {
		rows += len(page.Rows)
	}
	return rows
}

// checkCount is the part of join that looks at all rows.
func (p *pass[R]) checkCount(rows []R) ([]R, error) {
	wrong := len(rows) - p.count
	repeated := p.checkRepeats(rows)
	switch {
	case len(rows) > 0 && !slices.ContainsFunc(rows, func(row R) bool { return p.id(&row) > 0 }):
		return nil, fmt.Errorf("%w: no row has an id", ErrListChanged)
	case wrong == 0:
		return rows, repeated
	case (wrong == 1 || wrong == -1) && len(rows) > 0 && repeated == nil:
		return rows, &countError{len(rows), p.count}
	}
	return nil, fmt.Errorf("%w: %d rows of %d", ErrListChanged, len(rows), p.count)
}

// logWrongCount logs that the rows are served although the count is wrong.
func (p *pass[R]) logWrongCount(rows int) {
	if log := p.pages[0].logWrongCount; log != nil {
		log(rows)
	}
}

// checkRepeats returns errRepeated when an id appears twice.
func (p *pass[R]) checkRepeats(rows []R) error {
	if p.policy.names {
		if last := len(rows) - 1; last > 0 && p.id(&rows[last]) == p.id(&rows[last-1]) {
			return fmt.Errorf("%w: the last row", errRepeated)
		}
		return nil
	}
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
