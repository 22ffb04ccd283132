package shared_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
	"wisphub-graphql/wisphub/ratelimit"
)

// enterAll enters calls of its own until one is refused, and returns how many were entered.
func enterAll(t *testing.T, r *replica, prefix string, limit int) int {
	t.Helper()
	for entered := 0; ; entered++ {
		wait, err := r.enter(t.Context(), fmt.Sprint(r.self().Name, prefix, entered), limit, 1000)
		if err != nil {
			t.Fatalf("Enter = %v", err)
		}
		if wait > 0 {
			return entered
		}
	}
}

// A replica may be cut off at any time and go on with its half of what was left. So the other one
// gets the second half only after the first has confirmed the calls that reduce it.
func Test14_7_Ledger_LeavesEachReplicaItsShare(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	_, a := openLedger(t, server, time.Minute, time.Hour)
	_, b := openLedger(t, server, time.Minute, time.Hour)
	confirm(t, a) // it adopts two shares
	confirm(t, b)
	for i, want := range []int{30, 15, 7, 4, 2, 1, 1, 0} {
		if got := enterAll(t, b, fmt.Sprintf("%c", 'a'+i), 60); got != want {
			t.Errorf("in round %d, %d calls were entered, want %d", i, got, want)
		}
		confirm(t, a)
	}
}

// A new replica sends nothing until the others have reduced their shares. One that quits no longer
// counts, and one that was killed does.
func Test14_7_Ledger_Shares(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	_, a := openLedger(t, server, time.Minute, time.Hour)
	time.Sleep(5100 * time.Millisecond) // all members of an earlier ledger would be back
	confirm(t, a)
	_, b := openLedger(t, server, time.Minute, time.Hour)
	if got := b.self().Shares; got != 0 {
		t.Errorf("a new replica has %d shares, want 0 while the other one may use the whole limit", got)
	}
	if wait, err := b.enter(t.Context(), "new", 60, 1000); wait <= 0 || err != nil {
		t.Errorf("Enter of a new replica = %v, %v, want a wait", wait, err)
	}
	confirm(t, a)
	confirm(t, b)
	if a, b := a.self().Shares, b.self().Shares; a != 2 || b != 2 {
		t.Errorf("the replicas have %d and %d shares, want 2", a, b)
	}
	if err := b.Quit(t.Context(), b.self()); err != nil {
		t.Errorf("Quit = %v", err)
	}
	confirm(t, a)
	if got := a.self().Shares; got != 1 {
		t.Errorf("the other one quit, and %d shares are left, want 1", got)
	}
}

// Replicas that are killed one after the other leave at least half of the limit.
func Test14_7_Ledger_CrashLoop(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	_, a := openLedger(t, server, time.Minute, time.Hour)
	for range 10 {
		openLedger(t, server, time.Minute, time.Hour) // and is not heard of again
	}
	time.Sleep(5100 * time.Millisecond)
	confirm(t, a)
	_, b := openLedger(t, server, time.Minute, time.Hour)
	confirm(t, a)
	confirm(t, b)
	for name, r := range map[string]*replica{"old": a, "new": b} {
		if got := r.self().Shares; got != 4 {
			t.Errorf("the %s replica has %d shares, want 4: two live ones have half", name, got)
		}
	}
}

// After a flush every replica has to merge. The first one puts back the calls, and those replicas
// that it knew.
func Test14_7_Ledger_Flush(t *testing.T) {
	t.Parallel()
	for name, flush := range map[string][]string{
		"all keys": {"FLUSHALL"}, "the calls": {"DEL", cachetest.Namespace + ":calls:" + ledgerName},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := cachetest.StartServer(t)
			_, a := openLedger(t, server, time.Minute, time.Hour)
			_, b := openLedger(t, server, time.Minute, time.Hour)
			confirm(t, a)
			confirm(t, b)
			if got := enterAll(t, a, "x", 60); got != 30 {
				t.Fatalf("%d calls were entered, want 30", got)
			}
			server.Do(flush...)
			wantEnterLost(t, a)
			if _, err := a.Sync(t.Context(), a.self()); !errors.Is(err, shared.ErrStoreLost) {
				t.Errorf("Sync after a flush = %v, want %v", err, shared.ErrStoreLost)
			}
			calls := map[string]time.Duration{}
			for i := range 30 {
				calls[fmt.Sprint(a.self().Name, "x", i)] = time.Second
			}
			before := a.self()
			for range 2 { // the first answer may be lost
				view, err := a.Merge(context.Background(), before, calls)
				if err != nil || !view.Fresh || len(view.Calls) != 30 || view.Shares != 2 {
					t.Errorf("Merge = %d calls, fresh %v, %d shares, %v, want 30, true, 2", len(view.Calls), view.Fresh, view.Shares, err)
				}
				a.apply(view)
			}
			if got := enterAll(t, a, "y", 60); got != 0 {
				t.Errorf("%d calls were entered before the other replica was back, want 0", got)
			}
			wantEnterLost(t, b)
			merge(t, b, nil)
			confirm(t, b)
			if got := enterAll(t, a, "z", 60); got != 15 {
				t.Errorf("%d calls were entered after the other replica was back, want 15", got)
			}
		})
	}
}

var _ ratelimit.Log = (*shared.Ledger)(nil)
