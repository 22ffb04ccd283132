package isp

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"wisphub-graphql/cache/shared"
)

const (
	// pendingDoubt is how long after sending a ticket a list may still lack it: WispHub may carry out
	// late what it has not answered.
	pendingDoubt = 2 * time.Minute
	// pendingTTL is how long the store keeps the pending tickets of a zone. Most count for less.
	pendingTTL = 7 * 24 * time.Hour
	// upstreamSkew is how far WispHub's clock may be from ours.
	upstreamSkew = time.Minute
	// maxRedated limits the tickets whose date is corrected.
	maxRedated = 1_000
)

// pendingTickets are tickets that were sent and that the lists may not show yet, by zone. They
// take places in their zones. Replicas share them: each stores those that it has sent. Count and
// reserve those of a zone under its lock only.
type pendingTickets struct {
	shared  *shared.Store // nil for a single replica
	publish *publisher
	mu      sync.Mutex
	own     map[int]map[string]pendingTicket // by zone and entry; guarded by mu
	// redated are those of other replicas that were dated by a clock that was ahead, by entry; guarded
	// by mu.
	redated map[string]pendingTicket
}

// pendingTicket is a ticket that was opened, or may have been.
type pendingTicket struct {
	TicketID  int       `json:"ticketId,omitzero"` // 0 while it is unknown
	ServiceID int       `json:"serviceId"`
	Sent      time.Time `json:"sent"`
	// Before are the tickets that the service had before. None of them is this one.
	Before []int `json:"before,omitzero"`
	// Until is when the ticket stops counting: a list read after it is right about the ticket.
	Until time.Time `json:"until"`
}

// settled reports whether the index counts the ticket in the zone, or shows that it must not be
// counted. A ticket that the index has in no zone, because its client has none, keeps its place
// here.
func (p pendingTicket) settled(index *ticketIndex, zoneID int) bool {
	if ticket := index.byID[p.TicketID]; ticket != nil {
		return ticket.zoneID() == zoneID || !index.active[p.TicketID]
	}
	if index.newest.After(p.Until) {
		return true
	}
	return p.TicketID == 0 && slices.ContainsFunc(index.byClient[p.ServiceID], func(ticket *Ticket) bool {
		return ticket.CreatedAt.After(p.Sent.Add(-upstreamSkew)) && !slices.Contains(p.Before, ticket.TicketID)
	})
}

func newPendingTickets(store *shared.Store, publish *publisher) *pendingTickets {
	p := &pendingTickets{
		shared: store, publish: publish, own: map[int]map[string]pendingTicket{}, redated: map[string]pendingTicket{},
	}
	publish.sources = append(publish.sources, p)
	return p
}

// count returns how many pending tickets of a zone count beside those of the index. If the store
// cannot be asked, it counts those that this replica has sent.
func (p *pendingTickets) count(ctx context.Context, zoneID int, index *ticketIndex) int {
	pending, err := p.all(ctx, zoneID)
	if err != nil {
		pending = p.ownOf(zoneID)
	}
	return len(pending) - len(settledIn(pending, zoneID, index))
}

// settledIn returns the entries that do not count any longer.
func settledIn(pending map[string]pendingTicket, zoneID int, index *ticketIndex) (entries []string) {
	for entry, ticket := range pending {
		if ticket.settled(index, zoneID) {
			entries = append(entries, entry)
		}
	}
	return entries
}

// all returns the pending tickets that all replicas have sent, by entry.
func (p *pendingTickets) all(ctx context.Context, zoneID int) (map[string]pendingTicket, error) {
	if p.shared == nil {
		return p.ownOf(zoneID), nil
	}
	if err := p.publish.flush(ctx); err != nil {
		return nil, noExclusion(err)
	}
	stored, err := p.shared.Entries(ctx, pendingName(zoneID))
	if err != nil {
		return nil, noExclusion(err)
	}
	pending := p.ownOf(zoneID)
	for entry, text := range stored {
		if _, own := pending[entry]; own {
			continue
		}
		var ticket pendingTicket
		if json.Unmarshal([]byte(text), &ticket) == nil {
			pending[entry] = p.dated(entry, ticket)
		}
	}
	return pending, nil
}

// dated returns a ticket of another replica. If it was dated by a clock that was ahead, it counts as
// sent when it is seen first: it would otherwise take its place until that time comes.
func (p *pendingTickets) dated(entry string, ticket pendingTicket) pendingTicket {
	now := time.Now()
	if !ticket.Until.After(now.Add(pendingDoubt + maxSkew)) {
		return ticket
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if redated, known := p.redated[entry]; known {
		ticket.Sent, ticket.Until = redated.Sent, redated.Until
		return ticket
	}
	ticket.Sent, ticket.Until = now, now.Add(pendingDoubt)
	if len(p.redated) >= maxRedated {
		clear(p.redated)
	}
	p.redated[entry] = ticket
	return ticket
}

func (p *pendingTickets) ownOf(zoneID int) map[string]pendingTicket {
	p.mu.Lock()
	defer p.mu.Unlock()
	if own := maps.Clone(p.own[zoneID]); own != nil {
		return own
	}
	return map[string]pendingTicket{}
}

// put adds or replaces a ticket. The batch is nil for a single replica.
func (p *pendingTickets) put(batch *shared.Batch, zoneID int, entry string, ticket pendingTicket) {
	p.mu.Lock()
	if p.own[zoneID] == nil {
		p.own[zoneID] = map[string]pendingTicket{}
	}
	p.own[zoneID][entry] = ticket
	p.mu.Unlock()
	p.store(batch, zoneID, entry, ticket)
}

func (p *pendingTickets) store(batch *shared.Batch, zoneID int, entry string, ticket pendingTicket) {
	if data, err := json.Marshal(ticket); err == nil && batch != nil {
		batch.Put(pendingName(zoneID), entry, data, pendingTTL)
	}
}

func (p *pendingTickets) remove(batch *shared.Batch, zoneID int, entries ...string) {
	p.mu.Lock()
	for _, entry := range entries {
		delete(p.own[zoneID], entry)
		delete(p.redated, entry)
	}
	if len(p.own[zoneID]) == 0 {
		delete(p.own, zoneID)
	}
	p.mu.Unlock()
	if batch == nil {
		return
	}
	for _, entry := range entries {
		batch.Remove(pendingName(zoneID), entry)
	}
}

// entries implements [published].
func (p *pendingTickets) entries() (all []entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for zoneID, own := range p.own {
		for name := range own {
			all = append(all, entry{
				add: func(batch *shared.Batch) {
					if ticket, kept := p.ownOf(zoneID)[name]; kept {
						p.store(batch, zoneID, name, ticket)
					}
				},
				remove: func(batch *shared.Batch) { batch.Remove(pendingName(zoneID), name) },
				gone: func() bool {
					_, kept := p.ownOf(zoneID)[name]
					return !kept
				},
			})
		}
	}
	return all
}

// newPendingEntry returns a name that no other pending ticket has.
func newPendingEntry() string { return rand.Text() }

func pendingName(zoneID int) string { return "pending/" + strconv.Itoa(zoneID) }
