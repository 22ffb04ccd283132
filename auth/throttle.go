package auth

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// accountTries and addressTries are how many failures in a row cost no delay.
	accountTries = 5
	addressTries = 20
	// maxRemembered bounds how many names that are no user's, and how many addresses, are remembered. To flush one out takes
	// as many failed logins within the window, each of which costs a compare on cores that are rationed, from a thousand
	// addresses.
	maxRemembered = 1 << 15
)

// TooManyAttemptsError is an [ErrTooManyAttempts] that says when to come again.
type TooManyAttemptsError struct{ RetryAfter time.Duration }

// Error says nothing of who tried.
func (e *TooManyAttemptsError) Error() string {
	return fmt.Sprintf("%v, the next in %s", ErrTooManyAttempts, e.RetryAfter)
}

// Is makes errors.Is(err, ErrTooManyAttempts) true.
func (e *TooManyAttemptsError) Is(target error) bool { return target == ErrTooManyAttempts }

// RetryAfter returns when to come again after an [ErrTooManyAttempts], in whole seconds and at least one.
func RetryAfter(err error) time.Duration {
	wait := busyPause
	if held := (*TooManyAttemptsError)(nil); errors.As(err, &held) {
		wait = max(wait, held.RetryAfter)
	}
	return (wait + time.Second - 1).Truncate(time.Second)
}

// throttle holds up logins after failures, by account and by address. Nobody is locked out for good, and only logins that
// were compared count: to try while one has to wait changes nothing.
//
// Names that nobody has are held up like users, so that nothing shows which exist. They have a tally of their own, so that a
// flood of them pushes out no user's.
//
// Whoever guesses at an account makes its owner wait as well, unless the owner comes from an address that has logged in to
// this account before: there the account has a count of its own. So a stranger can at most keep a user from moving to a new
// address, and whoever shares a user's address, as behind the router of an office, cannot do more than guess as slowly as
// everybody. The address's own count does not hold up such a login either, for a guest of that router would lock out the office.
type throttle struct {
	mu        sync.Mutex // guards the tallies
	users     *tally     // bounded by their number and the addresses that each is at home
	strangers *tally
	addresses *tally
}

// try is one login as the throttle sees it.
type try struct {
	Account digest `json:"account"`
	Address digest `json:"address,omitempty"` // "" for nowhere
	// Counted is under what the account's failures are counted: the account, or the account at the address.
	Counted digest `json:"counted"`
	// User says that there is such an account.
	User bool `json:"user,omitempty"`
}

// atHome reports whether the account has been logged in to from the address before.
func (l try) atHome() bool { return l.Counted != l.Account }

func newThrottle() *throttle {
	return &throttle{
		users:     newTally(accountTries, 0),
		strangers: newTally(accountTries, maxRemembered),
		addresses: newTally(addressTries, maxRemembered),
	}
}

// wait returns how long the login has to wait; zero means go.
func (t *throttle) wait(l try) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	wait := t.accounts(l).wait(l.Counted, now)
	if l.atHome() {
		return wait
	}
	return max(wait, t.addresses.wait(l.Address, now))
}

// failed counts a login that was compared in vain.
func (t *throttle) failed(l try) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	t.accounts(l).add(l.Counted, now)
	if l.Address != "" {
		t.addresses.add(l.Address, now)
	}
}

// passed forgets the failures of the account. Those of the address stay: who has one account would else be free to try all.
func (t *throttle) passed(l try) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.accounts(l).reset(l.Counted)
}

func (t *throttle) accounts(l try) *tally {
	if l.User {
		return t.users
	}
	return t.strangers
}
