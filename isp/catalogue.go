package isp

import (
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"wisphub-graphql/cache"
)

const (
	// loadTimeout limits one load. The directory and the ticket windows have limits of their own.
	loadTimeout = 30 * time.Second
	notFoundTTL = 30 * time.Second
)

// catalogue is a small list that is always loaded whole: zones, routers, staff, payment methods.
type catalogue[T any] struct {
	noun  string       // for errors
	id    func(*T) int // nil when records have no id
	cache *cache.Cache[struct{}, []*T]
}

// newCatalogue returns a catalogue. The name is for the status page, the noun for errors.
func newCatalogue[T any](
	cfg Config, name, noun string, id func(*T) int, load func(context.Context) ([]*T, error),
) *catalogue[T] {
	c := &catalogue[T]{noun: noun, id: id}
	options := cfg.cacheOptions(name, cfg.PlansTTL)
	c.cache = newCache(options, func(ctx context.Context, _ struct{}) ([]*T, error) { return load(ctx) })
	decode := func(data []byte) ([]*T, error) { return decodeList(data, id) }
	c.cache.Persist(cache.Codec[[]*T]{Encode: encodeJSON[[]*T], Decode: decode}, cfg.Shared)
	return c
}

// List returns all records in WispHub's order.
func (c *catalogue[T]) List(ctx context.Context) ([]*T, error) {
	entry, err := c.cache.Get(ctx, struct{}{})
	return entry.Value, fetchError(c.noun, err)
}

// Get returns the record with the id, or nil when there is none.
func (c *catalogue[T]) Get(ctx context.Context, id int) (*T, error) {
	list, err := c.List(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(list, func(record *T) bool { return c.id(record) == id })
	if at < 0 {
		return nil, nil
	}
	return list[at], nil
}

// convertAll converts rows. It drops rows without an id, and those with the id of an earlier row.
func convertAll[R, T any](rows []R, id func(T) int, convert func(R) T) []T {
	list := make([]T, 0, len(rows))
	seen := make(map[int]bool, len(rows))
	for _, row := range rows {
		record := convert(row)
		if key := id(record); key > 0 && !seen[key] {
			seen[key] = true
			list = append(list, record)
		}
	}
	return list
}

// isNotFound reports whether a load found that the thing does not exist.
func isNotFound(err error) bool { return errors.Is(err, errNotFound) }

// inParallel calls do for 0 to n-1, at most limit calls at a time, and waits for them.
func inParallel(limit, n int, do func(i int)) {
	var group errgroup.Group
	group.SetLimit(limit)
	for i := range n {
		group.Go(func() error {
			do(i)
			return nil
		})
	}
	_ = group.Wait() // always nil
}
