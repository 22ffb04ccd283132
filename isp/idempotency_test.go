package isp

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/cache/shared"
)

// onceAction is the action whose writes the tests count.
const onceAction = "createTicket"

var errNotSent = errors.New("not sent")

func wantNoLocks(t *testing.T, locks *shared.Mutexes) {
	t.Helper()
	if n := locks.Len(); n > 0 {
		t.Errorf("Len() = %d names locked, want 0", n)
	}
}

// openOutcomes returns the outcomes of a replica; store is nil for one that is alone.
func openOutcomes(t *testing.T, store *shared.Store) *idempotency {
	t.Helper()
	cfg := configuration(slog.New(slog.DiscardHandler))
	cfg.Shared = store
	o := newIdempotency(cfg, shared.NewMutexes(store))
	t.Cleanup(o.records.Close)
	return o
}

// countedWrite is a write that takes a while. It creates ticket 1, then 2 and so on, unless it has an outcome or an error.
type countedWrite struct {
	lasts   time.Duration
	outcome *writeResult
	err     error
	calls   atomic.Int64
}

func (w *countedWrite) write(_ context.Context, sending func()) (*writeResult, error) {
	call := w.calls.Add(1)
	sending()
	time.Sleep(w.lasts)
	if w.outcome != nil || w.err != nil {
		return w.outcome, w.err
	}
	return &writeResult{ticketID: int(call), sent: true, ticket: &Ticket{}}, nil
}

func wantWriteCalls(t *testing.T, w *countedWrite, want int64) {
	t.Helper()
	if got := w.calls.Load(); got != want {
		t.Errorf("%d writes, want %d", got, want)
	}
}

// wantOnce gives the key to a write and fails the test unless the outcome is want.
func wantOnce(t *testing.T, o *idempotency, key string, w *countedWrite, want writeResult) {
	t.Helper()
	got, err := o.once(t.Context(), onceAction, &key, w.write)
	if err != nil || !reflect.DeepEqual(*got, want) {
		t.Errorf("once(%q) = %+v, %v, want %+v", key, got, err, want)
	}
}

// sentTicket is the outcome of a write that created the ticket, as it is remembered.
func sentTicket(id int) writeResult { return writeResult{ticketID: id, sent: true} }

var unknownOutcome = writeResult{unknown: true, sent: true}

func TestOnceRemembersWhatWasSent(t *testing.T) {
	t.Parallel()
	refused := []*UserError{{[]string{"input", "phone"}, "is none", CodeNotApplied}, {[]string{}, "full", CodeZoneTicketLimitReached}}
	for name, test := range map[string]struct {
		first      *writeResult
		err        error
		remembered bool
	}{
		"a ticket":           {&writeResult{ticketID: 7, sent: true, ticket: &Ticket{}}, nil, true},
		"nothing to tell":    {&writeResult{sent: true}, nil, true},
		"refused upstream":   {&writeResult{sent: true, userErrors: refused}, nil, true},
		"partly applied":     {&writeResult{ticketID: 7, sent: true, userErrors: refused}, nil, true},
		"unknown":            {&writeResult{unknown: true, sent: true}, nil, true},
		"unknown, of ticket": {&writeResult{ticketID: 7, unknown: true, sent: true}, nil, true},
		"refused before":     {&writeResult{userErrors: refused}, nil, false},
		"failed":             {nil, errNotSent, false},
		"failed with more":   {&writeResult{sent: true}, errNotSent, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, w := openOutcomes(t, nil), &countedWrite{outcome: test.first, err: test.err}
			key := "key"
			if got, err := o.once(t.Context(), onceAction, &key, w.write); got != test.first || !errors.Is(err, test.err) {
				t.Errorf("once = %+v, %v, want %+v, %v", got, err, test.first, test.err)
			}
			if !test.remembered {
				wantOnce(t, o, key, &countedWrite{}, writeResult{ticketID: 1, sent: true, ticket: &Ticket{}})
				return
			}
			again := *test.first
			again.ticket = nil
			for range 2 {
				wantOnce(t, o, key, w, again)
			}
			wantWriteCalls(t, w, 1)
		})
	}
}

func TestOnceIsOfActionAndKey(t *testing.T) {
	t.Parallel()
	o, w := openOutcomes(t, nil), &countedWrite{}
	keys := []string{"", "a", "b", "createTicket/a", "\xff"}
	for range 3 {
		for i := range keys {
			for _, action := range []string{onceAction, "answerTicket"} {
				if got, err := o.once(t.Context(), action, &keys[i], w.write); err != nil || !got.sent {
					t.Errorf("once = %+v, %v", got, err)
				}
			}
		}
	}
	wantWriteCalls(t, w, 10)
	for range 3 {
		if got, err := o.once(t.Context(), onceAction, nil, w.write); err != nil || got.ticket == nil {
			t.Errorf("once without a key = %+v, %v, want a write", got, err)
		}
	}
	wantWriteCalls(t, w, 13)
	wantNoLocks(t, o.locks)
}

// The hours count from when the write began, however long it took.
func TestOnceStandsFor24Hours(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, w := openOutcomes(t, nil), &countedWrite{lasts: time.Hour, outcome: &writeResult{ticketID: 7, sent: true}}
		wantOnce(t, o, "key", w, sentTicket(7))
		time.Sleep(23*time.Hour - time.Nanosecond)
		wantOnce(t, o, "key", w, sentTicket(7))
		wantWriteCalls(t, w, 1)
		time.Sleep(time.Nanosecond)
		wantOnce(t, o, "key", w, sentTicket(7))
		wantWriteCalls(t, w, 2)
	})
}

func TestOnceOfTwoAtTheSameTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, w := openOutcomes(t, nil), &countedWrite{lasts: 5 * time.Second}
		key, began, fresh := "key", time.Now(), 0
		var callers sync.WaitGroup
		var mu sync.Mutex // guards fresh
		for range 10 {
			callers.Go(func() {
				got, err := o.once(t.Context(), onceAction, &key, w.write)
				if err != nil || got.ticketID != 1 || time.Since(began) != w.lasts {
					t.Errorf("once = %+v, %v after %v, want ticket 1 after %v", got, err, time.Since(began), w.lasts)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if got.ticket != nil {
					fresh++
				}
			})
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if got, err := o.once(ctx, onceAction, &key, w.write); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("once = %+v, %v for who leaves, want %v", got, err, context.DeadlineExceeded)
		}
		callers.Wait()
		wantWriteCalls(t, w, 1)
		if fresh != 1 {
			t.Errorf("%d callers have the fresh ticket, want the first", fresh)
		}
		wantNoLocks(t, o.locks)
	})
}

// Of two at the same time the second does what the first was kept from.
func TestOnceAfterAnotherThatSentNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, failing := openOutcomes(t, nil), &countedWrite{lasts: time.Second, err: errNotSent}
		key := "key"
		first := make(chan error)
		go func() {
			_, err := o.once(t.Context(), onceAction, &key, failing.write)
			first <- err
		}()
		synctest.Wait()
		second := make(chan *writeResult)
		go func() {
			got, _ := o.once(t.Context(), onceAction, &key, (&countedWrite{}).write)
			second <- got
		}()
		wantErrorIs(t, "once", <-first, errNotSent)
		if got := <-second; got.ticketID != 1 {
			t.Errorf("once = %+v, want the second to write", got)
		}
	})
}

// Whoever was interrupted may have sent it.
func TestOnceAfterAPanic(t *testing.T) {
	t.Parallel()
	o, w := openOutcomes(t, nil), &countedWrite{}
	breakOff(t, o, "key")
	wantOnce(t, o, "key", w, unknownOutcome)
	wantWriteCalls(t, w, 0)
	wantNoLocks(t, o.locks)
}

// breakOff gives the key to a write that panics.
func breakOff(t *testing.T, o *idempotency, key string) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Error("once returned, want the panic of the write")
		}
	}()
	_, _ = o.once(t.Context(), onceAction, &key, func(_ context.Context, sending func()) (*writeResult, error) { sending(); panic("in the middle") })
}

func TestOnceReturnsCopies(t *testing.T) {
	t.Parallel()
	o := openOutcomes(t, nil)
	w := &countedWrite{outcome: &writeResult{sent: true, userErrors: []*UserError{{[]string{"input"}, "is wrong", CodeRefused}}}}
	key := "key"
	for range 3 {
		got, err := o.once(t.Context(), onceAction, &key, w.write)
		if err != nil || got.userErrors[0].Message != "is wrong" || got.userErrors[0].Field[0] != "input" {
			t.Fatalf("once = %+v, %v, want it as it was", got.userErrors[0], err)
		}
		got.userErrors[0].Field[0], got.userErrors[0].Message = "changed", "by the caller"
	}
}

// A process that dies in the middle of a write, and one that does not.
func TestOnceOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		folder, err := cache.OpenFolder(t.TempDir(), "demo")
		if err != nil {
			t.Fatal(err)
		}
		before := openOutcomes(t, nil)
		wantOnce(t, before, "old", &countedWrite{lasts: time.Hour, outcome: &writeResult{ticketID: 6, sent: true}}, sentTicket(6))
		time.Sleep(22 * time.Hour)
		sent := writeResult{ticketID: 7, sent: true, userErrors: []*UserError{{[]string{"input", "status"}, "is the same", CodeNotApplied}}}
		wantOnce(t, before, "sent", &countedWrite{outcome: &sent}, sent)
		breakOff(t, before, "key")
		if _, err := before.records.Save(folder, 0); err != nil {
			t.Fatalf("Save = %v", err)
		}
		time.Sleep(30 * time.Minute)

		o, w := openOutcomes(t, nil), &countedWrite{outcome: &writeResult{ticketID: 8, sent: true}}
		if n, err := o.records.Restore(folder); n != 3 || err != nil {
			t.Fatalf("Restore = %d, %v, want 3 outcomes", n, err)
		}
		wantOnce(t, o, "old", w, sentTicket(6))
		wantOnce(t, o, "sent", w, sent)
		wantOnce(t, o, "key", w, unknownOutcome)
		wantWriteCalls(t, w, 0)
		time.Sleep(30 * time.Minute)
		wantOnce(t, o, "old", w, sentTicket(8))
		wantOnce(t, o, "sent", w, sent)
		wantWriteCalls(t, w, 1)
	})
}
