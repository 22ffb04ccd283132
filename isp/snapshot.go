package isp

import (
	"context"
	"errors"

	"wisphub-graphql/cache"
)

// dataSet is a cache, or the overrides of one, that is saved on disk.
type dataSet interface {
	Save(folder *cache.Folder, saved uint64) (uint64, error)
	Restore(folder *cache.Folder) (int, error)
}

// dataSets returns what is saved. Accounts are not: their payment URLs let anyone who
// has them see and pay the bill.
func (p *Provider) dataSets() []dataSet {
	return []dataSet{
		p.Clients.directory, p.Plans.list, p.Plans.details,
		p.Zones.cache, p.Routers.cache, p.Staff.cache, p.PaymentMethods.cache,
		p.Tickets.recent, p.Tickets.older, p.Subjects.cache, p.mutations.keys.records,
		&p.Clients.overrides.overrides, p.Tickets.overrides,
	}
}

// LoadPublished takes into memory what other replicas have published, and returns the number of
// values. It makes no upstream call, and ends early when ctx ends. Call it before the first read.
func (p *Provider) LoadPublished(ctx context.Context) (values int) {
	catchingUp, cancel := context.WithTimeout(ctx, catchUpTimeout)
	defer cancel()
	p.Clients.overrides.catchUp(catchingUp)
	p.Tickets.overrides.catchUp(catchingUp)
	one := struct{}{}
	values = p.Clients.directory.LoadPublished(ctx, one) + p.Plans.list.LoadPublished(ctx, one) +
		p.Zones.cache.LoadPublished(ctx, one) + p.Routers.cache.LoadPublished(ctx, one) +
		p.Staff.cache.LoadPublished(ctx, one) + p.PaymentMethods.cache.LoadPublished(ctx, one) +
		p.Subjects.cache.LoadPublished(ctx, one)
	if list, known := p.Plans.list.Peek(one); known {
		for _, plan := range list.Value.plans {
			values += p.Plans.details.LoadPublished(ctx, plan.PlanID)
		}
	}
	p.Clients.overrides.applied(nil)
	return values + p.Tickets.loadPublished(ctx)
}

// loadPublished takes the windows and the active tickets.
func (t *Tickets) loadPublished(ctx context.Context) (values int) {
	parts := []ticketPart{{active: true}}
	for window := range t.windows() {
		parts = append(parts, ticketPart{window: window})
	}
	for _, part := range parts {
		values += t.cacheOf(part).LoadPublished(ctx, part)
	}
	return values
}

// Save writes the data sets that changed since the last Save into folder, and all of them into
// another folder than the last one. Calls must not overlap.
func (p *Provider) Save(folder *cache.Folder) error {
	if folder != p.savedIn {
		clear(p.saved)
		p.savedIn = folder
	}
	var errs []error
	for i, set := range p.dataSets() {
		var err error
		p.saved[i], err = set.Save(folder, p.saved[i])
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Restore reads what Save wrote and returns the number of values. They are served at once, as
// stale, unless there is a value in memory. A value that cannot be read is left out and reported in
// the error.
func (p *Provider) Restore(folder *cache.Folder) (values int, err error) {
	var errs []error
	for _, set := range p.dataSets() {
		restored, err := set.Restore(folder)
		values += restored
		errs = append(errs, err)
	}
	p.Clients.overrides.applied(nil) // they came after the directory
	p.mutations.publish.storeAgain() // the store may lack what the folder has
	return values, errors.Join(errs...)
}
