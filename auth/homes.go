package auth

import (
	"sync"
	"time"
)

const (
	// maxHomes is how many addresses of a user are remembered; the one not used for longest gives way.
	maxHomes = 16
	// homeLasts is how long after the last login an address is remembered.
	homeLasts = 90 * 24 * time.Hour
)

// homes remembers from where users have logged in. It is safe for concurrent use.
type homes struct {
	mu        sync.Mutex
	byAccount map[digest]map[digest]time.Time // the last login by account and address, guarded by mu
}

func newHomes() *homes { return &homes{byAccount: map[digest]map[digest]time.Time{}} }

// has reports whether the account has been logged in to from the address.
func (h *homes) has(account, address digest) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	last, ok := h.byAccount[account][address]
	return ok && time.Since(last) < homeLasts
}

// add notes a login and reports whether it is the first from there.
func (h *homes) add(account, address digest, at time.Time) (first bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.byAccount[account] == nil {
		h.byAccount[account] = map[digest]time.Time{}
	}
	addresses := h.byAccount[account]
	last, known := addresses[address]
	if at.After(last) {
		addresses[address] = at
	}
	if len(addresses) > maxHomes {
		delete(addresses, leastUsed(addresses))
	}
	return !known || at.Sub(last) >= homeLasts
}

func leastUsed(addresses map[digest]time.Time) (least digest) {
	var at time.Time
	for address, last := range addresses {
		if least == "" || last.Before(at) {
			least, at = address, last
		}
	}
	return least
}
