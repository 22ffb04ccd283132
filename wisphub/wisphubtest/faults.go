package wisphubtest

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Faults are the ways in which WispHub fails. The zero value has none. A rate is the share of
// affected requests, 0 to 1. The seed and the order of the requests decide which ones.
type Faults struct {
	// Latency delays every response. Jitter is the largest random delay added to it.
	Latency, Jitter time.Duration
	// HangRate is the share of calls that get no response. They end when the caller gives up or
	// the Server is closed.
	HangRate float64
	// HangPath is a path whose calls always hang: "/api/clientes/26/saldo/", or
	// "/api/clientes/{id}/saldo/" for every client.
	HangPath string
	// HangAfterWrite is a path, in either form, whose writes take effect and then hang. Its reads
	// are served.
	HangAfterWrite string
	// EchoOnly lists paths, in either form, and fields such as "telefono". Writes to them report
	// success and store nothing.
	EchoOnly []string
	// TooManyRate is the share of 429 responses. It is an assumption: no public source saw one.
	TooManyRate float64
	// RetryAfter is the Retry-After header of a 429, rounded up to whole seconds. Zero omits it.
	RetryAfter time.Duration
	// ErrorRate is the share of HTML pages with status 500, 502, 503 or 504.
	ErrorRate float64
	// TruncateRate is the share of responses cut in the middle, below a full Content-Length.
	TruncateRate float64
	// HTMLRate is the share of HTML pages with status 200.
	HTMLRate float64
	// Down answers every request with 503 and an HTML page.
	Down bool
	// AppearBetweenPages adds a client with the lowest free id between the first two pages of each
	// listing of clients. VanishBetweenPages removes the first client then. The changes are
	// permanent.
	AppearBetweenPages, VanishBetweenPages bool
	// ChangeOnce limits these changes to the first listing after SetFaults.
	ChangeOnce bool
	// WrongTotal is added to the count of every list.
	WrongTotal int
	// NoTotal makes the count of every list null.
	NoTotal bool
	// EmptyPage makes the first page of every list empty. The count stays.
	EmptyPage bool
	// BloatRows adds a text of that many bytes to each row of every list, under the key "comentarios".
	BloatRows int
	// RepeatLastRow makes the last row of every page a copy of the one before.
	RepeatLastRow bool
}

// DemoFaults returns a bad day of WispHub: a latency of 0.3 to 0.6 s, one call in eight that hangs
// (as one source measured), and some errors.
func DemoFaults() Faults {
	return Faults{Latency: 300 * time.Millisecond, Jitter: 300 * time.Millisecond, HangRate: 1.0 / 8, ErrorRate: 0.03}
}

// wait sleeps for the latency. It reports false if the caller left or the call hung.
func (s *Server) wait(c *call) bool {
	var fire <-chan time.Time // nil never fires
	if !s.hangs(c) {
		delay := c.faults.Latency + s.drawJitter(c.faults.Jitter)
		if delay <= 0 {
			return true
		}
		timer := time.NewTimer(delay)
		defer timer.Stop()
		fire = timer.C
	}
	return s.holdUntil(c, fire)
}

// holdUntil waits for fire. It reports false if the caller left or the Server was closed first.
func (s *Server) holdUntil(c *call, fire <-chan time.Time) bool {
	select {
	case <-fire:
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

// matchesPath reports whether c requests path, which may have {id} in place of an id.
func (c *call) matchesPath(path string) bool {
	return path != "" && (path == c.path || path == c.request.URL.Path)
}

// persists reports whether a write stores the field.
func (c *call) persists(field string) bool {
	return !slices.ContainsFunc(c.faults.EchoOnly, func(only string) bool { return only == field || c.matchesPath(only) })
}

// fault returns the response that a fault puts in place of the route's, nil if there is none.
func (s *Server) fault(c *call) *response {
	switch {
	case c.faults.Down:
		return unavailable()
	case s.draw(c.faults.TooManyRate):
		return tooManyRequests(c.faults.RetryAfter)
	case s.draw(c.faults.ErrorRate):
		return proxyPage(s.drawErrorStatus())
	case s.draw(c.faults.HTMLRate):
		return panelPage(http.StatusOK, "Iniciar sesión")
	}
	return nil
}

// damagePage applies the faults that spoil the rows of a page.
func (f Faults) damagePage(pr pageRange, page [][]byte) [][]byte {
	if f.BloatRows > 0 {
		page = f.bloat(page)
	}
	switch last := len(page) - 1; {
	case f.EmptyPage && pr.offset == 0:
		return nil
	case f.RepeatLastRow && last > 0:
		page = slices.Clone(page)
		page[last] = page[last-1]
	}
	return page
}

// bloat returns the rows with a long text. A text of a row itself is replaced, because the last one
// of two equal keys counts.
func (f Faults) bloat(page [][]byte) [][]byte {
	page = slices.Clone(page)
	text := `,"comentarios":"` + strings.Repeat("x", f.BloatRows) + `"}`
	for i, row := range page {
		page[i] = append(slices.Clone(bytes.TrimSuffix(row, []byte("}"))), text...)
	}
	return page
}

func tooManyRequests(retryAfter time.Duration) *response {
	r := jsonResponse(http.StatusTooManyRequests, detail("Solicitud fue regulada (throttled)."))
	if retryAfter > 0 {
		seconds := (retryAfter + time.Second - 1) / time.Second
		r.header.Set("Retry-After", strconv.Itoa(int(seconds)))
	}
	return r
}

// draw takes no random number at rate 0, so a fault that is off does not shift the others.
func (s *Server) draw(rate float64) bool {
	if rate <= 0 {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faultRand.Float64() < rate
}

func (s *Server) drawJitter(limit time.Duration) time.Duration {
	if limit <= 0 {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Duration(s.faultRand.Int64N(int64(limit)))
}

func (s *Server) drawErrorStatus() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	statuses := []int{
		http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
	}
	return statuses[s.faultRand.IntN(len(statuses))]
}

// changeBetweenPages adds or removes a client when a listing continues past its first page.
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
