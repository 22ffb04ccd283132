package isp

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"wisphub-graphql/background"
	"wisphub-graphql/cache/shared"
)

const (
	// maxOverrides limits the overrides of one kind. A newer list replaces them long before.
	maxOverrides = 5_000
	// maxSkew is how far the clocks of two replicas may be apart.
	maxSkew = time.Second
)

// overrides are records that were read again because of writes, here or on another replica. They
// replace the same records in lists that are older, so that a caller reads its own writes.
//
// Replicas publish their overrides to each other. A replica that has just reached the store
// requests what it may have missed.
type overrides[T any] struct {
	topic  string // of the messages between replicas
	id     func(T) int
	encode func(records []T, at time.Time) ([]byte, error)
	decode func(data []byte) (records []T, at time.Time, err error)
	shared *shared.Store // nil for a single replica
	// onApply runs after records of another replica were applied. It must return soon.
	onApply func(records []T, at time.Time)
	cancels []func() // of the subscriptions

	version      atomic.Uint64 // changes with each override
	running      background.Group
	mu           sync.Mutex // guards what follows
	lastRead     time.Time  // what readTime returned last
	records      map[int]override[T]
	requests     []string // ids of requests that are not answered yet
	republishing bool     // a goroutine answers them
}

// override is a record, with the time at which its read began.
type override[T any] struct {
	record T
	at     time.Time
	ours   bool // read by this replica
}

// fromFuture reports whether the wall clock was set back since the record was read. Such a record
// would hide all that is read until the clock is there again.
func (o override[T]) fromFuture() bool { return isFuture(o.at) }

// isFuture reports whether the wall clock was set back since that time.
func isFuture(at time.Time) bool { return at.Round(0).After(time.Now().Round(0).Add(maxSkew)) }

// listTime returns when a list was read, to compare it with overrides. If the wall clock was set back
// since then, it is the zero time: the list must not hide what is written now.
func listTime(asOf time.Time) time.Time {
	if isFuture(asOf) {
		return time.Time{}
	}
	return asOf
}

// subscribe starts to receive the overrides of other replicas, until Close.
func (o *overrides[T]) subscribe() {
	if o.shared == nil {
		return
	}
	o.cancels = []func(){
		o.shared.Subscribe(o.topic, o.apply),
		o.shared.Subscribe(o.requestTopic(), o.republish),
		o.shared.Subscribe(shared.TopicReconnected, func(string) {
			o.request(context.Background(), "")
			o.republish("")
		}),
	}
	if o.shared.Up() { // it connected before the subscription
		o.running.Go(func() { o.request(context.Background(), "") })
	}
}

// Close ends the subscriptions and waits for the background goroutines.
func (o *overrides[T]) Close() {
	for _, cancel := range o.cancels {
		cancel()
	}
	o.running.Close()
}

// readTime returns the time of a read that begins now. It is later than that of all reads before. A
// coarse clock may show one time for two: the record that the second write left would count as known.
func (o *overrides[T]) readTime() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	if !now.After(o.lastRead) {
		now = o.lastRead.Add(1)
	}
	o.lastRead = now
	return now
}

// add stores records whose read began at that time, and publishes them to the other replicas. It
// returns the stored ones: no copy may take a record that is older than the stored one.
func (o *overrides[T]) add(records []T, at time.Time) (stored []T) {
	if stored = o.set(records, at, true); len(stored) > 0 {
		o.publish(stored, at)
	}
	return stored
}

// set stores those records that are newer than the stored ones, and returns them.
func (o *overrides[T]) set(records []T, at time.Time, ours bool) (stored []T) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.records == nil {
		o.records = map[int]override[T]{}
	}
	for _, record := range records {
		id := o.id(record)
		if known, old := o.records[id]; !old || known.at.Before(at) || known.fromFuture() {
			o.evict()
			o.records[id] = override[T]{record, at, ours}
			stored = append(stored, record)
		}
	}
	if len(stored) > 0 {
		o.version.Add(1)
	}
	return stored
}

// evict deletes the oldest record if there are too many. The caller must hold mu.
func (o *overrides[T]) evict() {
	if len(o.records) < maxOverrides {
		return
	}
	oldest, at := 0, time.Time{}
	for id, known := range o.records {
		if at.IsZero() || known.at.Before(at) {
			oldest, at = id, known.at
		}
	}
	delete(o.records, oldest)
}

// newerThan returns the overrides of a list that was read at asOf, by id. It deletes those that
// are older than all lists.
func (o *overrides[T]) newerThan(asOf, oldest time.Time) map[int]override[T] {
	asOf, oldest = listTime(asOf), listTime(oldest)
	o.mu.Lock()
	defer o.mu.Unlock()
	newer := map[int]override[T]{}
	for id, known := range o.records {
		if known.fromFuture() {
			known.at = time.Now()
			o.records[id] = known
		}
		switch until := known.at.Add(maxSkew); {
		case until.After(asOf):
			newer[id] = known
		case !until.After(oldest):
			delete(o.records, id)
		}
	}
	return newer
}

// get returns the override of the record with the id.
func (o *overrides[T]) get(id int) (known override[T], ok bool) {
	if o.version.Load() == 0 {
		return known, false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	known, ok = o.records[id]
	return known, ok
}

// publish sends records to the other replicas. It ignores errors of the store: the replicas
// request the records once they have reached it again.
func (o *overrides[T]) publish(records []T, at time.Time) {
	if o.shared == nil {
		return
	}
	if message, err := o.encode(records, at); err == nil {
		_ = o.shared.Publish(context.Background(), o.topic, string(message))
	}
}

// apply stores what another replica published. The clock of that replica may be ahead, so its time
// is limited to now.
func (o *overrides[T]) apply(message string) {
	records, at, err := o.decode([]byte(message))
	if err != nil {
		return // from another version; the next list has the records
	}
	at = notAfterNow(at)
	if stored := o.set(records, at, false); len(stored) > 0 {
		o.onApply(stored, at)
	}
}
