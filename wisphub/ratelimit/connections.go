package ratelimit

const (
	// MaxConnections bounds the reads under way. WispHub documents no limit of its own; eight is a
	// polite guess.
	MaxConnections = 8
	// SharedConnections is how many of them shared readings may hold, so that a reading that hangs
	// cannot block look-ups and other reads.
	SharedConnections = MaxConnections * 3 / 4
	// writeConnections are further connections for writes alone: hanging reads cannot block a write.
	writeConnections = 1
)

// connectionLimits says how many connections the calls of a priority may hold: those of this
// priority alone, and together with the calls of lower priorities. So calls that hang cannot block
// others: look-ups leave half to a shared reading, which leaves a quarter to look-ups and reads.
var connectionLimits = [...]struct{ alone, together int }{
	{MaxConnections / 2, MaxConnections / 2}, // background calls
	PriorityLookup - PriorityBackground:      {MaxConnections / 2, MaxConnections * 3 / 4},
	PriorityRead - PriorityBackground:        {MaxConnections, MaxConnections},
	PriorityShared - PriorityBackground:      {SharedConnections, MaxConnections},
	PriorityWrite - PriorityBackground:       {MaxConnections + writeConnections, MaxConnections + writeConnections},
}

// connections counts the calls under way by priority, from background on.
type connections [len(connectionLimits)]int

// hold adds change to the connections that calls of a priority hold.
func (c *connections) hold(priority Priority, change int) { c[priority-PriorityBackground] += change }

// freeFor reports whether a call of a priority may have a connection now.
func (c *connections) freeFor(priority Priority) bool {
	at, together := int(priority-PriorityBackground), 0
	if c[at] >= connectionLimits[at].alone {
		return false
	}
	for lower, held := range c {
		together += held
		if lower >= at && together >= connectionLimits[lower].together {
			return false
		}
	}
	return true
}
