package auth

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// maxQueuedKnown and maxQueuedUnknown limit the logins that wait for a core to compare their
	// password. Logins from an address known to the account have a waitlist of their own, which an
	// attacker elsewhere cannot fill. A compare takes a quarter of a second, so one core serves
	// both full waitlists within maxLoginWait.
	maxQueuedKnown   = 8
	maxQueuedUnknown = 24
	// maxQueuedPerAddress limits the places of one address in each waitlist.
	maxQueuedPerAddress = 2
	maxLoginWait        = 10 * time.Second
	// busyRetryAfter is the delay suggested to a login that found the queue full.
	busyRetryAfter = time.Second
)

var errBusy = &TooManyAttemptsError{RetryAfter: busyRetryAfter}

// loginQueue lets a few logins run at once, queues some more and rejects the rest.
type loginQueue struct {
	running chan struct{} // waiting senders are served in order of arrival
	known   *waitlist     // for addresses known to the account
	unknown *waitlist
}

func newLoginQueue(running, known, unknown int) loginQueue {
	return loginQueue{
		running: make(chan struct{}, running), known: newWaitlist(known), unknown: newWaitlist(unknown),
	}
}

// acquire waits until the login may run. If it returns nil, release must be called.
func (q loginQueue) acquire(ctx context.Context, a attempt) error {
	select {
	case q.running <- struct{}{}: // possible only when no login waits
		return nil
	default:
	}
	list := q.unknown
	if a.atKnownAddress() {
		list = q.known
	}
	if !list.join(a.Address) {
		return errBusy
	}
	defer list.leave(a.Address)
	ctx, cancel := context.WithTimeoutCause(ctx, maxLoginWait, errBusy)
	defer cancel()
	select {
	case q.running <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait to log in: %w", context.Cause(ctx))
	}
}

func (q loginQueue) release() { <-q.running }

// waitlist counts the logins that wait. It is safe for concurrent use.
type waitlist struct {
	mu        sync.Mutex
	free      int                // guarded by mu
	byAddress map[hashedName]int // places taken, guarded by mu
}

func newWaitlist(size int) *waitlist {
	return &waitlist{free: size, byAddress: map[hashedName]int{}}
}

// join takes a place and reports whether one was free. If it returns true, leave must be called.
func (w *waitlist) join(address hashedName) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.free == 0 || address != "" && w.byAddress[address] >= maxQueuedPerAddress {
		return false
	}
	w.free--
	w.byAddress[address]++
	return true
}

func (w *waitlist) leave(address hashedName) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.free++
	if w.byAddress[address]--; w.byAddress[address] == 0 {
		delete(w.byAddress, address)
	}
}
