package wisphubtest

import (
	"maps"
	"sync"
	"time"
)

const requestLogSize = 10_000

// Request is one entry of [Server.Log].
type Request struct {
	Method string
	Path   string // as it was asked: "/api/clientes/26/saldo/"
	Query  string // raw: "limit=300&offset=0"
	Status int    // 0: not answered, because it hangs or the caller gave up
	Time   time.Time
}

// journal remembers what was asked. The zero value is empty and ready.
type requestLog struct {
	mu         sync.Mutex // guards what follows
	counts     map[string]int
	total      int       // since the last reset
	entries    []Request // entry n lies at n % logLength
	next       int       // entries since New
	firstEntry int       // the entry after the last reset
}

// begin counts a request on arrival, so that one that hangs is counted too, and returns its entry.
func (j *requestLog) add(c *call) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.counts == nil {
		j.counts = make(map[string]int)
	}
	j.counts[c.request.Method+" "+c.routeName()]++
	j.total++
	url := c.request.URL
	request := Request{Method: c.request.Method, Path: url.Path, Query: url.RawQuery, Time: time.Now()}
	if len(j.entries) < requestLogSize {
		j.entries = append(j.entries, request)
	} else {
		j.entries[j.next%requestLogSize] = request
	}
	j.next++
	return j.next - 1
}

// end notes the status of an entry, unless a newer one has taken its place.
func (j *requestLog) setStatus(entry, status int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if entry >= j.next-requestLogSize {
		j.entries[entry%requestLogSize].Status = status
	}
}

// Requests returns how often each route was asked since the last [Server.Reset], refused requests included, by method
// and path with ids replaced: "GET /api/clientes/{id}/perfil/". A path that no route has is under "GET (unknown)",
// one without its last slash under itself.
func (s *Server) Requests() map[string]int {
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	if s.requests.counts == nil {
		return map[string]int{}
	}
	return maps.Clone(s.requests.counts)
}

// Total returns how many requests came since the last [Server.Reset], refused ones included.
func (s *Server) Total() int {
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	return s.requests.total
}

// Log returns the last 10,000 requests since the last [Server.Reset], in the order of their arrival.
func (s *Server) Log() []Request {
	j := &s.requests
	j.mu.Lock()
	defer j.mu.Unlock()
	var requests []Request
	for entry := max(j.firstEntry, j.next-requestLogSize); entry < j.next; entry++ {
		requests = append(requests, j.entries[entry%requestLogSize])
	}
	return requests
}

// Reset forgets the requests so far. Data, quirks and faults stay.
func (s *Server) Reset() {
	j := &s.requests
	j.mu.Lock()
	defer j.mu.Unlock()
	clear(j.counts)
	j.total = 0
	j.firstEntry = j.next
}
