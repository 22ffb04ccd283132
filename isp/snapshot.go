package isp

import (
	"errors"

	"wisphub-graphql/cache"
)

// dataSet is a cache whose values outlive the process.
type dataSet interface {
	Save(folder *cache.Folder, saved uint64) (uint64, error)
	Restore(folder *cache.Folder) (int, error)
}

// dataSets are what is kept. Accounts are not: they hold addresses by which anybody can pay, and look into, a client's bill.
func (p *Provider) dataSets() []dataSet {
	return []dataSet{
		p.Clients.directory, p.Plans.list, p.Plans.details, p.Zones.cache, p.Routers.cache, p.Staff.cache, p.PaymentMethods.cache,
		p.Tickets.recent, p.Tickets.older, p.Subjects.cache, p.Desk.outcomes.records,
	}
}

// Save writes the data sets that have changed since the last Save into folder. It must not run twice at a time.
func (p *Provider) Save(folder *cache.Folder) error {
	var errs []error
	for i, set := range p.dataSets() {
		var err error
		p.saved[i], err = set.Save(folder, p.saved[i])
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Restore reads what Save wrote, and returns how many values there were. It is served at once, as stale. What cannot be read
// is left out and in the error. It must come before anybody asks.
func (p *Provider) Restore(folder *cache.Folder) (values int, err error) {
	var errs []error
	for _, set := range p.dataSets() {
		restored, err := set.Restore(folder)
		values += restored
		errs = append(errs, err)
	}
	return values, errors.Join(errs...)
}
