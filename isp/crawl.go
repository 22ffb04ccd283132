package isp

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"wisphub-graphql/wisphub"
)

const (
	crawlParallel = 4
	// crawlAttempts bounds how often a list that changes under the reader is read anew.
	crawlAttempts = 3
	// fruitlessRounds is how many rounds may bring nothing before the upstream counts as down. Once a page is there, the others
	// are asked for as long as the reading may go on: what was spent is not thrown away for one page that fails.
	fruitlessRounds = 3
	// The pause doubles from one fruitless round to the next.
	roundPause    = 2 * time.Second
	maxRoundPause = time.Minute
)

// minPage is the fewest rows that a page with more behind it may have. WispHub's cap is 300, and a cap that is lower may be
// some tenant's; an answer of two rows is a fault, and believing it would cost a call a row.
const minPage = 20

// maxPages bounds what one reading may cost.
const maxPages = 1000

// errRepeated: an id is there twice though nothing moved, a fault of the list itself.
var errRepeated = errors.New("an id is there twice")

// errMoved: rows came or went between two pages, so that one may be missing.
var errMoved = errors.New("the list changed while it was read")

// crawl reads a list of the upstream's, whole or not at all.
//
// Pages overlap by one row. A row that appears or vanishes between the reading of two pages shifts all rows behind it,
// and then the two no longer agree on the row they share, though the count may.
type crawl[R any] struct {
	list  lister[R]
	id    func(*R) int
	pages map[int]*wisphub.Page[R] // by offset; guarded by mu
	mu    sync.Mutex
	step  int // from one offset to the next
	count int
}

// lister reads one page.
type lister[R any] func(ctx context.Context, options wisphub.ListOptions) (*wisphub.Page[R], error)

// crawlAll returns every row of the list, also rows whose id is 0 because they have none that is usable, and rows that
// repeat one if WispHub insists.
func crawlAll[R any](ctx context.Context, list lister[R], id func(*R) int) ([]R, error) {
	var last error
	for range crawlAttempts {
		c := &crawl[R]{list: list, id: id, pages: map[int]*wisphub.Page[R]{}}
		rows, err := c.read(ctx)
		switch {
		case errors.Is(err, errRepeated) && errors.Is(last, errRepeated):
			return rows, nil // twice the same: one odd row must not hide all others
		case err == nil:
			return rows, nil
		case !errors.Is(err, errMoved) && !errors.Is(err, errRepeated):
			return nil, err
		}
		last = err
	}
	return nil, last
}

// read returns the whole list, with errRepeated too.
func (c *crawl[R]) read(ctx context.Context) ([]R, error) {
	if err := c.bring(ctx); err != nil {
		return nil, err
	}
	return c.rows()
}

// bring brings all pages, asking again in later rounds for those that failed.
func (c *crawl[R]) bring(ctx context.Context) error {
	fruitless := 0
	for {
		known := len(c.pages)
		missing, err := c.missing()
		if err != nil || len(missing) == 0 {
			return err
		}
		err = c.round(ctx, missing)
		if len(c.pages) > known {
			fruitless = 0
			continue
		}
		wait := min(roundPause<<min(fruitless, 10), maxRoundPause)
		fruitless++
		if known == 0 && (fruitless == fruitlessRounds || askedToWait(err) > wait) || refusedForGood(err) {
			return err
		}
		if ended := pause(ctx, wait); ended != nil {
			return fmt.Errorf("%w, last: %w", ended, err)
		}
	}
}

// refusedForGood: asking again will not help, or not as long as this reading may go on.
func refusedForGood(err error) bool {
	return errors.Is(err, wisphub.ErrForbidden) || errors.Is(err, wisphub.ErrRefused) || errors.Is(err, wisphub.ErrNotFound) ||
		errors.Is(err, wisphub.ErrBudget)
}

// askedToWait is how long the upstream, or what keeps us from it, asks to wait; 0 when it does not say.
func askedToWait(err error) time.Duration {
	if upstream := (*wisphub.Error)(nil); errors.As(err, &upstream) {
		return upstream.RetryAfter
	}
	return 0
}

// missing returns the offsets still to be read; before the first page is there, its alone.
func (c *crawl[R]) missing() ([]int, error) {
	first := c.pages[0]
	if first == nil {
		return []int{0}, nil
	}
	c.count = first.Count
	c.step = max(len(first.Rows)-1, 1)
	if len(first.Rows) >= c.count || len(first.Rows) == 0 {
		return nil, nil
	}
	if len(first.Rows) < minPage || c.count/c.step > maxPages {
		return nil, fmt.Errorf("%w: a page of %d rows of %d", errMoved, len(first.Rows), c.count)
	}
	var offsets []int
	for offset := c.step; offset+1 < c.count; offset += c.step {
		if c.pages[offset] == nil {
			offsets = append(offsets, offset)
		}
	}
	return offsets, nil
}

// round asks for each offset once and returns the first error. Pages that came are kept. Whoever waits for the list, its
// first page alone goes at their rank: a hundred pages would leave nothing to those who ask for one client.
func (c *crawl[R]) round(ctx context.Context, offsets []int) error {
	var group errgroup.Group
	group.SetLimit(crawlParallel)
	for _, offset := range offsets {
		group.Go(func() error {
			ctx := ctx
			if offset > 0 {
				ctx = background(ctx)
			}
			page, err := c.list(ctx, wisphub.ListOptions{Limit: wisphub.MaxLimit, Offset: offset})
			if err != nil {
				return err
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			c.pages[offset] = page
			return nil
		})
	}
	return group.Wait()
}

// rows joins the pages and proves that they are the whole list: the same count everywhere, the same row where two pages
// meet, no id twice, as many rows as were counted.
func (c *crawl[R]) rows() ([]R, error) {
	rows := c.pages[0].Rows
	for offset := c.step; len(rows) < c.count; offset += c.step {
		page := c.pages[offset]
		if page == nil || page.Count != c.count || len(page.Rows) == 0 || c.id(&page.Rows[0]) != c.id(&rows[len(rows)-1]) {
			return nil, errMoved
		}
		if len(page.Rows) == 1 {
			break // nothing behind the shared row
		}
		rows = append(rows, page.Rows[1:]...)
	}
	if len(rows) != c.count {
		return nil, fmt.Errorf("%w: %d rows of %d", errMoved, len(rows), c.count)
	}
	return rows, c.checkRepeats(rows)
}

// checkRepeats returns errRepeated when an id is there twice. Rows without one are told apart by nothing.
func (c *crawl[R]) checkRepeats(rows []R) error {
	seen := make(map[int]bool, len(rows))
	for i := range rows {
		id := c.id(&rows[i])
		if id > 0 && seen[id] {
			return fmt.Errorf("%w: %d", errRepeated, id)
		}
		seen[id] = true
	}
	return nil
}

// pause waits, or returns early with the context's error.
func pause(ctx context.Context, wait time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}
