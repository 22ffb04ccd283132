package shared_test

import (
	"context"
	"crypto/rand"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

const ledgerName = "calls"

// replica is a ledger as one member uses it.
type replica struct {
	*shared.Ledger
	mu     sync.Mutex // guards member
	member shared.Member
}

func newReplica(l *shared.Ledger) *replica {
	return &replica{Ledger: l, member: shared.Member{Name: rand.Text(), Shares: 1}}
}

// openLedger returns the ledger of a new replica.
func openLedger(t *testing.T, server *cachetest.Server, minute, hour time.Duration) (*shared.Store, *replica) {
	t.Helper()
	s := cachetest.Join(t, server.Config())
	r := newReplica(s.Ledger(ledgerName, minute, hour))
	merge(t, r, nil)
	return s, r
}

func (r *replica) self() shared.Member {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.member
}

func (r *replica) apply(view shared.View) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.member.Known, r.member.Shares = view.Known, view.Shares
}

// enter enters a call for which both limits are the same as for all calls.
func (r *replica) enter(ctx context.Context, id string, minute, hour int) (wait time.Duration, err error) {
	_, wait, err = r.Enter(ctx, r.self(), shared.Entry{
		ID: id, Minute: minute, Hour: hour, MinuteLimit: minute, HourLimit: hour,
	})
	return wait, err
}

func wantEntered(t *testing.T, r *replica, id string, minute, hour int) {
	t.Helper()
	if wait, err := r.enter(t.Context(), id, minute, hour); err != nil || wait != 0 {
		t.Errorf("Enter(%q, %d, %d) = %v, %v, want 0, nil", id, minute, hour, wait, err)
	}
}

// wantRefused returns how long a refused call must wait.
func wantRefused(t *testing.T, r *replica, minute, hour int, least, most time.Duration) time.Duration {
	t.Helper()
	wait, err := r.enter(t.Context(), "refused", minute, hour)
	if err != nil || wait <= 0 || wait < least || wait > most {
		t.Errorf("Enter(%d, %d) = %v, %v, want a wait of %v to %v", minute, hour, wait, err, least, most)
	}
	return wait
}

func merge(t *testing.T, r *replica, calls map[string]time.Duration) map[string]time.Duration {
	t.Helper()
	view, err := r.Merge(t.Context(), r.self(), calls)
	if err != nil {
		t.Fatalf("Merge = %v", err)
	}
	r.apply(view)
	return view.Calls
}

// confirm makes r get all calls, and say so.
func confirm(t *testing.T, r *replica) {
	t.Helper()
	for range 2 {
		view, err := r.Sync(t.Context(), r.self())
		if err != nil {
			t.Fatalf("Sync = %v", err)
		}
		r.apply(view)
	}
}
