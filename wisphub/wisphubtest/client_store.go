package wisphubtest

import (
	"cmp"
	"math"
	"slices"
	"sync"
)

// noID sorts the rows without a usable id_servicio last.
const noID = math.MaxInt

// record is one client, never changed: a change puts another record in its place.
type clientRecord struct {
	clientKeys
	data []byte // the row as the list shows it, JSON
}

// store holds the clients in the order of their ids.
type clientStore struct {
	mu      sync.RWMutex // guards what follows
	records []*clientRecord
}

// find returns the rows in the window of those that match, and how many match in all.
func (s *clientStore) find(matches func(*clientKeys) bool, w pageRange) (page [][]byte, total int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if matches == nil {
		from, to := w.bounds(len(s.records))
		for _, r := range s.records[from:to] {
			page = append(page, r.data)
		}
		return page, len(s.records)
	}
	for _, r := range s.records {
		if !matches(&r.clientKeys) {
			continue
		}
		if total >= w.offset && len(page) < w.limit {
			page = append(page, r.data)
		}
		total++
	}
	return page, total
}

// get returns the client's row, nil when there is none.
func (s *clientStore) get(id int) []byte {
	s.mu.RLock()
	defer s.mu.RUnlock()
	at, found := s.search(id)
	if !found || id == noID {
		return nil
	}
	return s.records[at].data
}

// put adds r, in place of the record with its id if there is one.
func (s *clientStore) put(r *clientRecord) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.id == noID {
		s.records = append(s.records, r)
		return
	}
	at, found := s.search(r.id)
	if found {
		s.records[at] = r
		return
	}
	s.records = slices.Insert(s.records, at, r)
}

func (s *clientStore) delete(id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, found := s.search(id); found && id != noID {
		s.records = slices.Delete(s.records, at, at+1)
	}
}

func (s *clientStore) deleteFirst() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.records) > 0 {
		s.records = slices.Delete(s.records, 0, 1)
	}
}

func (s *clientStore) count() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.records)
}

func (s *clientStore) ids() []int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	ids := make([]int, 0, len(s.records))
	for _, r := range s.records {
		if r.id != noID {
			ids = append(ids, r.id)
		}
	}
	return ids
}

// lowestFree returns the lowest id from 1 that no client has.
func (s *clientStore) lowestFreeID() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	free := 1
	for _, r := range s.records {
		if r.id > free {
			break
		}
		free = r.id + 1
	}
	return free
}

// position needs mu.
func (s *clientStore) search(id int) (at int, found bool) {
	return slices.BinarySearchFunc(s.records, id, func(r *clientRecord, id int) int { return cmp.Compare(r.id, id) })
}
