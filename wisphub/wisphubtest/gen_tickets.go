package wisphubtest

import (
	"math/rand/v2"
	"slices"
	"time"
)

const (
	// ticketHistory covers more than a year, so that both counters and any horizon have older
	// tickets behind them.
	ticketHistory = 425 * 24 * time.Hour
	firstTicketID = 500
)

// ticketOutlines makes n outlines, newest first, spread evenly over the history and the clients.
// Ids ascend with time and have gaps.
func ticketOutlines(seed uint64, now time.Time, n int, clients []int) []*ticket {
	g := &generator{rng: rand.New(rand.NewPCG(seed, streamTickets)), now: now}
	tickets := make([]*ticket, 0, n)
	start, id := now.Add(-ticketHistory), firstTicketID
	for i := range n {
		slot := ticketHistory / time.Duration(n)
		created := start.Add(slot*time.Duration(i) + time.Duration(g.rng.Int64N(int64(slot))))
		tickets = append(tickets, g.ticketOutline(id, created.Truncate(time.Second), oneOf(g, clients)))
		id++
		if g.chance(4) {
			id += 1 + g.rng.IntN(3)
		}
	}
	slices.Reverse(tickets)
	return tickets
}

func (g *generator) ticketOutline(id int, created time.Time, client int) *ticket {
	t := &ticket{id: id, created: created, client: client, state: g.drawTicketState(g.now.Sub(created))}
	unassigned := 5
	if t.state == stateNew {
		unassigned = 60
	}
	if !g.chance(unassigned) {
		t.technician = oneOf(g, technicians).Username
	}
	return t
}

// drawTicketState mostly returns closed, except for recent tickets. A few old ones stay new.
func (g *generator) drawTicketState(age time.Duration) int {
	weights := []int{stateResolved: 4, stateClosed: 96}
	switch {
	case age < 3*24*time.Hour:
		weights = []int{stateNew: 30, stateInProgress: 25, stateResolved: 10, stateClosed: 30, stateRescheduled: 5}
	case age < 30*24*time.Hour:
		weights = []int{stateNew: 3, stateInProgress: 4, stateResolved: 10, stateClosed: 80, stateRescheduled: 3}
	case g.oneIn(200):
		return stateNew
	}
	return weighted(g, weights, func(weight int) int { return weight })
}
