package transport

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// The reasons why a stream is refused.
const (
	refusedFull = "Too many streams are open."
	refusedUser = "This user has too many streams open."
)

// errEvicted is the cause of the end of a stream that had to give way.
var errEvicted = errors.New("a new stream of another user took the place")

// place is what one stream holds of a limit. It may have to give way to a newcomer.
type place struct {
	evicted context.Context // ends when a newcomer has taken the place
	evict   context.CancelFunc
	victim  *place        // the stream whose place this one has taken, nil for none
	gone    chan struct{} // closed when the stream has ended
	used    atomic.Int64  // when the stream last carried a message, in Unix nanoseconds
}

// touch notes that the stream carries a message.
func (p *place) touch() { p.used.Store(time.Now().UnixNano()) }

// awaitVictim waits until the stream whose place this one has taken has ended, which has timeouts of
// its own. So the limits hold for network connections, too.
func (p *place) awaitVictim() {
	if p.victim != nil {
		<-p.victim.gone
		p.victim = nil
	}
}

// context returns a context that also ends when the stream has to give way, with errEvicted as its
// cause. The caller must call stop.
func (p *place) context(parent context.Context) (_ context.Context, stop func()) {
	ctx, end := context.WithCancelCause(parent)
	ignore := context.AfterFunc(p.evicted, func() { end(errEvicted) })
	return ctx, func() { ignore(); end(nil) }
}

// leave ends the place. A place may be left once only.
func (p *place) leave() {
	p.awaitVictim() // a newcomer may wait for both
	p.evict()
	close(p.gone)
}

// places has the places under one limit by owner: a user or a network. The lock of [streams] guards
// it.
type places[K comparable] struct {
	total   int
	byOwner map[K]map[*place]struct{}
}

func newPlaces[K comparable]() places[K] {
	return places[K]{byOwner: map[K]map[*place]struct{}{}}
}

func (p *places[K]) held(owner K) int { return len(p.byOwner[owner]) }

// add returns a new place of the owner. The victim may be nil.
func (p *places[K]) add(owner K, victim *place) *place {
	added := &place{victim: victim, gone: make(chan struct{})}
	added.evicted, added.evict = context.WithCancel(context.Background())
	added.touch()
	if p.byOwner[owner] == nil {
		p.byOwner[owner] = map[*place]struct{}{}
	}
	p.byOwner[owner][added] = struct{}{}
	p.total++
	return added
}

// remove returns false if the place has been removed before.
func (p *places[K]) remove(owner K, removed *place) bool {
	if _, ok := p.byOwner[owner][removed]; !ok {
		return false
	}
	delete(p.byOwner[owner], removed)
	if len(p.byOwner[owner]) == 0 {
		delete(p.byOwner, owner)
	}
	p.total--
	return true
}

// heaviest returns the owner of the most places, the zero value if there is no place.
func (p *places[K]) heaviest() (heaviest K) {
	most := 0
	for owner, held := range p.byOwner {
		if len(held) > most {
			heaviest, most = owner, len(held)
		}
	}
	return heaviest
}

// evict removes the owner's place that has carried no message for longest, and tells its stream to
// end. The owner must have a place.
func (p *places[K]) evict(owner K) *place {
	var quiet *place
	for candidate := range p.byOwner[owner] {
		if quiet == nil || candidate.used.Load() < quiet.used.Load() {
			quiet = candidate
		}
	}
	p.remove(owner, quiet)
	quiet.evict()
	return quiet
}
