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
	// loadTimeout bounds one load of anything but the directory, whoever waits for it.
	loadTimeout = 30 * time.Second
	notFoundTTL = 30 * time.Second
)

// catalogue is a small list that is read whole: zones, routers, staff, payment methods.
type catalogue[T any] struct {
	noun  string
	id    func(*T) int // nil where records have none
	cache *cache.Cache[struct{}, []*T]
}

func newCatalogue[T any](cfg Config, name, noun string, id func(*T) int, load func(context.Context) ([]*T, error)) *catalogue[T] {
	c := &catalogue[T]{noun: noun, id: id}
	c.cache = newCache(cfg.catalogue(name, cfg.PlansTTL), func(ctx context.Context, _ struct{}) ([]*T, error) { return load(ctx) })
	decode := func(data []byte) ([]*T, error) { return decodeList(data, id) }
	c.cache.Persist(cache.Codec[[]*T]{Encode: encodeJSON[[]*T], Decode: decode}, cfg.Shared)
	return c
}

// List returns all records in WispHub's order.
func (c *catalogue[T]) List(ctx context.Context) ([]*T, error) {
	entry, err := c.cache.Get(ctx, struct{}{})
	return entry.Value, fetchError(c.noun, err)
}

// Get returns the record with the id, nil when there is none.
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

// convertAll converts rows that have an id, each id once.
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

func isNotFound(err error) bool { return errors.Is(err, errNotFound) }

// inParallel calls do for 0 to n-1, a few at a time.
func inParallel(limit, n int, do func(i int)) {
	var group errgroup.Group
	group.SetLimit(limit)
	for i := range n {
		group.Go(func() error {
			do(i)
			return nil
		})
	}
	_ = group.Wait() // do returns nothing
}
