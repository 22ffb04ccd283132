package isp

import (
	"context"
	"errors"
	"sync"
	"time"

	"wisphub-graphql/background"
	"wisphub-graphql/cache"
	"wisphub-graphql/cache/shared"
	"wisphub-graphql/isp/calendar"
	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/ratelimit"
)

// lookAgainPatience is how long a caller whose write has an unknown outcome waits for a look at it.
const lookAgainPatience = 3 * time.Second

// lookAgainPauses are those before the looks behind.
var lookAgainPauses = []time.Duration{10 * time.Second, 50 * time.Second}

// Desk is the help desk: it writes to WispHub. It is safe for concurrent use.
//
// A write is sent once. What it has changed is read again and is then what everybody sees, on every replica. Beside errors
// of fetching, which mean that nothing was changed, a write's error may be [ErrOutcomeUnknown].
type Desk struct {
	api          *wisphub.API
	clients      *Clients
	tickets      *Tickets
	subjects     *Subjects
	staff        *StaffList
	tasks        *Tasks
	locks        *shared.Mutexes
	outcomes     *idempotency
	reservations *pendingTickets
	jobs         *taskFollowUp
	calendar     *calendar.Calendar
	cfg          Config

	open    context.Context // until Close
	close   context.CancelFunc
	writing sync.WaitGroup
	mu      sync.Mutex // guards writing against an Add beside Wait
}

func newDesk(api *wisphub.API, cfg Config, p *Provider) *Desk {
	locks := shared.NewMutexes(cfg.Shared)
	d := &Desk{
		api:          api,
		clients:      p.Clients,
		tickets:      p.Tickets,
		subjects:     p.Subjects,
		staff:        p.Staff,
		tasks:        p.Tasks,
		locks:        locks,
		outcomes:     newIdempotency(cfg, locks),
		reservations: newPendingTickets(cfg.Shared),
		calendar:     calendar.New(cfg.Holidays, cfg.ExtraHolidays),
		cfg:          cfg,
	}
	d.open, d.close = context.WithCancel(context.Background())
	d.jobs = newTaskFollowUp(cfg.Shared, d.readServices, p.Tasks.follow)
	p.Tasks.ended = d.jobs.finish
	p.Tickets.reserved = func(ctx context.Context, zoneID int, book *ticketIndex) int {
		return len(d.reservations.list(ctx, zoneID, book))
	}
	return d
}

// errDeskClosed answers a write that Close has kept from being sent.
var errDeskClosed = fetchError("upstream", cache.ErrClosed)

// Close ends the writes under way, whose outcomes are then unknown, and what goes on behind the scenes, and waits for both.
func (d *Desk) Close() {
	d.mu.Lock()
	d.close()
	d.mu.Unlock()
	d.writing.Wait()
	d.jobs.Close()
	d.outcomes.records.Close()
}

// enter reports whether a write may begin; then writing counts it.
func (d *Desk) enter() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open.Err() != nil {
		return false
	}
	d.writing.Add(1)
	return true
}

// commit returns a context for a write and the fresh read behind it, and the error of a caller who has gone: then nothing is
// sent. It does not end with the caller, for what is sent and cut short is worse than what nobody waits for, but with Close.
// Its calls go before all others: what was sent is to be believed or not. Done must be called.
func (d *Desk) commit(ctx context.Context) (committed context.Context, done func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if d.open.Err() != nil {
		return nil, nil, errDeskClosed
	}
	committed, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ignore := context.AfterFunc(d.open, cancel)
	committed = ratelimit.WithPriority(committed, func() ratelimit.Priority { return ratelimit.PriorityWrite })
	return committed, func() { ignore(); cancel() }, nil
}

// client returns the client that a write is about: from memory, or from WispHub when memory does not know it; nil when there
// is none.
func (d *Desk) client(ctx context.Context, serviceID int) (*Client, error) {
	client, err := d.clients.Get(ctx, serviceID)
	if err != nil || client != nil {
		return client, err
	}
	entry, err := d.clients.lookups.Get(ctx, lookup{field: byServiceID, id: serviceID})
	if errors.Is(err, errNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fetchError("client", err)
	}
	return entry.Value[0], nil
}

// lookAgain reads what a write may have changed, of which nobody knows whether it did, and reads it again behind: WispHub may
// carry out late what it has not answered. What it finds changes nothing for the caller.
func (d *Desk) lookAgain(ctx context.Context, read func(ctx context.Context) error) {
	ctx, cancel := context.WithTimeout(ctx, lookAgainPatience)
	defer cancel()
	_ = read(ctx)
	d.jobs.behind(func() {
		for _, wait := range lookAgainPauses {
			if background.Sleep(d.open, wait) != nil {
				return
			}
			_ = read(asBackground(d.open)) // the next list has it, too
		}
	})
}

// readServices has everybody see services as they are now, as background work: nobody lacks an answer.
func (d *Desk) readServices(ctx context.Context, serviceIDs []int) error {
	err := d.clients.reloadMany(asBackground(ctx), serviceIDs)
	if err != nil && ctx.Err() == nil {
		d.clients.directory.Expire()
		d.cfg.Logger.Warn("services were not read again after their state changed; the list will be", "error", err)
	}
	return err
}

func (d *Desk) defaultStatus() wisphub.TicketState {
	return wisphub.TicketState(d.cfg.DefaultTicketStatus)
}
