package isp

import "time"

// DataVersion identifies the data in memory that answers come from. Two equal versions mean that
// nothing has changed between them, except for what time does: a value may have become stale, or
// have reached its end. So an answer that is kept by its version must be kept for a moment only.
//
// Accounts, tasks, the places of pending tickets and the status of this process are not in it. It
// is comparable.
type DataVersion struct {
	directory uint64 // identity of what readers see, with the writes in it; 0 for none
	pages     uint64 // changes of the pages that a first crawl has read
	sets      [versionedSets]uint64
	writes    [2]uint64 // changes of the overrides of clients and tickets
	day       int64     // the provider's; the ticket horizon moves with it
}

// DataVersion returns the version of the data that readers see now. A change is in the version at
// the latest soon after a reader may have seen it, and before the caller who made it gets an answer.
// So a reader whose versions before and after reading are equal has read the data of that version.
// It makes no upstream call, and takes no lock that is held for long.
func (p *Provider) DataVersion() DataVersion {
	version := DataVersion{
		pages:  p.Clients.progress.changes.Load(),
		writes: [2]uint64{p.Clients.overrides.version.Load(), p.Tickets.overrides.version.Load()},
		day:    dayNumber(time.Now(), p.zone),
	}
	for i, set := range p.counters {
		version.sets[i] = set.Changes()
	}
	if crawled, warm := p.Clients.directory.Peek(struct{}{}); warm {
		version.directory = p.Clients.overrides.current(crawled.Value).version
	}
	return version
}

// dayNumber returns the day in the zone, counted from 1970.
func dayNumber(at time.Time, zone *time.Location) int64 {
	_, offset := at.In(zone).Zone()
	return (at.Unix() + int64(offset)) / (24 * 60 * 60)
}

// versionedSets is how many caches versionedCaches returns.
const versionedSets = 11

// changeCounter counts the changes of a data set.
type changeCounter interface{ Changes() uint64 }

// versionedCache is a cache whose changes are counted in [DataVersion].
type versionedCache interface {
	statsCache
	changeCounter
}

// versionedCaches returns the caches that kept answers may come from, without the directory, which
// has an identity instead.
func (p *Provider) versionedCaches() []versionedCache {
	return []versionedCache{
		p.Clients.lookups, p.Plans.list, p.Plans.details,
		p.Zones.cache, p.Routers.cache, p.Staff.cache, p.PaymentMethods.cache,
		p.Tickets.recent, p.Tickets.older, p.Tickets.single, p.Subjects.cache,
	}
}

// unversionedCaches returns the caches of data whose answers are never kept. They change so often
// that counting them would leave no answer in place.
func (p *Provider) unversionedCaches() []statsCache {
	return []statsCache{p.Accounts.cache, p.Tasks.running, p.Tasks.finished}
}

// setCounters sets the counters of DataVersion.
func (p *Provider) setCounters() {
	caches := p.versionedCaches()
	if len(caches) != versionedSets {
		panic("isp: versionedSets must be the number of versionedCaches")
	}
	for i, set := range caches {
		p.counters[i] = set
	}
}
