package isp

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
)

// outcomesOfTwo returns the outcomes of two replicas.
func outcomesOfTwo(t *testing.T) (server *cachetest.Server, a, b *idempotency) {
	t.Helper()
	server = cachetest.StartServer(t)
	return server, openOutcomes(t, cachetest.Join(t, server.Config())), openOutcomes(t, cachetest.Join(t, server.Config()))
}

// storeKey is where the outcome of a key is in the store.
func storeKey(key string) string {
	return fmt.Sprintf("demo:value:once/%s/%x", onceAction, sha256.Sum256([]byte(key)))
}

func TestOnceOfTwoReplicas(t *testing.T) {
	t.Parallel()
	_, a, b := outcomesOfTwo(t)
	w, key := &countedWrite{lasts: 50 * time.Millisecond}, "key"
	first := make(chan *writeResult)
	go func() {
		got, _ := a.once(t.Context(), onceAction, &key, w.write)
		first <- got
	}()
	cachetest.Until(t, "the first write is under way", func() bool { return w.calls.Load() == 1 })
	wantOnce(t, b, key, w, sentTicket(1)) // once it is there
	if got := <-first; got == nil || got.ticketID != 1 || got.ticket == nil {
		t.Errorf("once = %+v, want ticket 1, fresh", got)
	}
	wantWriteCalls(t, w, 1)
	wantOnce(t, b, "another", w, writeResult{ticketID: 2, sent: true, ticket: &Ticket{}})
	wantOnce(t, a, "another", w, sentTicket(2))
}

func TestOnceTriesAgainElsewhereWhatWasNotSent(t *testing.T) {
	t.Parallel()
	_, a, b := outcomesOfTwo(t)
	key := "key"
	_, err := a.once(t.Context(), onceAction, &key, (&countedWrite{err: errNotSent}).write)
	wantErrorIs(t, "once", err, errNotSent)
	refused := writeResult{userErrors: []*UserError{{[]string{}, "the zone is full", CodeZoneTicketLimitReached}}}
	wantOnce(t, b, key, &countedWrite{outcome: &refused}, refused)
	wantOnce(t, a, key, &countedWrite{outcome: &writeResult{ticketID: 7, sent: true}}, sentTicket(7))
	wantOnce(t, b, key, &countedWrite{}, sentTicket(7))
}

func TestOnceAfterAReplicaThatDied(t *testing.T) {
	t.Parallel()
	_, a, b := outcomesOfTwo(t)
	breakOff(t, a, "key")
	w := &countedWrite{}
	for range 2 {
		wantOnce(t, b, "key", w, unknownOutcome)
	}
	wantWriteCalls(t, w, 0)
}

// A caller who leaves in the middle of a write leaves its outcome to the others.
func TestOnceOfACallerWhoLeft(t *testing.T) {
	t.Parallel()
	_, a, b := outcomesOfTwo(t)
	ctx, leave := context.WithCancel(t.Context())
	key := "key"
	got, err := a.once(ctx, onceAction, &key, func(_ context.Context, sending func()) (*writeResult, error) {
		sending()
		leave()
		return &writeResult{ticketID: 7, sent: true}, nil
	})
	if err != nil || got.ticketID != 7 {
		t.Errorf("once = %+v, %v, want ticket 7", got, err)
	}
	wantOnce(t, b, key, &countedWrite{}, sentTicket(7))
}

// What a process knew when its folder was saved the others may know better.
func TestOnceBelievesTheStoreAboutTheUnknown(t *testing.T) {
	t.Parallel()
	_, a, b := outcomesOfTwo(t)
	wantOnce(t, a, "key", &countedWrite{outcome: &writeResult{ticketID: 7, sent: true}}, sentTicket(7))
	name := strings.TrimPrefix(storeKey("key"), "demo:value:")
	b.records.Set(name, &idempotencyRecord{Began: momentOf(time.Now())})
	wantOnce(t, b, "key", &countedWrite{}, sentTicket(7))
	b.records.Set(name, &idempotencyRecord{Began: momentOf(time.Now())})
	if err := b.shared.Delete(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	wantOnce(t, b, "key", &countedWrite{}, unknownOutcome)
}

// A caller who has left must not take a key that was used for one that was not.
func TestOnceLooksInTheStoreForACallerWhoLeft(t *testing.T) {
	t.Parallel()
	_, a, b := outcomesOfTwo(t)
	wantOnce(t, a, "key", &countedWrite{outcome: &writeResult{ticketID: 7, sent: true}}, sentTicket(7))
	ended, leave := context.WithCancel(t.Context())
	leave()
	if got := b.recall(ended, strings.TrimPrefix(storeKey("key"), "demo:value:")); got == nil || got.TicketID != 7 {
		t.Errorf("recall = %+v after its context ended, want ticket 7", got)
	}
}

// Each replica goes on with what it did, or has been told, itself.
func TestOnceWithoutTheStore(t *testing.T) {
	t.Parallel()
	server, a, b := outcomesOfTwo(t)
	w := &countedWrite{outcome: &writeResult{ticketID: 7, sent: true}}
	wantOnce(t, a, "before", w, sentTicket(7))
	wantOnce(t, b, "before", w, sentTicket(7))
	wantWriteCalls(t, w, 1)
	server.Kill()
	for _, o := range []*idempotency{a, b} {
		wantOnce(t, o, "before", w, sentTicket(7))
	}
	for range 2 {
		wantOnce(t, a, "after", w, sentTicket(7))
	}
	wantWriteCalls(t, w, 2)
}

func TestOnceWhileTheStoreIsLost(t *testing.T) {
	t.Parallel()
	server, a, _ := outcomesOfTwo(t)
	key := "key"
	for range 2 {
		got, err := a.once(t.Context(), onceAction, &key, func(_ context.Context, sending func()) (*writeResult, error) {
			sending()
			server.Kill()
			return &writeResult{ticketID: 7, sent: true}, nil
		})
		if err != nil || got.ticketID != 7 {
			t.Errorf("once = %+v, %v, want ticket 7", got, err)
		}
	}
}

func TestOnceInTheStore(t *testing.T) {
	t.Parallel()
	server, a, b := outcomesOfTwo(t)
	const lasts = 200 * time.Millisecond
	key := "a secret of the caller's"
	wantOnce(t, a, key, &countedWrite{lasts: lasts, outcome: &writeResult{ticketID: 7, sent: true}}, sentTicket(7))
	answer, err := server.Do("PTTL", storeKey(key))
	if err != nil {
		t.Fatal(err)
	}
	left, _ := strconv.Atoi(strings.TrimPrefix(answer, ":"))
	if left := time.Duration(left) * time.Millisecond; left > 24*time.Hour-lasts || left < 24*time.Hour-time.Minute {
		t.Errorf("the outcome is kept for %v, want what is left of 24 h since the write began", left)
	}
	if _, err := server.Do("SET", storeKey(key), "7"); err != nil {
		t.Fatal(err)
	}
	w := &countedWrite{}
	wantOnce(t, b, key, w, unknownOutcome) // what cannot be read was written by somebody
	wantOnce(t, a, key, w, sentTicket(7))
	wantWriteCalls(t, w, 0)
}
