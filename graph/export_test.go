package graph

import "time"

// Pace lets tests wait for less.
type Pace struct {
	KeepAlive, Pings, Pong, Initialising time.Duration
	MaxSockets, MaxOfUser                int
	MaxWaiting, MaxWaitingOfAddress      int
}

// SetPace changes what is not zero. It must come before the first request.
func (h *Handler) SetPace(p Pace) {
	set := func(value *time.Duration, other time.Duration) {
		if other != 0 {
			*value = other
		}
	}
	set(&h.streams.keepAlive, p.KeepAlive)
	set(&h.streams.pings, p.Pings)
	set(&h.streams.pong, p.Pong)
	set(&h.streams.initialising, p.Initialising)
	if p.MaxSockets != 0 {
		h.streams.maxOpen = p.MaxSockets
	}
	if p.MaxWaiting != 0 {
		h.streams.maxWaiting = p.MaxWaiting
	}
	if p.MaxWaitingOfAddress != 0 {
		h.streams.perAddress = p.MaxWaitingOfAddress
	}
	if p.MaxOfUser != 0 {
		h.streams.perUser = p.MaxOfUser
	}
}

// Effort returns how many selections the guard looks at for a document that parses, how many comparisons it expects of the
// rules, and whether it lets the document through.
func Effort(document string) (steps, comparisons int, err error) {
	limits := Limits{}.orDefaults()
	parsed, parseErr := newDocuments(limits, false).parse(document)
	if parseErr != nil {
		return 0, 0, parseErr
	}
	g := newGuard(Schema(), limits, parsed)
	err = g.check(parsed)
	return g.steps, g.comparisons, err
}
