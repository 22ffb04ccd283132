package graph

import "time"

// Pace lets tests wait for less.
type Pace struct {
	KeepAlive, Pings, Pong, Initialising time.Duration
	MaxSockets, MaxOfUser                int
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
	if p.MaxOfUser != 0 {
		h.streams.perUser = p.MaxOfUser
	}
}
