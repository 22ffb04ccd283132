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
	Path   string // as requested, such as "/api/clientes/26/saldo/"
	Query  string // raw, such as "limit=300&offset=0"
	Status int    // 0 without a response: the call hangs or the caller gave up
	Time   time.Time
}

// requestLog records and counts requests. The zero value is ready to use.
type requestLog struct {
	mu         sync.Mutex // guards the fields below
	counts     map[string]int
	total      int       // since the last reset
	entries    []Request // a ring: entry n is at n % requestLogSize
	next       int       // the number of entries since New
	firstEntry int       // the number of the first entry after the last reset
}

// add records a request and returns its entry number. It runs on arrival, so that hanging calls
// count.
func (l *requestLog) add(c *call) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts = make(map[string]int)
	}
	l.counts[c.request.Method+" "+c.routeName()]++
	l.total++
	url := c.request.URL
	request := Request{Method: c.request.Method, Path: url.Path, Query: url.RawQuery, Time: time.Now()}
	if len(l.entries) < requestLogSize {
		l.entries = append(l.entries, request)
	} else {
		l.entries[l.next%requestLogSize] = request
	}
	l.next++
	return l.next - 1
}

// setStatus sets the status of an entry, unless a newer one has overwritten it.
func (l *requestLog) setStatus(entry, status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if entry >= l.next-requestLogSize {
		l.entries[entry%requestLogSize].Status = status
	}
}

// Requests returns the number of requests by route since the last [Server.Reset], including
// rejected ones. A route is the method and the path with ids replaced, such as
// "GET /api/clientes/{id}/perfil/". Unknown paths count as "GET (unknown)". A path without its
// final slash is a route of its own.
func (s *Server) Requests() map[string]int {
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	if s.requests.counts == nil {
		return map[string]int{}
	}
	return maps.Clone(s.requests.counts)
}

// Total returns the number of requests since the last [Server.Reset], including rejected ones.
func (s *Server) Total() int {
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	return s.requests.total
}

// Log returns the requests since the last [Server.Reset], at most the last 10,000, in order of
// arrival.
func (s *Server) Log() []Request {
	l := &s.requests
	l.mu.Lock()
	defer l.mu.Unlock()
	var requests []Request
	for entry := max(l.firstEntry, l.next-requestLogSize); entry < l.next; entry++ {
		requests = append(requests, l.entries[entry%requestLogSize])
	}
	return requests
}

// Reset clears the log and the counts. Data, quirks and faults stay.
func (s *Server) Reset() {
	l := &s.requests
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.counts)
	l.total = 0
	l.firstEntry = l.next
}
