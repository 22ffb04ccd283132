package isp

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/cache"
)

func TestIdempotency_RecordsWhatWasSent(t *testing.T) {
	t.Parallel()
	wrong := []*UserError{{[]string{"input", "phone"}, "is none", CodeNotApplied}, {[]string{}, "full", CodeZoneTicketLimitReached}}
	for name, test := range map[string]struct {
		write    *countedWrite
		recorded bool
	}{
		"a ticket":           {&countedWrite{result: &writeResult{ticketID: 7, ticket: &Ticket{}}}, true},
		"an empty result":    {&countedWrite{result: &writeResult{}}, true},
		"refused upstream":   {&countedWrite{result: &writeResult{userErrors: wrong}}, true},
		"partly applied":     {&countedWrite{result: &writeResult{ticketID: 7, userErrors: wrong}}, true},
		"unknown":            {&countedWrite{result: &writeResult{unknown: true}}, true},
		"unknown, of ticket": {&countedWrite{result: &writeResult{ticketID: 7, unknown: true}}, true},
		"refused before":     {&countedWrite{refused: true, result: &writeResult{userErrors: wrong}}, false},
		"failed":             {&countedWrite{err: errNotSent}, false},
		"failed with more":   {&countedWrite{result: &writeResult{}, err: errNotSent}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i, w, key := openIdempotency(t, nil), test.write, "key"
			if got, err := once(t.Context(), i, testAction, &key, w.write); got != w.result || !errors.Is(err, w.err) {
				t.Errorf("once = %+v, %v, want %+v, %v", got, err, w.result, w.err)
			}
			if !test.recorded {
				wantOnce(t, i, key, &countedWrite{}, writeResult{ticketID: 1, ticket: &Ticket{}})
				return
			}
			again := *w.result
			again.ticket = nil
			for range 2 {
				wantOnce(t, i, key, w, again)
			}
			wantWriteCalls(t, w, 1)
		})
	}
}

func TestIdempotency_KeyBelongsToItsActionAndOwner(t *testing.T) {
	t.Parallel()
	i, w := openIdempotency(t, nil), &countedWrite{}
	keys := []string{"", "a", "b", "createTicket/a", "\xff"}
	for range 3 {
		for n := range keys {
			for _, action := range []string{testAction, "answerTicket"} {
				if _, err := once(t.Context(), i, action, &keys[n], w.write); err != nil {
					t.Errorf("once(%q) = %v", keys[n], err)
				}
			}
		}
	}
	wantWriteCalls(t, w, 10)
	for range 3 {
		if got, err := once(t.Context(), i, testAction, nil, w.write); err != nil || got.ticket == nil {
			t.Errorf("once without a key = %+v, %v, want a write", got, err)
		}
	}
	wantWriteCalls(t, w, 13)
	if a, b := recordName(testAction, "ana", "key"), recordName(testAction, "luis", "key"); a == b {
		t.Errorf("recordName = %q for two owners of the same key, want two names", a)
	}
	wantNoLocks(t, i.locks)
}

// The 24 hours count from the start of the write, however long it took.
func TestIdempotency_KeyIsValidFor24Hours(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i, w := openIdempotency(t, nil), &countedWrite{lasts: time.Hour, result: &writeResult{ticketID: 7}}
		wantOnce(t, i, "key", w, createdTicket(7))
		time.Sleep(23*time.Hour - time.Nanosecond)
		wantOnce(t, i, "key", w, createdTicket(7))
		wantWriteCalls(t, w, 1)
		time.Sleep(time.Nanosecond)
		wantOnce(t, i, "key", w, createdTicket(7))
		wantWriteCalls(t, w, 2)
	})
}

func TestIdempotency_SecondCallWaitsForTheFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i, w := openIdempotency(t, nil), &countedWrite{lasts: 5 * time.Second}
		key, began, fresh := "key", time.Now(), 0
		var callers sync.WaitGroup
		var mu sync.Mutex // guards fresh
		for range 10 {
			callers.Go(func() {
				got, err := once(t.Context(), i, testAction, &key, w.write)
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
		if got, err := once(ctx, i, testAction, &key, w.write); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("once = %+v, %v for a caller who leaves, want %v", got, err, context.DeadlineExceeded)
		}
		callers.Wait()
		wantWriteCalls(t, w, 1)
		if fresh != 1 {
			t.Errorf("%d callers have the ticket that was read back, want only the first", fresh)
		}
		wantNoLocks(t, i.locks)
	})
}

// If the first of two calls sends nothing, the second one writes.
func TestIdempotency_SecondCallWritesAfterAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i, failing := openIdempotency(t, nil), &countedWrite{lasts: time.Second, err: errNotSent}
		key := "key"
		first := make(chan error)
		go func() {
			_, err := once(t.Context(), i, testAction, &key, failing.write)
			first <- err
		}()
		synctest.Wait()
		second := make(chan *writeResult)
		go func() {
			got, _ := once(t.Context(), i, testAction, &key, (&countedWrite{}).write)
			second <- got
		}()
		wantErrorIs(t, "once", <-first, errNotSent)
		if got := <-second; got.ticketID != 1 {
			t.Errorf("once = %+v, want the second to write", got)
		}
	})
}

// A write that panicked may have been sent.
func TestIdempotency_PanicLeavesTheOutcomeUnknown(t *testing.T) {
	t.Parallel()
	i, w := openIdempotency(t, nil), &countedWrite{}
	breakOff(t, i, "key")
	wantOnce(t, i, "key", w, unknownResult)
	wantWriteCalls(t, w, 0)
	wantNoLocks(t, i.locks)
}

func TestIdempotency_ReturnsCopies(t *testing.T) {
	t.Parallel()
	i := openIdempotency(t, nil)
	w := &countedWrite{result: &writeResult{userErrors: []*UserError{{[]string{"input"}, "is wrong", CodeRefused}}}}
	key := "key"
	for range 3 {
		got, err := once(t.Context(), i, testAction, &key, w.write)
		if err != nil || got.userErrors[0].Message != "is wrong" || got.userErrors[0].Field[0] != "input" {
			t.Fatalf("once = %+v, %v, want the first result", got.userErrors[0], err)
		}
		got.userErrors[0].Field[0], got.userErrors[0].Message = "changed", "by the caller"
	}
}

// One process dies during a write, and the next one restores its records.
func TestIdempotency_OutlivesTheProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		folder, err := cache.OpenFolder(t.TempDir(), "demo")
		if err != nil {
			t.Fatal(err)
		}
		before := openIdempotency(t, nil)
		wantOnce(t, before, "old", &countedWrite{lasts: time.Hour, result: &writeResult{ticketID: 6}}, createdTicket(6))
		time.Sleep(22 * time.Hour)
		sent := writeResult{ticketID: 7, userErrors: []*UserError{{[]string{"input", "status"}, "is the same", CodeNotApplied}}}
		wantOnce(t, before, "sent", &countedWrite{result: &sent}, sent)
		breakOff(t, before, "key")
		if _, err := before.records.Save(folder, 0); err != nil {
			t.Fatalf("Save = %v", err)
		}
		time.Sleep(30 * time.Minute)

		i, w := openIdempotency(t, nil), &countedWrite{result: &writeResult{ticketID: 8}}
		if n, err := i.records.Restore(folder); n != 3 || err != nil {
			t.Fatalf("Restore = %d, %v, want 3 records", n, err)
		}
		wantOnce(t, i, "old", w, createdTicket(6))
		wantOnce(t, i, "sent", w, sent)
		wantOnce(t, i, "key", w, unknownResult)
		wantWriteCalls(t, w, 0)
		time.Sleep(30 * time.Minute)
		wantOnce(t, i, "old", w, createdTicket(8))
		wantOnce(t, i, "sent", w, sent)
		wantWriteCalls(t, w, 1)
	})
}
