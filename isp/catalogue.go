package isp

import (
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"wisphub-graphql/cache"
	"wisphub-graphql/wisphub"
)

const (
	// loadTimeout limits one load. The directory and the ticket windows have limits of their own.
	loadTimeout = 30 * time.Second
	notFoundTTL = 30 * time.Second
	// onlyRemembered is the FailureTTL of a cache that keeps no failure but a [rememberedError].
	onlyRemembered = time.Nanosecond
)

// catalogue is a small list that is always loaded whole: zones, routers, staff, payment methods.
type catalogue[T any] struct {
	noun  string       // for errors
	id    func(*T) int // nil when records have no id
	cache *cache.Cache[struct{}, []*T]
	// substitute returns the list to serve in place of one that was never read, or the error if it
	// has none. It may be nil. What it returns is not kept, so that it never replaces WispHub's list.
	substitute func(ctx context.Context, err error) ([]*T, error)
	// substituteNow is substitute from memory, false if substitute would wait or fail. The error may be
	// [cache.ErrNotInMemory], for which it must be false.
	substituteNow func(ctx context.Context, err error) ([]*T, bool)
}

// newCatalogue returns a catalogue. The name is for the status page, the noun for errors.
func newCatalogue[T any](
	cfg Config, name, noun string, id func(*T) int, load func(context.Context) ([]*T, error),
) *catalogue[T] {
	c := &catalogue[T]{noun: noun, id: id}
	c.setCache(cfg, cfg.cacheOptions(name, cfg.PlansTTL), load)
	return c
}

// newCatalogueOr is newCatalogue with a substitute. While there is one, a list that the key may not read
// is not asked for again before it would be stale. Without one the refusal is not remembered, because a
// new key may read the list.
func newCatalogueOr[T any](
	cfg Config, name, noun string, id func(*T) int, load func(context.Context) ([]*T, error),
	substitute func(context.Context, error) ([]*T, error),
) *catalogue[T] {
	c := &catalogue[T]{noun: noun, id: id, substitute: substitute}
	options := cfg.cacheOptions(name, cfg.PlansTTL)
	options.FailureTTL = onlyRemembered
	c.setCache(cfg, options, func(ctx context.Context) ([]*T, error) {
		list, err := load(ctx)
		if isRefused(err) {
			if _, failed := substitute(ctx, err); failed == nil {
				err = rememberFor(cfg.PlansTTL, err)
			}
		}
		return list, err
	})
	return c
}

func (c *catalogue[T]) setCache(cfg Config, options cache.Options, load func(context.Context) ([]*T, error)) {
	c.cache = newCache(options, func(ctx context.Context, _ struct{}) ([]*T, error) { return load(ctx) })
	decode := func(data []byte) ([]*T, error) { return decodeList(data, c.id) }
	c.cache.Persist(cache.Codec[[]*T]{Encode: encodeJSON[[]*T], Decode: decode}, cfg.Shared)
}

// List returns all records in WispHub's order.
func (c *catalogue[T]) List(ctx context.Context) ([]*T, error) {
	entry, err := c.cache.Get(ctx, struct{}{})
	return c.orSubstitute(ctx, entry.Value, err)
}

// orSubstitute replaces a list that could not be read.
func (c *catalogue[T]) orSubstitute(ctx context.Context, list []*T, err error) ([]*T, error) {
	if err != nil && c.substitute != nil {
		list, err = c.substitute(ctx, err)
	}
	return list, fetchError(c.noun, err)
}

// isRefused reports whether the key may not read a list, or WispHub does not have it.
func isRefused(err error) bool {
	return errors.Is(err, wisphub.ErrForbidden) || errors.Is(err, wisphub.ErrNotFound)
}

// Get returns the record with the id, or nil when there is none.
func (c *catalogue[T]) Get(ctx context.Context, id int) (*T, error) {
	if !isID(id) {
		return nil, nil
	}
	list, err := c.List(ctx)
	if err != nil {
		return nil, err
	}
	return c.withID(list, id), nil
}

// withID returns the record with the id, or nil.
func (c *catalogue[T]) withID(list []*T, id int) *T {
	at := slices.IndexFunc(list, func(record *T) bool { return c.id(record) == id })
	if at < 0 {
		return nil
	}
	return list[at]
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
