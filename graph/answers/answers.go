// Package answers shares whole answers among callers who ask the same. An answer is shared only while
// the data that it was made from is unchanged, and for a second at most: that heals what a version
// misses, such as the passing of time, and keeps the refreshes of asked data going.
package answers

import (
	"sync"
	"time"
)

// MaxAge is how old a shared answer may be, counted from before it was made.
const MaxAge = time.Second

const (
	// maxPart is the part of the store that one answer may take.
	maxPart = 8
	// userPart is the part that the answers of one user may take, so that others find room.
	userPart = 2
	// overhead is what an answer takes beside its bytes: records, lists and maps.
	overhead = 512
)

// Config has the options of [New].
type Config[V comparable] struct {
	// MaxBytes limits the memory of all answers, including those that a slow reader still holds.
	// *Optional*; 0 shares nothing.
	MaxBytes int64
	// Version returns the version of all data that answers come from. It must change after each
	// change of the data is visible, and before a writer learns that its change is done. *Required.*
	Version func() V
}

// Store has the answers that may be shared, and those that are being made. Use [New]. It is safe for
// concurrent use. A nil Store shares nothing.
type Store[V comparable] struct {
	max     int64
	version func() V

	mu      sync.Mutex // guards the fields below
	entries map[Key]*Answer[V]
	flights map[Key]*Flight[V] // the answers that are being made
	seen    sightings
	users   map[string]*user[V]
	bytes   int64 // of all answers in memory, also of those that only readers hold
	pinned  int64 // of those that readers hold
	sweeps  *time.Timer
	hits    uint64
	misses  uint64
}

// New returns an empty store, or nil if it may take no memory.
func New[V comparable](cfg Config[V]) *Store[V] {
	if cfg.MaxBytes <= 0 {
		return nil
	}
	return &Store[V]{
		max: cfg.MaxBytes, version: cfg.Version,
		entries: map[Key]*Answer[V]{}, flights: map[Key]*Flight[V]{}, users: map[string]*user[V]{},
	}
}

// Find returns the answer to a question, which the caller must Release. Without one it returns the
// flight that makes the answer now, if there is one, for the caller to wait for.
func (s *Store[V]) Find(key Key, username string) (*Answer[V], *Flight[V]) {
	if s == nil {
		return nil, nil
	}
	version := s.version()
	s.mu.Lock()
	defer s.mu.Unlock()
	if answer := s.take(key, username, version); answer != nil {
		return answer, nil
	}
	if flight := s.flights[key]; flight != nil && flight.version == version && time.Since(flight.born) < MaxAge {
		return nil, flight.followed()
	}
	return nil, nil
}

// take requires mu. It returns the answer if it may be served, pinned for the user.
func (s *Store[V]) take(key Key, username string, version V) *Answer[V] {
	answer := s.entries[key]
	switch {
	case answer == nil:
		return nil
	case answer.version != version || time.Since(answer.born) >= MaxAge:
		s.remove(answer)
		return nil
	case !s.pin(answer, username):
		return nil
	}
	answer.hits++
	s.hits++
	return answer
}

// insert requires mu. It adds an answer, if there is room. The version must be that of the data now.
func (s *Store[V]) insert(answer *Answer[V]) {
	if old := s.entries[answer.key]; old != nil {
		s.remove(old)
	}
	if !s.makeRoom(answer.owner, answer.size) {
		return
	}
	s.entries[answer.key] = answer
	owner := s.user(answer.owner)
	answer.place = owner.answers.PushBack(answer)
	owner.bytes += answer.size
	s.bytes += answer.size
	if s.sweeps == nil {
		s.sweeps = time.AfterFunc(MaxAge, s.sweep)
	}
}

// sweep removes what is too old, so that an idle store takes no memory.
func (s *Store[V]) sweep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweeps = nil
	s.removeOld()
	if len(s.entries) > 0 {
		s.sweeps = time.AfterFunc(MaxAge, s.sweep)
	}
}

// Stats says what a store has and has done.
type Stats struct {
	Entries int
	// Bytes is the memory of all answers, also of those that only slow readers hold.
	Bytes int64
	// Hits counts the callers who shared an answer, Misses those whose answer was made for them.
	Hits, Misses uint64
}

// Stats returns zeros for a nil store.
func (s *Store[V]) Stats() Stats {
	if s == nil {
		return Stats{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return Stats{Entries: len(s.entries), Bytes: s.bytes, Hits: s.hits, Misses: s.misses}
}
