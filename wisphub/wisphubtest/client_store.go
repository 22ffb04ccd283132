package wisphubtest

import (
	"cmp"
	"math"
	"slices"
	"sync"
)

// noID is the id of rows without a usable id_servicio. It sorts them last.
const noID = math.MaxInt

// clientRecord is one client. It is immutable: a change stores another record.
type clientRecord struct {
	clientKeys
	data []byte // the row of the list, as JSON
}

// clientStore holds the clients in ascending order of their ids.
type clientStore struct {
	mu      sync.RWMutex // guards the fields below
	records []*clientRecord
}

// find returns the matching rows within the page range, and the number of all matching rows. A nil
// matches accepts every row.
func (s *clientStore) find(matches func(*clientKeys) bool, pr pageRange) (page [][]byte, total int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if matches == nil {
		from, to := pr.bounds(len(s.records))
		for _, r := range s.records[from:to] {
			page = append(page, r.data)
		}
		return page, len(s.records)
	}
	for _, r := range s.records {
		if !matches(&r.clientKeys) {
			continue
		}
		if total >= pr.offset && len(page) < pr.limit {
			page = append(page, r.data)
		}
		total++
	}
	return page, total
}

// get returns the client's row as JSON, nil if there is none.
func (s *clientStore) get(id int) []byte {
	s.mu.RLock()
	defer s.mu.RUnlock()
	at, found := s.search(id)
	if !found || id == noID {
		return nil
	}
	return s.records[at].data
}

// put adds r, or replaces the record with the same id.
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

// lowestFreeID returns the lowest positive id that no client has.
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

// search requires mu.
func (s *clientStore) search(id int) (at int, found bool) {
	return slices.BinarySearchFunc(s.records, id, func(r *clientRecord, id int) int { return cmp.Compare(r.id, id) })
}
