package isp

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"wisphub-graphql/cache/shared"
)

var (
	// ErrNoExclusion means that a write was refused, and not sent, because replicas cannot exclude
	// each other while the shared store is lost. Such an error is [ErrUpstreamUnavailable], too.
	ErrNoExclusion = shared.ErrNoExclusion
	// ErrBusy means that a write was refused, and not sent, because other writes hold its lock for too
	// long. Such an error is [ErrRateLimited], too.
	ErrBusy = shared.ErrBusy
)

const (
	// exclusionRetryAfter is about how long replicas take to coordinate again after the store is back.
	exclusionRetryAfter = 10 * time.Second
	// busyRetryAfter is how soon it is worth trying again to acquire a lock.
	busyRetryAfter = 5 * time.Second
	// maxUnsent limits the changes that wait for the store.
	maxUnsent = 10_000
	// publishAtOnce is how many entries are stored again by one command.
	publishAtOnce = 1_000
)

// publisher stores what this replica records about its writes, so that the other replicas know of
// them. What the store does not confirm is sent again when it is back. What the store forgets is
// stored again. It is safe for concurrent use.
type publisher struct {
	shared  *shared.Store // nil for a single replica
	sources []published   // fixed before run
	woken   chan struct{} // has room for one

	sending sync.Mutex // held while unsent batches are sent
	mu      sync.Mutex // guards what follows
	unsent  []*shared.Batch
	emptied bool // everything must be stored again
}

// reservation is what must be recorded before a write is sent. Batches are nil for a single replica.
type reservation interface {
	// lock must be held when the reservation is recorded; nil for none.
	lock() *shared.Held
	// reserve records in memory and in the batch that the write is sent.
	reserve(batch *shared.Batch)
	// takeBack undoes reserve, because the write was not sent.
	takeBack(batch *shared.Batch)
	// conclude records the result. An error means that nothing was changed.
	conclude(batch *shared.Batch, result *writeResult, err error)
}

// published has entries in the store. The first ones are stored again first: those that no other
// replica knows.
type published interface{ entries() []entry }

// entry is a part of the store that this replica can store again.
type entry struct {
	add, remove func(batch *shared.Batch)
	gone        func() bool // reports whether the entry has been removed since
}

func newPublisher(store *shared.Store) *publisher {
	return &publisher{shared: store, woken: make(chan struct{}, 1), emptied: true}
}

// batch returns an empty batch, nil for a single replica.
func (p *publisher) batch() *shared.Batch {
	if p.shared == nil {
		return nil
	}
	return p.shared.NewBatch()
}

// reserve records that a write is sent, in one step in which all locks are still held. If that
// cannot be confirmed, it takes the record back, and the write must not be sent.
func (p *publisher) reserve(ctx context.Context, locks []*shared.Held, parts ...reservation) error {
	batch := p.batch()
	for _, part := range parts {
		part.reserve(batch)
		locks = append(locks, part.lock())
	}
	locks = slices.DeleteFunc(locks, func(lock *shared.Held) bool { return lock == nil })
	if batch == nil || batch.Len() == 0 && len(locks) == 0 {
		return nil
	}
	err := batch.Commit(context.WithoutCancel(ctx), locks...)
	if err == nil {
		return nil
	}
	undo := p.batch()
	for _, lock := range locks {
		undo.GiveUp(lock)
	}
	for _, part := range parts {
		part.takeBack(undo)
	}
	p.keep(undo)
	p.wake()
	return noExclusion(err)
}

// conclude records the result of a write that was reserved.
func (p *publisher) conclude(ctx context.Context, result *writeResult, err error, parts ...reservation) {
	batch := p.batch()
	for _, part := range parts {
		part.conclude(batch, result, err)
	}
	if batch != nil && batch.Len() > 0 && batch.Send(context.WithoutCancel(ctx)) != nil {
		p.keep(batch)
	}
}

// keep keeps a batch that could not be sent. Without room the oldest is dropped: the store then
// knows less about a write than this replica, and calls it unknown.
func (p *publisher) keep(batch *shared.Batch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.unsent) >= maxUnsent {
		p.unsent = slices.Delete(p.unsent, 0, 1)
	}
	p.unsent = append(p.unsent, batch)
}

// flush sends what could not be sent before. Their order does not matter. Call it before reading
// what this replica may have changed.
func (p *publisher) flush(ctx context.Context) error {
	p.sending.Lock()
	defer p.sending.Unlock()
	p.mu.Lock()
	unsent := p.unsent
	p.unsent = nil
	p.mu.Unlock()
	for i, batch := range unsent {
		if err := batch.Send(ctx); err != nil {
			for _, batch := range unsent[i:] {
				p.keep(batch)
			}
			return err
		}
	}
	return nil
}

// storeAgain makes run store everything again.
func (p *publisher) storeAgain() {
	p.mu.Lock()
	p.emptied = true
	p.mu.Unlock()
	p.wake()
}

func (p *publisher) wake() {
	select {
	case p.woken <- struct{}{}:
	default:
	}
}

// run keeps the store up to date until ctx ends. For a single replica it returns at once.
func (p *publisher) run(ctx context.Context) {
	if p.shared == nil {
		return
	}
	defer p.shared.Subscribe(shared.TopicEmptied, func(string) { p.storeAgain() })()
	defer p.shared.Subscribe(shared.TopicReconnected, func(string) { p.wake() })()
	p.wake() // the store may have connected before
	for {
		select {
		case <-p.woken:
		case <-ctx.Done():
			return
		}
		if p.publishAll(ctx) == nil {
			_ = p.flush(ctx) // after an error the store is lost, and wakes us when it is back
		}
	}
}

// publishAll stores all entries again if the store has lost them.
func (p *publisher) publishAll(ctx context.Context) error {
	p.mu.Lock()
	emptied := p.emptied
	p.emptied = false
	p.mu.Unlock()
	if !emptied {
		return nil
	}
	for _, source := range slices.Backward(p.sources) { // the places of zones, which are few, come first
		for entries := range slices.Chunk(source.entries(), publishAtOnce) {
			if err := p.publish(ctx, entries); err != nil {
				p.mu.Lock()
				p.emptied = true
				p.mu.Unlock()
				return err
			}
		}
	}
	return nil
}

// publish stores entries again. It removes those that were removed meanwhile.
func (p *publisher) publish(ctx context.Context, entries []entry) error {
	batch := p.batch()
	for _, entry := range entries {
		entry.add(batch)
	}
	if batch.Len() > 0 {
		if err := batch.Send(ctx); err != nil {
			return err
		}
	}
	batch = p.batch()
	for _, entry := range entries {
		if entry.gone() {
			entry.remove(batch)
		}
	}
	if batch.Len() == 0 {
		return nil
	}
	err := batch.Send(ctx)
	if err != nil {
		p.keep(batch)
	}
	return err
}

// lockError returns the error of a lock for the caller of a write. That of a context is unchanged.
func lockError(err error) error {
	switch {
	case errors.Is(err, shared.ErrNoExclusion):
		return noExclusion(err)
	case errors.Is(err, shared.ErrBusy):
		return &FetchError{Noun: "upstream", RetryAfter: busyRetryAfter, kind: ErrRateLimited, cause: err}
	}
	return err
}

// noExclusion returns the error of a write that is refused because the store failed.
func noExclusion(cause error) error {
	return &FetchError{
		Noun: "upstream", RetryAfter: exclusionRetryAfter, kind: ErrUpstreamUnavailable,
		cause: errors.Join(ErrNoExclusion, cause),
	}
}
