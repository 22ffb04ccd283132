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
	// fruitlessRounds is how many rounds may bring no page at all before the upstream counts as down.
	fruitlessRounds = 3
	roundPause      = time.Second
)

// errMoved: rows came or went between two pages, so that one may be missing.
var errMoved = errors.New("the list changed while it was read")

// crawl reads the list of all services, whole or not at all.
//
// Pages overlap by one row. A row that appears or vanishes between the reading of two pages shifts all rows behind it,
// and then the two no longer agree on the row they share, though the count may.
type crawl struct {
	list  func(ctx context.Context, options wisphub.ListOptions) (*wisphub.Page[wisphub.Client], error)
	pages map[int]*wisphub.Page[wisphub.Client] // by offset; guarded by mu
	mu    sync.Mutex
	step  int // from one offset to the next
	count int
}

// crawlClients returns every row of the list, also rows without a usable id.
func crawlClients(ctx context.Context, api *wisphub.API) ([]wisphub.Client, error) {
	list := func(ctx context.Context, options wisphub.ListOptions) (*wisphub.Page[wisphub.Client], error) {
		return api.Clients.List(ctx, wisphub.ClientListOptions{ListOptions: options})
	}
	var err error
	for range crawlAttempts {
		c := &crawl{list: list, pages: map[int]*wisphub.Page[wisphub.Client]{}}
		if err = c.read(ctx); err == nil {
			var rows []wisphub.Client
			if rows, err = c.rows(); err == nil {
				return rows, nil
			}
		}
		if !errors.Is(err, errMoved) {
			break
		}
	}
	return nil, err
}

// read brings all pages, asking again in later rounds for those that failed.
func (c *crawl) read(ctx context.Context) error {
	fruitless := 0
	for round := 0; ; round++ {
		missing, known := c.missing(), len(c.pages)
		if len(missing) == 0 {
			return nil
		}
		err := c.round(ctx, missing)
		if len(c.pages) > known {
			fruitless = 0
			continue
		}
		fruitless++
		if fruitless == fruitlessRounds || refusedForGood(err) {
			return err
		}
		if err := pause(ctx, roundPause<<fruitless); err != nil {
			return err
		}
	}
}

// refusedForGood: asking again will not help.
func refusedForGood(err error) bool {
	return errors.Is(err, wisphub.ErrForbidden) || errors.Is(err, wisphub.ErrRefused) || errors.Is(err, wisphub.ErrNotFound)
}

// missing returns the offsets still to be read; before the first page is there, its alone.
func (c *crawl) missing() []int {
	first := c.pages[0]
	if first == nil {
		return []int{0}
	}
	c.count = first.Count
	c.step = max(len(first.Rows)-1, 1)
	if len(first.Rows) >= c.count || len(first.Rows) == 0 {
		return nil
	}
	var offsets []int
	for offset := c.step; offset+1 < c.count; offset += c.step {
		if c.pages[offset] == nil {
			offsets = append(offsets, offset)
		}
	}
	return offsets
}

// round asks for each offset once and returns the first error. Pages that came are kept.
func (c *crawl) round(ctx context.Context, offsets []int) error {
	var group errgroup.Group
	group.SetLimit(crawlParallel)
	for _, offset := range offsets {
		group.Go(func() error {
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
func (c *crawl) rows() ([]wisphub.Client, error) {
	rows := c.pages[0].Rows
	for offset := c.step; len(rows) < c.count; offset += c.step {
		page := c.pages[offset]
		if page == nil || page.Count != c.count || len(page.Rows) == 0 || page.Rows[0].ID != rows[len(rows)-1].ID {
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
	seen := make(map[wisphub.Int]bool, len(rows))
	for i := range rows {
		id := rows[i].ID
		if id > 0 && seen[id] {
			return nil, fmt.Errorf("%w: service %d is there twice", errMoved, id)
		}
		seen[id] = true
	}
	return rows, nil
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
