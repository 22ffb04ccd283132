package wisphubtest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Key is the one API key that a [Server] accepts, sent as "Authorization: Api-Key <Key>". It opens nothing else.
const Key = "invented.0123456789abcdefghijklmnopqrstuv"

const (
	defaultClients = 2_000
	maxClients     = 60_000
	maxTickets     = 100_000
)

// Config describes a provider. The zero value is 2,000 clients of seed 0, today, with [DefaultQuirks] and no fault.
type Config struct {
	// Clients is how many services the provider has, 1 to 60,000. Optional, 2,000.
	Clients int
	// Tickets is how many tickets the last 14 months have, up to 100,000, or -1 for none. Optional, seven for ten clients: one a
	// month for twenty.
	Tickets int
	// Seed decides the data and the random faults: same Seed, Now and Quirks, same bytes. Optional.
	Seed uint64
	// Now is the day around which dates such as fecha_corte lie. Optional, time.Now().
	Now time.Time
	// AnswerField is the name under which the text of a new answer to a ticket is looked for; the real one is not public.
	// Optional, "respuesta".
	AnswerField string
	// Quirks says how the provider misbehaves. Optional, DefaultQuirks().
	Quirks *Quirks
	// Faults says how the provider fails. Optional, none.
	Faults Faults
}

// Server is a WispHub Net. Create it with [New]; it is safe for concurrent use.
type Server struct {
	now             time.Time
	startedAt       time.Time // the moment of New, which was now to the provider
	answerField     string
	catalogues      catalogues // as New made it
	clients         *clientStore
	tickets         *ticketStore
	ticketGenerator ticketGenerator
	tasks           *taskStore
	requests        requestLog
	closeOnce       sync.Once
	closed          chan struct{}

	// writing is held by who changes a record by what it was. Who holds it does not call tasks: its jobs take it at their end.
	writeMu       sync.Mutex
	profileNames  map[int]splitFullName // of profiles that were written, by client; guarded by writing
	scriptedPings map[int]PingOutcome   // as scripted, by client; guarded by writing

	mu            sync.Mutex // guards what follows
	quirks        Quirks
	faults        Faults
	forbidden     map[string]bool
	faultRand     *rand.Rand // of the faults
	generator     *generator // of the rows that appear between two pages
	changePending bool       // a listing has begun and its change is still to come
}

// New makes the provider's data and returns a Server that serves it. It panics when a number of cfg is out of range:
// that is a mistake in the caller's text, not something to handle.
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
	quirks := DefaultQuirks()
	if cfg.Quirks != nil {
		quirks = *cfg.Quirks
	}
	generator := newGenerator(cfg.Seed, cfg.Now, quirks)
	clients := generator.clients(cfg.Clients)
	return &Server{
		now:             cfg.Now,
		startedAt:       time.Now(),
		answerField:     cmp.Or(cfg.AnswerField, "respuesta"),
		profileNames:    make(map[int]splitFullName),
		scriptedPings:   make(map[int]PingOutcome),
		catalogues:      generator.catalogues,
		clients:         clients,
		tickets:         newTicketStore(ticketOutlines(cfg.Seed, generator.now, max(cfg.Tickets, 0), clients.ids())),
		ticketGenerator: ticketGenerator{seed: cfg.Seed, staff: generator.catalogues.staff},
		tasks:           newTaskStore(cfg.Seed),
		closed:          make(chan struct{}),
		quirks:          quirks,
		faults:          cfg.Faults,
		forbidden:       make(map[string]bool),
		faultRand:       rand.New(rand.NewPCG(cfg.Seed, streamFaults)),
		generator:       generator,
	}
}

// ServeHTTP answers as WispHub Net would, after what the faults do to it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := s.accept(r)
	entry := s.requests.add(c)
	c.readBody()
	if !s.wait(c) {
		unavailable().write(w) // nobody listens any more, or the Server was closed
		return
	}
	a := s.answer(c)
	if c.hangsAfterWrite() {
		s.holdUntil(c, nil)
		unavailable().write(w)
		return
	}
	s.requests.setStatus(entry, a.status)
	a.write(w)
}

// accept reads what the answer depends on once, so that a switch thrown meanwhile waits for the next request.
func (s *Server) accept(r *http.Request) *call {
	path, id := splitPath(r.URL.Path)
	s.mu.Lock()
	defer s.mu.Unlock()
	return &call{request: r, path: path, id: id, query: r.URL.Query(), quirks: s.quirks, faults: s.faults}
}

func (s *Server) answer(c *call) response {
	if a, failed := s.fault(c); failed {
		return a
	}
	s.tasks.finishDue()
	a := s.route(c)
	if s.draw(c.faults.TruncateRate) {
		a.truncated = true
	}
	return a
}

// SetQuirks changes how later requests are answered. The data stays as [New] made it, so the quirks that [Quirks] calls
// those of the data have no effect here.
func (s *Server) SetQuirks(q Quirks) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quirks = q
}

// moment is the provider's time: it was Config.Now at New, and goes on since.
func (s *Server) providerTime() time.Time {
	return s.now.Add(time.Since(s.startedAt)).In(bogota).Truncate(time.Second)
}

// SetFaults changes how later requests fail. Calls that hang already go on hanging.
func (s *Server) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
	s.changePending = false
}

// Close ends every call that waits or hangs, with a 503, and so at once every later call that would have to wait.
// The others are answered as before. It may be called again.
func (s *Server) Close() {
	s.closeOnce.Do(func() { close(s.closed) })
}
