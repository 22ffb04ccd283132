package isp

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// Resource is a kind of data that [Provider.Refresh] reloads.
type Resource string

// The resources to refresh.
const (
	ResourceClients    Resource = "CLIENTS"
	ResourcePlans      Resource = "PLANS"
	ResourceTickets    Resource = "TICKETS"
	ResourceCatalogues Resource = "CATALOGUES"
)

const (
	// refreshInterval is the shortest time between two refreshes of a resource on demand, by all
	// replicas.
	refreshInterval = 10 * time.Second
	// refreshWait is how long a caller waits. A large directory takes longer and loads on in the
	// background.
	refreshWait = 10 * time.Second
)

// TooSoonError means that the resource was refreshed a moment ago.
type TooSoonError struct{ RetryAfter time.Duration }

func (e *TooSoonError) Error() string { return "refreshed too recently; retry later" }

// Refresh reloads the resource now. It returns when the load ends, or after ten seconds, when
// the load goes on in the background. The error is a [*TooSoonError] if any replica refreshed
// the resource within the last ten seconds. It is a [*FetchError] if the load fails; the data in
// memory stays.
func (p *Provider) Refresh(ctx context.Context, resource Resource) error {
	refreshers := p.refreshers(resource)
	if refreshers == nil {
		return invalid("is not a resource", "resource")
	}
	if wait := p.throttle.acquire(ctx, resource); wait > 0 {
		return &TooSoonError{wait}
	}
	waiting, cancel := context.WithTimeout(ctx, refreshWait)
	defer cancel()
	errs := make([]error, len(refreshers))
	inParallel(len(refreshers), len(refreshers), func(i int) { errs[i] = refreshers[i](waiting) })
	if waiting.Err() != nil && ctx.Err() == nil { // unfinished loads go on in the background
		errs = slices.DeleteFunc(errs, func(err error) bool { return errors.Is(err, context.DeadlineExceeded) })
	}
	return errors.Join(errs...)
}

// refreshers returns the functions that reload a resource, or nil if it is unknown.
func (p *Provider) refreshers(resource Resource) []func(context.Context) error {
	switch resource {
	case ResourceClients:
		return []func(context.Context) error{p.Clients.refresh}
	case ResourcePlans:
		return []func(context.Context) error{p.Plans.refresh}
	case ResourceTickets:
		return []func(context.Context) error{p.Tickets.refresh}
	case ResourceCatalogues:
		return []func(context.Context) error{
			p.Zones.refresh, p.Routers.refresh, p.Staff.refresh, p.PaymentMethods.refresh, p.Subjects.refresh,
		}
	}
	return nil
}

func (c *Clients) refresh(ctx context.Context) error {
	_, err := c.directory.Refresh(ctx, struct{}{})
	return fetchError("client", err)
}

// refresh reloads the list. Details cost a call per plan, so they reload when a caller reads
// them.
func (p *Plans) refresh(ctx context.Context) error {
	_, err := p.list.Refresh(ctx, struct{}{})
	p.details.Expire()
	return fetchError("plan", err)
}

func (c *catalogue[T]) refresh(ctx context.Context) error {
	_, err := c.cache.Refresh(ctx, struct{}{})
	if _, known := c.cache.Peek(struct{}{}); !known {
		_, err = c.orSubstitute(ctx, nil, err)
	}
	return fetchError(c.noun, err)
}

// refresh reloads the newest window and the active tickets, and then those older windows that were not
// reloaded with the active tickets.
func (t *Tickets) refresh(ctx context.Context) error {
	began := time.Now()
	err := t.refreshParts(ctx, ticketPart{active: true}, ticketPart{window: 0})
	var older []ticketPart
	for window := 1; window < t.windows(); window++ {
		part := ticketPart{window: window}
		if entry, known := t.older.Peek(part); !known || entry.AsOf.Before(began) {
			older = append(older, part)
		}
	}
	return fetchError("ticket", errors.Join(err, t.refreshParts(ctx, older...)))
}

func (t *Tickets) refreshParts(ctx context.Context, parts ...ticketPart) error {
	errs := make([]error, len(parts))
	inParallel(len(parts), len(parts), func(i int) {
		_, errs[i] = t.cacheOf(parts[i]).Refresh(ctx, parts[i])
	})
	return errors.Join(errs...)
}

// sharedThrottle admits one caller per period, among all replicas.
type sharedThrottle interface {
	// Once returns 0 to the first caller of a period, and to others the time until the period ends.
	Once(ctx context.Context, name string, period time.Duration) (wait time.Duration, err error)
}

// refreshThrottle limits refreshes on demand. It works without the shared store too, among the
// callers of this replica.
type refreshThrottle struct {
	shared sharedThrottle // nil without replicas
	mu     sync.Mutex
	last   map[Resource]time.Time // guarded by mu
}

// acquire returns 0 if the caller may refresh now, else how long to wait.
func (t *refreshThrottle) acquire(ctx context.Context, resource Resource) time.Duration {
	if wait := t.acquireLocal(resource); wait > 0 || t.shared == nil {
		return wait
	}
	wait, err := t.shared.Once(ctx, "refresh/"+string(resource), refreshInterval)
	if err != nil {
		return 0
	}
	return wait
}

// acquireLocal is acquire among the callers of this replica.
func (t *refreshThrottle) acquireLocal(resource Resource) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if wait := time.Until(t.last[resource].Add(refreshInterval)); wait > 0 {
		return wait
	}
	t.last[resource] = time.Now()
	return 0
}
