package wisphub

import (
	"context"
	"errors"
	"sync/atomic"

	"wisphub-graphql/wisphub/ratelimit"
)

// ErrOtherProvider: the key belongs to another provider than the one before, so that nothing is
// sent with it. Such an [*Error] is [ErrForbidden] too.
var ErrOtherProvider = errors.New("key of another provider")

// keyCheck is the check of a key that replaced another one. Until it has passed, no other call is
// sent with the key.
type keyCheck struct {
	key     string
	running chan struct{} // has room for one: the caller that checks
	passed  bool          // guarded by running
	err     error         // of the last check; guarded by running
	left    bool          // the last checking caller left before the answer; guarded by running
	ended   atomic.Int64  // the number of checks
}

// checking marks the context of the calls that a check makes.
type checking struct{}

func isChecking(ctx context.Context) bool { return ctx.Value(checking{}) != nil }

// replaceKey makes key the current one, and lets it be checked before it is used.
func (a *API) replaceKey(key string) {
	a.replacing.Lock()
	defer a.replacing.Unlock()
	if a.onCompany != nil && key != a.keyRing.current() {
		a.keyCheck.Store(&keyCheck{key: key, running: make(chan struct{}, 1)})
	}
	a.keyRing.set(key)
}

// currentKey waits while the key and its check are replaced.
func (a *API) currentKey() string {
	a.replacing.RLock()
	defer a.replacing.RUnlock()
	return a.keyRing.current()
}

// admit returns once the current key may be used. The first caller after a change of the key reads
// its company; the others wait for the result.
func (a *API) admit(ctx context.Context, c *call) error {
	for !isChecking(ctx) {
		check := a.keyCheck.Load()
		if check == nil {
			return nil
		}
		if err := a.await(ctx, c, check); err != nil || a.keyCheck.Load() == nil {
			return err
		}
	}
	return nil
}

// await returns the result of a check. The first caller makes it.
func (a *API) await(ctx context.Context, c *call, check *keyCheck) error {
	before := check.ended.Load()
	select {
	case check.running <- struct{}{}:
		defer func() { <-check.running }()
	case <-ctx.Done():
		return c.transportError(ctx, ctx.Err())
	}
	final := check.passed || errors.Is(check.err, ErrOtherProvider)
	// A caller that waited shares the result, unless the checking caller left.
	if waited := check.ended.Load() != before; final || waited && !check.left {
		return check.err
	}
	check.err = a.checkKey(context.WithValue(ctx, checking{}, true), c, check.key)
	check.passed = check.err == nil
	check.left = !check.passed && ctx.Err() != nil
	check.ended.Add(1)
	if check.passed {
		a.keyCheck.CompareAndSwap(check, nil)
	}
	return check.err
}

// checkKey reads the company of the key and asks the owner of the API about it.
func (a *API) checkKey(ctx context.Context, c *call, key string) error {
	if a.currentKey() != key {
		return nil // the check of the next key decides
	}
	// All other calls wait for this one, whatever the caller's priority.
	ctx = ratelimit.WithPriority(ctx, func() ratelimit.Priority { return ratelimit.PriorityWrite })
	company, err := a.ReadCompany(ctx)
	if a.currentKey() != key {
		return nil
	}
	if err == nil && a.onCompany(key, company) != nil {
		return &Error{Call: c.String(), Detail: "nothing is sent with it", kind: ErrForbidden, cause: ErrOtherProvider}
	}
	return err
}

// usableKey returns the current key for a call that is about to be sent. It fails if the key was
// replaced while the call waited for the budget, and was not checked yet.
func (a *API) usableKey(ctx context.Context, c *call) (string, error) {
	a.replacing.RLock()
	defer a.replacing.RUnlock()
	if a.keyCheck.Load() != nil && !isChecking(ctx) {
		return "", &Error{Call: c.String(), Detail: "the key was just replaced", kind: ErrUnavailable, cause: errNotSent}
	}
	return a.keyRing.current(), nil
}
