package httpserver

import "time"

// firstByteGrace is how long a new connection may take to send its first byte before it counts as
// idle.
const firstByteGrace = 2 * time.Second

// A user's requests give way only if the user holds more than 1/maxUserShare of the limit that is
// reached: that of all connections, or that of one address.
const maxUserShare = 4

// turn is when a connection has to give way. Lower ones go first.
type turn int

const (
	strangerIdle   turn = iota // no request under way, and no grace left
	strangerActive             // in a request without a token that was verified, such as an endless body
	strangerNewTop             // it may still send its first byte, and strangers hold over half of the limit
	knownIdle
	strangerNew // it may still send its first byte
	knownActive // of a user above its share
	never
)

// evict closes the connection whose turn is first, and returns false if there is none. Among those
// of one turn, before decides. Within a network, only that one's connections give way.
func (l *ConnLimit) evict(within *network) bool {
	now, first, best := time.Now(), (*connection)(nil), never
	limit, strangers := l.cfg.Max, l.strangers
	if within != nil {
		limit, strangers = l.cfg.MaxPerAddress, within.strangers
	}
	for _, c := range l.list {
		if within != nil && c.network != within {
			continue
		}
		t := c.turn(now, limit, strangers)
		if t < best || t == best && t != never && before(c, first) {
			first, best = c, t
		}
	}
	if first == nil {
		return false
	}
	l.remove(first)
	_ = first.Close() // the server notices at its next read
	return true
}

// turn returns when the connection has to give way at the limit. While strangers hold at most half of
// it, newcomers outlast idle connections of users. Above, those of users do. So neither can drive out
// the other.
func (c *connection) turn(now time.Time, limit, strangers int) turn {
	switch {
	case c.stranger() && c.state == active:
		return strangerActive
	case c.stranger() && (c.state == idle || now.Sub(c.since) >= firstByteGrace):
		return strangerIdle
	case c.stranger() && strangers > limit/2:
		return strangerNewTop
	case c.stranger():
		return strangerNew
	case c.state != active:
		return knownIdle
	case c.user != nil && c.user.open > max(1, limit/maxUserShare):
		return knownActive
	}
	return never
}

// before reports whether c gives way before other, which has the same turn: first those of the
// network with the most strangers, or of the user with the most connections, then the one that has
// been in its state for longest.
func before(c, other *connection) bool {
	if mine, others := c.weight(), other.weight(); mine != others {
		return mine > others
	}
	return c.since.Before(other.since)
}

func (c *connection) weight() int {
	switch {
	case c.stranger():
		return c.network.strangers
	case c.user != nil:
		return c.user.open
	}
	return 0 // a proxy's
}
