package isp

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wisphub-graphql/cache/shared"
)

const (
	// maxOverrides bounds the records that are kept because of writes; a list that is newer takes their place long before.
	maxOverrides = 5_000
	// maxRepublished bounds what one replica tells another that has just come; the rest comes with the next list.
	maxRepublished = 200
	// maxSkew is how far the clocks of two replicas may be apart.
	maxSkew = time.Second
)

// overrides are the records that were read again because of writes, here or on another replica. Lists that were read before them
// are shown with them in place, so that whoever has written reads it at once.
//
// Replicas tell each other. One that has just found the store asks the others for what it may have missed.
type overrides[T any] struct {
	topic  string // names the records to the other replicas
	id     func(T) int
	encode func(records []T, at time.Time) ([]byte, error)
	decode func(data []byte) (records []T, at time.Time, err error)
	shared *shared.Store     // nil without replicas
	heard  func(records []T) // is called after those of another replica are in, by one goroutine; must return soon
	stops  []func()

	version   atomic.Uint64 // counts what came
	working   sync.WaitGroup
	mu        sync.Mutex // guards what follows
	records   map[int]override[T]
	retelling bool // one at a time: all hear it
	closed    bool
}

// overrides is a record and when the reading that brought it began.
type override[T any] struct {
	record T
	at     time.Time
	ours   bool // and not heard
}

// listen begins to hear the other replicas, until Close.
func (w *overrides[T]) listen() {
	if w.shared == nil {
		return
	}
	w.stops = []func(){
		w.shared.Subscribe(w.topic, w.apply),
		w.shared.Subscribe(w.topic+"?", func(string) { w.retell() }),
		w.shared.Subscribe(shared.TopicReconnected, func(string) {
			w.ask()
			w.retell()
		}),
	}
	if w.shared.Up() { // it was found before anybody watched
		w.behind(w.ask)
	}
}

// ask has the other replicas tell what they have written. If the store is lost again, it is found again.
func (w *overrides[T]) ask() { _ = w.shared.Publish(context.Background(), w.topic+"?", "") }

// Close ends listening, and waits for what runs behind.
func (w *overrides[T]) Close() {
	for _, stop := range w.stops {
		stop()
	}
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.working.Wait()
}

// put keeps records of a reading that began at that time, and tells the other replicas.
func (w *overrides[T]) put(records []T, at time.Time) {
	w.set(records, at, true)
	w.tell(records, at)
}

// set keeps those records that are newer than what is known of them.
func (w *overrides[T]) set(records []T, at time.Time, ours bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.records == nil {
		w.records = map[int]override[T]{}
	}
	for _, record := range records {
		id := w.id(record)
		if known, old := w.records[id]; !old || known.at.Before(at) {
			w.makeRoom()
			w.records[id] = override[T]{record, at, ours}
		}
	}
	w.version.Add(1)
}

// makeRoom forgets the oldest record when there are too many. The caller must hold mu.
func (w *overrides[T]) makeRoom() {
	if len(w.records) < maxOverrides {
		return
	}
	oldest, at := 0, time.Time{}
	for id, known := range w.records {
		if at.IsZero() || known.at.Before(at) {
			oldest, at = id, known.at
		}
	}
	delete(w.records, oldest)
}

// newerThan returns what was read after a list that was read at asOf, by id, and forgets what no list before it needs.
func (w *overrides[T]) newerThan(asOf, oldest time.Time) map[int]override[T] {
	w.mu.Lock()
	defer w.mu.Unlock()
	newer := map[int]override[T]{}
	for id, known := range w.records {
		switch until := known.at.Add(maxSkew); {
		case until.After(asOf):
			newer[id] = known
		case !until.After(oldest):
			delete(w.records, id)
		}
	}
	return newer
}

// get returns the record with the id.
func (w *overrides[T]) get(id int) (known override[T], ok bool) {
	if w.version.Load() == 0 {
		return known, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	known, ok = w.records[id]
	return known, ok
}

// publish is for the other replicas. That the store does not take it is no news: they ask once they have found it again.
func (w *overrides[T]) tell(records []T, at time.Time) {
	if w.shared == nil {
		return
	}
	if text, err := w.encode(records, at); err == nil {
		_ = w.shared.Publish(context.Background(), w.topic, string(text))
	}
}

// retell tells what this replica has written, behind the back of whoever asked for it.
func (w *overrides[T]) retell() {
	w.mu.Lock()
	ours, busy := w.newest(), w.retelling
	w.retelling = true
	w.mu.Unlock()
	if busy {
		return
	}
	w.behind(func() {
		for _, known := range ours {
			w.tell([]T{known.record}, known.at)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.retelling = false
	})
}

// behind runs do on a goroutine that Close waits for, and not at all after Close.
func (w *overrides[T]) behind(do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.working.Go(do)
	}
}

// newest are the last records that this replica has read, the oldest first. The caller must hold mu.
func (w *overrides[T]) newest() []override[T] {
	var ours []override[T]
	for _, known := range w.records {
		if known.ours {
			ours = append(ours, known)
		}
	}
	slices.SortFunc(ours, func(a, b override[T]) int { return a.at.Compare(b.at) })
	return ours[max(0, len(ours)-maxRepublished):]
}

// apply takes what another replica tells. Its clock may be ahead: what it has read is not newer than now.
func (w *overrides[T]) apply(text string) {
	records, at, err := w.decode([]byte(text))
	if err != nil {
		return // of another version, which comes with the next list
	}
	if now := time.Now(); at.After(now) {
		at = now
	}
	w.set(records, at, false)
	w.heard(records)
}
