package auth

import (
	"sync"
	"time"
)

const (
	// maxKnownAddresses limits the addresses stored for an account. The one with the oldest login
	// is evicted.
	maxKnownAddresses = 16
	// knownAddressLifetime is how long an address stays known after the last login from it.
	knownAddressLifetime = 90 * 24 * time.Hour
)

// knownAddresses stores the addresses from which users have logged in. It is safe for concurrent
// use.
//
// It is no LRU cache: snapshots add logins in any order, and the oldest login is evicted.
type knownAddresses struct {
	mu        sync.Mutex
	byAccount map[hashedName]map[hashedName]time.Time // last login by address, guarded by mu
}

func newKnownAddresses() *knownAddresses {
	return &knownAddresses{byAccount: map[hashedName]map[hashedName]time.Time{}}
}

// contains reports whether the account has logged in from the address within its lifetime.
func (k *knownAddresses) contains(account, address hashedName) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	last, ok := k.byAccount[account][address]
	return ok && time.Since(last) < knownAddressLifetime
}

// add records a login and reports whether the address was not yet known.
func (k *knownAddresses) add(account, address hashedName, at time.Time) (isNew bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.byAccount[account] == nil {
		k.byAccount[account] = map[hashedName]time.Time{}
	}
	addresses := k.byAccount[account]
	last, known := addresses[address]
	if at.After(last) {
		addresses[address] = at
	}
	if len(addresses) > maxKnownAddresses {
		delete(addresses, oldestAddress(addresses))
	}
	return !known || at.Sub(last) >= knownAddressLifetime
}

func oldestAddress(addresses map[hashedName]time.Time) (oldest hashedName) {
	var at time.Time
	for address, last := range addresses {
		if oldest == "" || last.Before(at) {
			oldest, at = address, last
		}
	}
	return oldest
}
