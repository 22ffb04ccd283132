package wisphubtest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Key is the API key that a [Server] accepts, sent as "Authorization: Api-Key <Key>", unless
// [Server.SetKeys] names others. It is valid nowhere else.
const Key = "invented.0123456789abcdefghijklmnopqrstuv"

const (
	defaultClients = 2_000
	defaultCompany = "demo-isp"
	maxClients     = 60_000
	maxTickets     = 100_000
)

// Config describes a provider. The zero value is 2,000 clients of seed 0, today, with
// [DefaultQuirks] and without faults.
type Config struct {
	// Clients is the number of services, 1 to 60,000. Optional, 2,000.
	Clients int
	// Tickets is the number of tickets in the last 14 months, up to 100,000, or -1 for none.
	// Optional, seven for ten clients, which is one a month for twenty.
	Tickets int
	// Seed decides the data and the random faults. Equal Seed, Now and Quirks give equal bytes.
	// Optional.
	Seed uint64
	// Now is the provider's current time; dates such as fecha_corte are near it. Optional,
	// time.Now().
	Now time.Time
	// AnswerField is the form field with the text of a new ticket answer. WispHub's is not public.
	// Optional, "respuesta".
	AnswerField string
	// Company is what the usernames of clients and staff end in, after the @. It does not change the
	// rest of the data. Optional, demo-isp.
	Company string
	// Quirks are the provider's surprises. Optional, DefaultQuirks().
	Quirks *Quirks
	// Faults are the provider's failures. Optional, none.
	Faults Faults
}

// Server is a simulated WispHub. Create it with [New]. It is safe for concurrent use.
type Server struct {
	now             time.Time
	startedAt       time.Time // the machine's time when the provider's was now
	answerField     string
	company         string
	catalogues      catalogues // immutable
	clients         *clientStore
	tickets         *ticketStore
	ticketGenerator ticketGenerator
	tasks           *taskStore
	requests        requestLog
	closeOnce       sync.Once
	closed          chan struct{}

	// writeMu is held while a record is read and changed. A goroutine that holds it must not call
	// tasks: the tasks lock it when they end.
	writeMu       sync.Mutex
	profileNames  map[int]nameParts   // of written profiles, by client id; guarded by writeMu
	scriptedPings map[int]PingOutcome // by client id; guarded by writeMu

	mu            sync.Mutex // guards the fields below
	quirks        Quirks
	faults        Faults
	keys          []string // that are accepted
	forbidden     map[string]bool
	faultRand     *rand.Rand // decides the faults
	generator     *generator // makes the clients that appear between two pages
	changePending bool       // a listing has begun that a fault will change
}

// New generates the provider's data and returns a Server for it. It panics if a number of cfg is
// out of range, which is a mistake in the calling code.
func New(cfg Config) *Server {
	if cfg.Clients == 0 {
		cfg.Clients = defaultClients
	}
	if cfg.Clients < 1 || cfg.Clients > maxClients {
		panic(fmt.Sprintf("wisphubtest: %d clients, want 1 to %d", cfg.Clients, maxClients))
	}
	if cfg.Tickets == 0 {
		cfg.Tickets = max(1, cfg.Clients*7/10)
	}
	if cfg.Tickets < -1 || cfg.Tickets > maxTickets {
		panic(fmt.Sprintf("wisphubtest: %d tickets, want -1 to %d", cfg.Tickets, maxTickets))
	}
	if cfg.Now.IsZero() {
		cfg.Now = time.Now()
	}
	cfg.Company = cmp.Or(cfg.Company, defaultCompany)
	quirks := DefaultQuirks()
	if cfg.Quirks != nil {
		quirks = *cfg.Quirks
	}
	generator := newGenerator(cfg.Seed, cfg.Now, cfg.Company, quirks)
	clients := generator.clients(cfg.Clients)
	return &Server{
		now:             cfg.Now,
		startedAt:       time.Now(),
		answerField:     cmp.Or(cfg.AnswerField, "respuesta"),
		company:         cfg.Company,
		profileNames:    make(map[int]nameParts),
		scriptedPings:   make(map[int]PingOutcome),
		catalogues:      generator.catalogues,
		clients:         clients,
		tickets:         newTicketStore(ticketOutlines(cfg.Seed, generator.now, max(cfg.Tickets, 0), clients.ids())),
		ticketGenerator: ticketGenerator{seed: cfg.Seed, staff: generator.catalogues.staff},
		tasks:           newTaskStore(cfg.Seed),
		closed:          make(chan struct{}),
		quirks:          quirks,
		faults:          cfg.Faults,
		keys:            []string{Key},
		forbidden:       make(map[string]bool),
		faultRand:       rand.New(rand.NewPCG(cfg.Seed, streamFaults)),
		generator:       generator,
	}
}

// ServeHTTP answers like WispHub, subject to the faults.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := s.accept(r)
	entry := s.requests.add(c)
	c.readBody()
	if !s.wait(c) {
		unavailable().write(w) // the caller left, or the Server was closed
		return
	}
	resp := s.respond(c)
	if c.hangsAfterWrite() {
		s.holdUntil(c, nil)
		unavailable().write(w)
		return
	}
	s.requests.setStatus(entry, resp.status)
	resp.write(w)
}

// accept copies the quirks and faults, so that a change affects only later requests.
func (s *Server) accept(r *http.Request) *call {
	path, id := splitPath(r.URL.Path)
	s.mu.Lock()
	defer s.mu.Unlock()
	return &call{request: r, path: path, id: id, query: r.URL.Query(), quirks: s.quirks, faults: s.faults}
}

func (s *Server) respond(c *call) *response {
	if r := s.fault(c); r != nil {
		return r
	}
	s.tasks.finishDue()
	r := s.route(c)
	if s.draw(c.faults.TruncateRate) {
		r.truncated = true
	}
	return r
}

// SetQuirks changes the responses to later requests. It does not change the data, so the quirks
// that only [New] reads have no effect.
func (s *Server) SetQuirks(q Quirks) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quirks = q
}

// providerTime is Config.Now plus the time since New.
func (s *Server) providerTime() time.Time {
	return s.now.Add(time.Since(s.startedAt)).In(bogota).Truncate(time.Second)
}

// SetFaults changes the faults of later requests. Calls that already hang continue to hang.
func (s *Server) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
	s.changePending = false
}

// Close ends every waiting or hanging call with 503. Later calls that would have to wait get 503
// at once; others are served as before. It may be called twice.
func (s *Server) Close() {
	s.closeOnce.Do(func() { close(s.closed) })
}
