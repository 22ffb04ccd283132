package isp

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"wisphub-graphql/wisphub"
)

// lookAgainPatience is how long a caller whose write has an unknown outcome waits for a look at it.
const lookAgainPatience = 3 * time.Second

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
	locks        *locks
	outcomes     *outcomes
	reservations *reservations
	jobs         *jobs
	calendar     *calendar
	cfg          Config
}

func newDesk(api *wisphub.API, cfg Config, p *Provider) *Desk {
	locks := newLocks(cfg.Shared)
	d := &Desk{
		api:          api,
		clients:      p.Clients,
		tickets:      p.Tickets,
		subjects:     p.Subjects,
		staff:        p.Staff,
		tasks:        p.Tasks,
		locks:        locks,
		outcomes:     newOutcomes(cfg, locks),
		reservations: newReservations(cfg.Shared),
		calendar:     newCalendar(cfg.Holidays, cfg.ExtraHolidays),
		cfg:          cfg,
	}
	d.jobs = newJobs(cfg.Shared, d.readServices, p.Tasks.follow)
	p.Tasks.ended = d.jobs.end
	return d
}

// Close ends what goes on behind the scenes, and waits for it.
func (d *Desk) Close() {
	d.jobs.Close()
	d.outcomes.remembered.Close()
}

// Write is a write as the audit has it.
type Write struct {
	// Action is the write's name: updateClient, createTicket …
	Action string
	// IDs are what it was about, such as client:26.
	IDs []string
	// Outcome is ok, failed, outcome unknown, repeated for one that was answered from memory, or the lower-case code of a
	// [UserError].
	Outcome string
}

// payload is what every write returns.
type payload interface{ faults() []*UserError }

func (p *UpdateClientPayload) faults() []*UserError { return p.UserErrors }
func (p *ServiceStatePayload) faults() []*UserError { return p.UserErrors }
func (p *PingPayload) faults() []*UserError         { return p.UserErrors }
func (p *TicketPayload) faults() []*UserError       { return p.UserErrors }

// note tells the audit what became of a write.
func (d *Desk) note(ctx context.Context, action, result string, ids ...string) {
	d.cfg.Audit(ctx, Write{Action: action, IDs: ids, Outcome: result})
}

// resultOf is the outcome of a write in the words of the audit.
func resultOf(payload payload, err error) string {
	switch wrong := payload.faults(); {
	case errors.Is(err, ErrOutcomeUnknown):
		return "outcome unknown"
	case err != nil:
		return "failed"
	case len(wrong) > 0:
		return strings.ToLower(string(wrong[0].Code))
	}
	return "ok"
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

// lookAgain reads what a write may have changed of which nobody knows whether it did. It may take a moment and no longer: its
// outcome changes nothing for the caller.
func lookAgain(ctx context.Context, read func(ctx context.Context)) {
	ctx, cancel := context.WithTimeout(ctx, lookAgainPatience)
	defer cancel()
	read(ctx)
}

// readServices has everybody see services as they are now, as background work: nobody lacks an answer.
func (d *Desk) readServices(ctx context.Context, serviceIDs []int) {
	err := d.clients.readAllAgain(background(ctx), serviceIDs)
	if err != nil && ctx.Err() == nil {
		d.clients.directory.Expire()
		d.cfg.Logger.Warn("services were not read again after their state changed; the list will be", "error", err)
	}
}

func (d *Desk) defaultStatus() wisphub.TicketState {
	return wisphub.TicketState(d.cfg.DefaultTicketStatus)
}

// refused turns WispHub's refusal of a write into words about its input; err itself when it is none. Paths are by WispHub's
// names of the fields.
func refused(noun string, err error, paths map[string][]string, id []string) (userErrors, error) {
	var wrong userErrors
	upstream := (*wisphub.Error)(nil)
	switch {
	case errors.Is(err, wisphub.ErrOutcomeUnknown):
		return nil, outcomeUnknown(noun, err)
	case errors.Is(err, wisphub.ErrNotFound):
		wrong.add(CodeNotFound, "WispHub does not know this "+noun+".", id...)
	case errors.Is(err, wisphub.ErrRefused) && errors.As(err, &upstream):
		for _, field := range slices.Sorted(maps.Keys(upstream.Fields)) {
			wrong.add(CodeRefused, strings.Join(upstream.Fields[field], " "), paths[field]...)
		}
		if len(wrong) == 0 {
			wrong.add(CodeRefused, "WispHub refused this and did not say why.")
		}
	default:
		return nil, fetchError(noun, err)
	}
	return wrong, nil
}

// outcomeUnknown is the error of a write that was sent, and of which nothing tells whether it was carried out.
func outcomeUnknown(noun string, cause error) error {
	return &FetchError{Noun: noun, kind: ErrOutcomeUnknown, cause: cause}
}

// checkText says what is wrong with a text that a person wrote; "" for nothing. With lines, it may have several.
func checkText(text string, most int, lines bool) string {
	switch {
	case utf8.RuneCountInString(text) > most:
		return "Must be at most " + strconv.Itoa(most) + " characters."
	case !utf8.ValidString(text), strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) && !(lines && (r == '\n' || r == '\r' || r == '\t'))
	}):
		return "Must not hold control characters."
	}
	return ""
}
