package wisphubtest

import (
	"slices"
	"sync"
	"time"
)

// ticketStore holds the tickets, the newest first.
type ticketStore struct {
	mu      sync.RWMutex // guards what follows
	tickets []*ticket
	byID    map[int]*ticket // those with a usable id
}

// newTicketStore takes tickets in the order of the list, with usable ids.
func newTicketStore(tickets []*ticket) *ticketStore {
	s := &ticketStore{tickets: tickets, byID: make(map[int]*ticket, len(tickets))}
	for _, t := range tickets {
		s.byID[t.id] = t
	}
	return s
}

// find returns the tickets in the window of those that match, and how many match in all.
func (s *ticketStore) find(matches match[ticket], w pageRange) (page []*ticket, total int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, t := range s.tickets {
		if !matches(t) {
			continue
		}
		if total >= w.offset && len(page) < w.limit {
			page = append(page, t)
		}
		total++
	}
	return page, total
}

// get returns nil when there is no such ticket.
func (s *ticketStore) get(id int) *ticket {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.byID[id]
}

// put adds t, in place of the ticket with its id if there is one.
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

// drop needs mu.
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

// nextID returns the id after the highest.
func (s *ticketStore) nextID() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	last := firstTicketID - 1
	for id := range s.byID {
		last = max(last, id)
	}
	return last + 1
}

// counters counts from the first day of the month and of the year in which now is.
func (s *ticketStore) counters(now time.Time) ticketCounters {
	now = now.In(bogota)
	return ticketCounters{
		month: s.countSince(time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, bogota)),
		year:  s.countSince(time.Date(now.Year(), time.January, 1, 0, 0, 0, 0, bogota)),
	}
}

// since counts the tickets of this moment and later.
func (s *ticketStore) countSince(moment time.Time) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n, _ := slices.BinarySearchFunc(s.tickets, moment, func(t *ticket, moment time.Time) int {
		if t.created.Before(moment) {
			return 1
		}
		return -1
	})
	return n
}

// newestFirst puts the higher id first among tickets of one moment, and those without a moment last.
func newestFirst(a, b *ticket) int {
	if order := b.created.Compare(a.created); order != 0 {
		return order
	}
	return b.id - a.id
}
