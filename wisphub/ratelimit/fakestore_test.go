package ratelimit

import (
	"math"
	"sync"
	"time"
)

// fakeStore holds one log, with the rules of the scripts in cache/shared. It can be lost, flushed,
// and cut off from one replica.
type fakeStore struct {
	mu       sync.Mutex
	lost     bool
	restarts int
	fakeLedger
	watchers map[*fakeLog]func(id string)
}

// fakeLedger is what a flush deletes.
type fakeLedger struct {
	created time.Time
	first   int64 // number; a member that knows a lower one has to merge
	last    int64
	calls   map[string]fakeCall
	members map[string]fakeMember
	paused  time.Time
}

type fakeCall struct {
	at     time.Time
	number int64
}

type fakeMember struct {
	contact time.Time
	known   int64
	shares  int
}

func newFakeStore() *fakeStore {
	s := &fakeStore{watchers: map[*fakeLog]func(string){}}
	s.clear()
	return s
}

func (s *fakeStore) clear() {
	last := max(time.Now().UnixMicro(), s.last+1)
	s.fakeLedger = fakeLedger{
		created: time.Now(), first: last, last: last,
		calls: map[string]fakeCall{}, members: map[string]fakeMember{},
	}
}

// lose kills the server, or restarts it. It comes back empty.
func (s *fakeStore) lose(lost bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost = lost
	s.restarts++
	s.clear()
}

// flush deletes all keys of a server that goes on.
func (s *fakeStore) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
}

func (f *fakeLog) allowed(m Member, isMember, young bool) int {
	live, silent, used, least := 1, 0, 0.0, math.MaxInt
	for name, other := range f.members {
		if name == m.Name {
			continue
		}
		if other.shares > 0 {
			used += 1 / float64(other.shares)
		}
		if time.Since(other.contact) > fakeLate {
			silent++
			continue
		}
		live++
		if other.shares > 0 {
			least = min(least, other.shares)
		}
	}
	target := live + min(silent, live)
	room := 1 - used + 1e-9
	switch {
	case young && m.Shares > 0:
		return max(m.Shares, target)
	case room*float64(target) >= 1:
		return target
	case room*float64(target) >= 0.25:
		return int(math.Ceil(1/room - 1e-6))
	case isMember && m.Shares > 0:
		return max(m.Shares, target)
	case least < target:
		return 0
	}
	return target
}
