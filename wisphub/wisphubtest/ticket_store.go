package wisphubtest

import (
	"slices"
	"sync"
	"time"
)

// ticketStore holds the tickets, newest first.
type ticketStore struct {
	mu      sync.RWMutex // guards the fields below
	tickets []*ticket
	byID    map[int]*ticket // the tickets with a usable id
}

// newTicketStore requires tickets in the order of the list, with usable ids.
func newTicketStore(tickets []*ticket) *ticketStore {
	s := &ticketStore{tickets: tickets, byID: make(map[int]*ticket, len(tickets))}
	for _, t := range tickets {
		s.byID[t.id] = t
	}
	return s
}

// find returns the matching tickets within the page range, and the number of all matching ones.
func (s *ticketStore) find(matches match[ticket], pr pageRange) (page []*ticket, total int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, t := range s.tickets {
		if !matches(t) {
			continue
		}
		if total >= pr.offset && len(page) < pr.limit {
			page = append(page, t)
		}
		total++
	}
	return page, total
}

// get returns nil if there is no such ticket.
func (s *ticketStore) get(id int) *ticket {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.byID[id]
}

// put adds t, or replaces the ticket with the same id.
func (s *ticketStore) put(t *ticket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.id != noID {
		s.deleteLocked(t.id)
		s.byID[t.id] = t
	}
	at, _ := slices.BinarySearchFunc(s.tickets, t, newestFirst)
	s.tickets = slices.Insert(s.tickets, at, t)
}

func (s *ticketStore) delete(id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deleteLocked(id)
}

// deleteLocked requires mu.
func (s *ticketStore) deleteLocked(id int) {
	old, found := s.byID[id]
	if !found {
		return
	}
	delete(s.byID, id)
	at := slices.Index(s.tickets, old)
	s.tickets = slices.Delete(s.tickets, at, at+1)
}

func (s *ticketStore) ids() []int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	ids := make([]int, 0, len(s.byID))
	for _, t := range s.tickets {
		if t.id != noID {
			ids = append(ids, t.id)
		}
	}
	return ids
}

// nextID returns the highest id plus one.
func (s *ticketStore) nextID() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	last := firstTicketID - 1
	for id := range s.byID {
		last = max(last, id)
	}
	return last + 1
}

// counters counts the tickets since the start of now's month and year.
func (s *ticketStore) counters(now time.Time) ticketCounters {
	now = now.In(bogota)
	return ticketCounters{
		month: s.countSince(time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, bogota)),
		year:  s.countSince(time.Date(now.Year(), time.January, 1, 0, 0, 0, 0, bogota)),
	}
}

// countSince counts the tickets created at or after start.
func (s *ticketStore) countSince(start time.Time) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n, _ := slices.BinarySearchFunc(s.tickets, start, func(t *ticket, start time.Time) int {
		if t.created.Before(start) {
			return 1
		}
		return -1
	})
	return n
}

// newestFirst sorts by creation time, then by id, both descending. A zero time sorts last.
func newestFirst(a, b *ticket) int {
	if order := b.created.Compare(a.created); order != 0 {
		return order
	}
	return b.id - a.id
}
