package wisphubtest

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Faults are the ways in which WispHub Net fails, none in the zero value. A rate is the share of requests that suffer
// it, 0 to 1; which ones is decided by the seed and the order in which requests come.
type Faults struct {
	// Latency is how long each answer takes, Jitter how much more it may take at random.
	Latency, Jitter time.Duration
	// HangRate is the share of calls that never answer. They end when the caller gives up or the Server is closed.
	HangRate float64
	// HangPath always hangs: "/api/clientes/26/saldo/", or "/api/clientes/{id}/saldo/" for all of them.
	HangPath string
	// HangAfterWrite is a path, in either form, where writes are carried out and then never answered. Reads of it are.
	HangAfterWrite string
	// EchoOnly are paths, in either form, and fields ("telefono", "estado") of which writes answer success and keep nothing.
	EchoOnly []string
	// TooManyRate is the share of 429. No public source ever saw one: it is an assumption.
	TooManyRate float64
	// RetryAfter goes into the header of that name of a 429, in whole seconds rounded up; without it there is no header.
	RetryAfter time.Duration
	// ErrorRate is the share of 500, 502, 503 and 504, with an HTML page.
	ErrorRate float64
	// TruncateRate is the share of answers cut in the middle: Content-Length tells the whole length.
	TruncateRate float64
	// HTMLRate is the share of 200 with an HTML page.
	HTMLRate float64
	// Down answers 503 with an HTML page to everything.
	Down bool
	// AppearBetweenPages adds a client with the lowest free id, VanishBetweenPages removes the first one, each time a
	// listing of clients goes on to a page after its first. The change stays.
	AppearBetweenPages, VanishBetweenPages bool
	// ChangeOnce lets only the first listing after it was set suffer that.
	ChangeOnce bool
	// WrongTotal makes the count of every list one too high.
	WrongTotal bool
}

// DemoFaults returns a bad day of the real thing: 0.3 to 0.6 s an answer, one call in eight that never answers (as one
// source measured), and some errors.
func DemoFaults() Faults {
	return Faults{Latency: 300 * time.Millisecond, Jitter: 300 * time.Millisecond, HangRate: 1.0 / 8, ErrorRate: 0.03}
}

// wait lets the latency pass and reports false when no answer shall be given: the caller left, or the call hung.
func (s *Server) wait(c *call) bool {
	var answered <-chan time.Time // nil: never
	if !s.hangs(c) {
		delay := c.faults.Latency + s.drawJitter(c.faults.Jitter)
		if delay <= 0 {
			return true
		}
		timer := time.NewTimer(delay)
		defer timer.Stop()
		answered = timer.C
	}
	return s.holdUntil(c, answered)
}

// hold waits for the answer's time, and reports false when the caller left or the Server was closed before.
func (s *Server) holdUntil(c *call, answered <-chan time.Time) bool {
	select {
	case <-answered:
		return true
	case <-c.request.Context().Done():
	case <-s.closed:
	}
	return false
}

func (s *Server) hangs(c *call) bool {
	return c.matchesPath(c.faults.HangPath) || s.draw(c.faults.HangRate)
}

func (c *call) hangsAfterWrite() bool {
	return c.request.Method != http.MethodGet && c.matchesPath(c.faults.HangAfterWrite)
}

// is reports whether c goes to path, which may have {id} in place of an id.
func (c *call) matchesPath(path string) bool {
	return path != "" && (path == c.path || path == c.request.URL.Path)
}

// keeps reports whether a write of the field is to be kept.
func (c *call) persists(field string) bool {
	return !slices.ContainsFunc(c.faults.EchoOnly, func(only string) bool { return only == field || c.matchesPath(only) })
}

// fail answers in place of the route when a fault says so.
func (s *Server) fault(c *call) (a response, failed bool) {
	switch {
	case c.faults.Down:
		return unavailable(), true
	case s.draw(c.faults.TooManyRate):
		return tooManyRequests(c.faults.RetryAfter), true
	case s.draw(c.faults.ErrorRate):
		return proxyPage(s.drawErrorStatus()), true
	case s.draw(c.faults.HTMLRate):
		return panelPage(http.StatusOK, "Iniciar sesión"), true
	}
	return response{}, false
}

func tooManyRequests(retryAfter time.Duration) response {
	a := jsonResponse(http.StatusTooManyRequests, detail("Solicitud fue regulada (throttled)."))
	if retryAfter > 0 {
		seconds := (retryAfter + time.Second - 1) / time.Second
		a.header.Set("Retry-After", strconv.Itoa(int(seconds)))
	}
	return a
}

// happens draws nothing for a rate of 0, so that a fault that is off does not move those that are on.
func (s *Server) draw(rate float64) bool {
	if rate <= 0 {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faultRand.Float64() < rate
}

func (s *Server) drawJitter(most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Duration(s.faultRand.Int64N(int64(most)))
}

func (s *Server) drawErrorStatus() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	statuses := []int{
		http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
	}
	return statuses[s.faultRand.IntN(len(statuses))]
}

// turnPage lets a client appear or vanish when a listing goes on after its first page.
func (s *Server) changeBetweenPages(c *call, offset int) {
	if !c.faults.AppearBetweenPages && !c.faults.VanishBetweenPages {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if offset == 0 {
		s.changePending = s.faults.AppearBetweenPages || s.faults.VanishBetweenPages
		return
	}
	if !s.changePending {
		return
	}
	s.changePending = false
	if c.faults.VanishBetweenPages {
		s.clients.deleteFirst()
	}
	if c.faults.AppearBetweenPages {
		s.clients.put(s.generator.client(s.clients.lowestFreeID()))
	}
	if c.faults.ChangeOnce {
		s.faults.AppearBetweenPages, s.faults.VanishBetweenPages = false, false
	}
}
