package auth

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// freeAccountFailures and freeAddressFailures are the number of failures in a row from which
	// logins are delayed.
	freeAccountFailures = 5
	freeAddressFailures = 20
	// maxCounters limits the counters of unknown usernames and those of addresses. To evict one, an
	// attacker needs as many failed logins within the window, from a thousand addresses. Each of
	// them costs a compare, and the cores for compares are rationed.
	maxCounters = 1 << 15
)

// ErrTooManyAttempts is returned when the account or the address has failed too often, or when the
// login queue is full. It is always a [*TooManyAttemptsError].
var ErrTooManyAttempts = errors.New("too many login attempts")

// TooManyAttemptsError is an [ErrTooManyAttempts] with the time to wait.
type TooManyAttemptsError struct{ RetryAfter time.Duration }

// Error does not contain the username or the address.
func (e *TooManyAttemptsError) Error() string {
	return fmt.Sprintf("%v; retry in %s", ErrTooManyAttempts, e.RetryAfter)
}

// Is makes errors.Is(err, ErrTooManyAttempts) true.
func (e *TooManyAttemptsError) Is(target error) bool { return target == ErrTooManyAttempts }

// RetryAfter returns how long to wait after an [ErrTooManyAttempts], in whole seconds and at least
// one.
func RetryAfter(err error) time.Duration {
	wait := busyRetryAfter
	if tooMany := (*TooManyAttemptsError)(nil); errors.As(err, &tooMany) {
		wait = max(wait, tooMany.RetryAfter)
	}
	return (wait + time.Second - 1).Truncate(time.Second)
}

// throttle delays logins after failures, by account and by address. No account is locked for good.
// Only compared passwords count: a login that is refused because it has to wait adds no failure.
//
// Unknown usernames are delayed like users, so that delays do not reveal which users exist. They
// have counters of their own, so that a flood of them evicts no user's counter.
//
// An attacker who guesses at an account also delays its owner. The exception is an owner at a
// known address: the account has a separate counter for each known address. So an attacker can at
// most keep a user from logging in at a new address. An attacker who shares a known address, such
// as an office's, is delayed like any other.
//
// The counter of the address does not delay logins at a known address either. Otherwise a guest in
// the office could lock out all of its users.
type throttle struct {
	mu           sync.Mutex // guards the counters
	users        *backoff   // limited by the number of users and their known addresses
	unknownUsers *backoff
	addresses    *backoff
}

// attempt is what the throttle needs to know of a login.
type attempt struct {
	Account hashedName `json:"account"`
	Address hashedName `json:"address,omitempty"` // "" if the login has no address
	// CounterKey is the account's counter: the account, or its pair with a known address.
	CounterKey hashedName `json:"counted"`
	// Known says that there is such a user.
	Known bool `json:"user,omitempty"`
}

// atKnownAddress reports whether the account has logged in from the address before.
func (a attempt) atKnownAddress() bool { return a.CounterKey != a.Account }

func newThrottle() *throttle {
	return &throttle{
		users:        newBackoff(freeAccountFailures, unlimitedKeys),
		unknownUsers: newBackoff(freeAccountFailures, maxCounters),
		addresses:    newBackoff(freeAddressFailures, maxCounters),
	}
}

// wait returns how long the login has to wait, or zero.
func (t *throttle) wait(a attempt) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	wait := t.backoffOf(a).wait(a.CounterKey, now)
	if a.atKnownAddress() {
		return wait
	}
	return max(wait, t.addresses.wait(a.Address, now))
}

// recordFailure counts a login with a wrong password.
func (t *throttle) recordFailure(a attempt) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	t.backoffOf(a).add(a.CounterKey, now)
	if a.Address != "" {
		t.addresses.add(a.Address, now)
	}
}

// recordSuccess resets the account's counter, but not the address's. Otherwise an attacker with an
// account could reset it at will while guessing at others.
func (t *throttle) recordSuccess(a attempt) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.backoffOf(a).reset(a.CounterKey)
}

func (t *throttle) backoffOf(a attempt) *backoff {
	if a.Known {
		return t.users
	}
	return t.unknownUsers
}
