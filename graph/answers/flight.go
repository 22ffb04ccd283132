package answers

import (
	"context"
	"strconv"
	"time"
)

// Flight is the making of one answer, which callers with the same question may wait for. Its methods
// do nothing on a nil Flight.
type Flight[V comparable] struct {
	store    *Store[V]
	key      Key
	username string
	version  V         // of the data before the answer was begun
	born     time.Time // before the answer was begun
	// done is closed at the end. It is nil while no other caller waits.
	done  chan struct{} // guarded by store.mu
	ended bool          // guarded by store.mu
}

// Lead begins to make the answer to a question that may be shared. It must be called before the
// answer's data is read. The caller must call [Flight.End].
func (s *Store[V]) Lead(key Key, username string) *Flight[V] {
	if s == nil {
		return nil
	}
	f := &Flight[V]{store: s, key: key, username: username, version: s.version(), born: time.Now()}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.misses++
	other := s.flights[key]
	joinable := other != nil && other.version == f.version && time.Since(other.born) < MaxAge
	if !joinable && !s.seen.isLarge(key) {
		s.flights[key] = f
	}
	return f
}

// followed requires store.mu. It notes that another caller waits.
func (f *Flight[V]) followed() *Flight[V] {
	if f.done == nil {
		f.done = make(chan struct{})
	}
	return f
}

// Wait returns the answer once it is made, as [Store.Find] does. It returns nil if the answer may not
// be shared, after MaxAge, and when ctx ends. The caller must have got the flight from Find.
func (f *Flight[V]) Wait(ctx context.Context, username string) *Answer[V] {
	timer := time.NewTimer(MaxAge - time.Since(f.born)) // an older answer may not be shared
	defer timer.Stop()
	select {
	case <-f.done:
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return nil
	}
	s, version := f.store, f.store.version()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.take(f.key, username, version)
}

// Keep offers the whole answer, which must have no error. The store copies it, if another caller waits
// for it or has asked the same lately, and if the data has not changed since Lead.
func (f *Flight[V]) Keep(parts ...[]byte) {
	if f == nil {
		return
	}
	now := time.Now()
	if f.store.version() != f.version || now.Sub(f.born) >= MaxAge || !f.wanted(now, parts) {
		return
	}
	answer := f.answer(parts)
	f.store.mu.Lock()
	defer f.store.mu.Unlock()
	f.store.insert(answer)
}

// wanted notes the question, and reports whether its answer is worth a copy.
func (f *Flight[V]) wanted(now time.Time, parts [][]byte) bool {
	s := f.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if length(parts)+overhead > s.max/maxPart {
		s.seen.noteLarge(f.key, now)
		return false
	}
	again := s.seen.note(f.key, now)
	return again || f.done != nil
}

func length(parts [][]byte) (bytes int64) {
	for _, part := range parts {
		bytes += int64(len(part))
	}
	return bytes
}

// answer copies the parts into a slice of their size.
func (f *Flight[V]) answer(parts [][]byte) *Answer[V] {
	text := make([]byte, 0, length(parts))
	for _, part := range parts {
		text = append(text, part...)
	}
	return &Answer[V]{
		store: f.store, key: f.key, owner: f.username, version: f.version, born: f.born,
		plain: newForm(text), size: int64(cap(text)) + overhead,
	}
}

// End wakes those who wait. It must follow Keep, and precede the sending of the answer: its caller
// may read slowly. It may be called more than once.
func (f *Flight[V]) End() {
	if f == nil {
		return
	}
	f.store.mu.Lock()
	defer f.store.mu.Unlock()
	if f.store.flights[f.key] == f {
		delete(f.store.flights, f.key)
	}
	if f.done != nil && !f.ended {
		close(f.done)
	}
	f.ended = true
}

// Form is one encoding of an answer. Nothing may change its slices.
type Form struct {
	Bytes []byte
	// Length is the value of Content-Length, ready for a header.
	Length []string
}

func newForm(text []byte) *Form { return &Form{Bytes: text, Length: []string{strconv.Itoa(len(text))}} }
