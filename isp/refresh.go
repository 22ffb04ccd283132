package isp

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// Resource is what [Provider.Refresh] reads again.
type Resource string

// The resources.
const (
	ResourceClients    Resource = "CLIENTS"
	ResourcePlans      Resource = "PLANS"
	ResourceTickets    Resource = "TICKETS"
	ResourceCatalogues Resource = "CATALOGUES"
)

const (
	// refreshInterval is how often a resource may be read again on demand, by whichever replica.
	refreshInterval = 10 * time.Second
	// refreshWait is how long a caller waits for it. A large directory takes longer, and goes on.
	refreshWait = 10 * time.Second
)

// TooSoonError: the same was asked for a moment ago.
type TooSoonError struct{ RetryAfter time.Duration }

func (e *TooSoonError) Error() string { return "asked again too soon" }

// Refresh reads the resource again, now, and returns when that has ended, or goes on behind the scenes after ten seconds. It
// is a [*TooSoonError] when any replica has done so within the last ten seconds, and a [*FetchError] when it fails, which
// leaves what memory holds.
func (p *Provider) Refresh(ctx context.Context, resource Resource) error {
	readings := p.refreshers(resource)
	if readings == nil {
		return invalid("is no resource", "resource")
	}
	if wait := p.throttle.acquire(ctx, resource); wait > 0 {
		return &TooSoonError{wait}
	}
	patience, cancel := context.WithTimeout(ctx, refreshWait)
	defer cancel()
	errs := make([]error, len(readings))
	inParallel(len(readings), len(readings), func(i int) { errs[i] = readings[i](patience) })
	if patience.Err() != nil && ctx.Err() == nil { // what has not ended goes on
		errs = slices.DeleteFunc(errs, func(err error) bool { return errors.Is(err, context.DeadlineExceeded) })
	}
	return errors.Join(errs...)
}

// refreshers returns what has to be read for a resource; nil for none that there is.
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

// refresh reads the list. Details cost a call a plan: each is read again when somebody asks for it.
func (p *Plans) refresh(ctx context.Context) error {
	_, err := p.list.Refresh(ctx, struct{}{})
	p.details.Expire()
	return fetchError("plan", err)
}

func (c *catalogue[T]) refresh(ctx context.Context) error {
	_, err := c.cache.Refresh(ctx, struct{}{})
	return fetchError(c.noun, err)
}

func (t *Tickets) refresh(ctx context.Context) error {
	parts := []ticketPart{{active: true}}
	for window := range t.windows() {
		parts = append(parts, ticketPart{window: window})
	}
	errs := make([]error, len(parts))
	inParallel(len(parts), len(parts), func(i int) {
		_, errs[i] = t.source(parts[i]).Refresh(ctx, parts[i])
	})
	return fetchError("ticket", errors.Join(errs...))
}

// sharedThrottle lets one caller through in each period, of all replicas.
type sharedThrottle interface {
	// Once returns 0 to the one, and to the others how long the period still lasts.
	Once(ctx context.Context, name string, period time.Duration) (wait time.Duration, err error)
}

// refreshThrottle is Turns for a replica that may be alone, by choice or because the store is lost.
type refreshThrottle struct {
	shared sharedThrottle // nil without replicas
	mu     sync.Mutex
	last   map[Resource]time.Time // guarded by mu
}

// acquire returns how long the caller is to wait; 0 for a caller who may go.
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

// acquireLocal is take among the callers of this replica.
func (t *refreshThrottle) acquireLocal(resource Resource) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if wait := time.Until(t.last[resource].Add(refreshInterval)); wait > 0 {
		return wait
	}
	t.last[resource] = time.Now()
	return 0
}
