package isp

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
)

// openTwoReplicas returns the records of two replicas.
func openTwoReplicas(t *testing.T) (server *cachetest.Server, a, b *idempotency) {
	t.Helper()
	server = cachetest.StartServer(t)
	return server, openIdempotency(t, cachetest.Join(t, server.Config())), openIdempotency(t, cachetest.Join(t, server.Config()))
}

// storeKey returns the name under which the store has the record of a key.
func storeKey(key string) string { return "demo:value:" + recordName(testAction, "", key) }

func TestIdempotencyReplicas_ShareRecords(t *testing.T) {
	t.Parallel()
	_, a, b := openTwoReplicas(t)
	w, key := &countedWrite{lasts: 50 * time.Millisecond}, "key"
	first := make(chan *writeResult)
	go func() {
		got, _ := once(t.Context(), a, testAction, &key, w.write)
		first <- got
	}()
	cachetest.Until(t, "the first write is running", func() bool { return w.calls.Load() == 1 })
	wantOnce(t, b, key, w, createdTicket(1)) // waits for the first
	if got := <-first; got == nil || got.ticketID != 1 || got.ticket == nil {
		t.Errorf("once = %+v, want ticket 1 as read back", got)
	}
	wantWriteCalls(t, w, 1)
	wantOnce(t, b, "another", w, writeResult{ticketID: 2, ticket: &Ticket{}})
	wantOnce(t, a, "another", w, createdTicket(2))
}

func TestIdempotencyReplicas_WriteWhatWasNotSent(t *testing.T) {
	t.Parallel()
	_, a, b := openTwoReplicas(t)
	key := "key"
	_, err := once(t.Context(), a, testAction, &key, (&countedWrite{err: errNotSent}).write)
	wantErrorIs(t, "once", err, errNotSent)
	full := writeResult{userErrors: []*UserError{{[]string{}, "the zone is full", CodeZoneTicketLimitReached}}}
	wantOnce(t, b, key, &countedWrite{refused: true, result: &full}, full)
	wantOnce(t, a, key, &countedWrite{result: &writeResult{ticketID: 7}}, createdTicket(7))
	wantOnce(t, b, key, &countedWrite{}, createdTicket(7))
}

func TestIdempotencyReplicas_DeathLeavesTheOutcomeUnknown(t *testing.T) {
	t.Parallel()
	_, a, b := openTwoReplicas(t)
	breakOff(t, a, "key")
	w := &countedWrite{}
	for range 2 {
		wantOnce(t, b, "key", w, unknownResult)
	}
	wantWriteCalls(t, w, 0)
}

// The result is recorded even if the caller leaves during the write.
func TestIdempotencyReplicas_CallerLeavesDuringTheWrite(t *testing.T) {
	t.Parallel()
	_, a, b := openTwoReplicas(t)
	ctx, leave := context.WithCancel(t.Context())
	key := "key"
	got, err := once(ctx, a, testAction, &key, func(_ context.Context, sending func() error) (*writeResult, error) {
		if err := sending(); err != nil {
			return nil, err
		}
		leave()
		return &writeResult{ticketID: 7}, nil
	})
	if err != nil || got.ticketID != 7 {
		t.Errorf("once = %+v, %v, want ticket 7", got, err)
	}
	wantOnce(t, b, key, &countedWrite{}, createdTicket(7))
}

// The store may know what was unknown when the process saved its folder.
func TestIdempotencyReplicas_StoreKnowsMoreThanMemory(t *testing.T) {
	t.Parallel()
	_, a, b := openTwoReplicas(t)
	wantOnce(t, a, "key", &countedWrite{result: &writeResult{ticketID: 7}}, createdTicket(7))
	name := recordName(testAction, "", "key")
	cachetest.Until(t, "the message of the first has arrived", func() bool { return b.loadLocal(name) != nil })
	b.records.Set(name, &idempotencyRecord{Began: momentOf(time.Now())})
	wantOnce(t, b, "key", &countedWrite{}, createdTicket(7))
	b.records.Set(name, &idempotencyRecord{Began: momentOf(time.Now())})
	if err := b.shared.Delete(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	wantOnce(t, b, "key", &countedWrite{}, unknownResult)
}

// A used key must not look unused to a caller who has left.
func TestIdempotencyReplicas_LoadIgnoresTheEndOfTheContext(t *testing.T) {
	t.Parallel()
	_, a, b := openTwoReplicas(t)
	wantOnce(t, a, "key", &countedWrite{result: &writeResult{ticketID: 7}}, createdTicket(7))
	ended, leave := context.WithCancel(t.Context())
	leave()
	if got, err := b.load(ended, recordName(testAction, "", "key")); err != nil || got == nil || got.TicketID != 7 {
		t.Errorf("load = %+v, %v after its context ended, want ticket 7", got, err)
	}
}

// wantRefused gives the key to a write and fails the test unless it is refused before it is sent.
func wantRefused(t *testing.T, i *idempotency, key string) {
	t.Helper()
	w := &countedWrite{}
	_, err := once(t.Context(), i, testAction, &key, w.write)
	fetch := (*FetchError)(nil)
	if !errors.Is(err, ErrNoExclusion) || !errors.Is(err, ErrUpstreamUnavailable) || !errors.As(err, &fetch) || fetch.RetryAfter <= 0 {
		t.Errorf("once(%q) = %v, want %v with the time until another try", key, err, ErrNoExclusion)
	}
	wantWriteCalls(t, w, 0)
}

// Without the store each replica has the records that it made or read before. Other keys cannot be
// shown to be unused.
func Test14_6_KeysWithoutTheStore(t *testing.T) {
	t.Parallel()
	server, a, b := openTwoReplicas(t)
	w := &countedWrite{result: &writeResult{ticketID: 7}}
	wantOnce(t, a, "before", w, createdTicket(7))
	wantOnce(t, b, "before", w, createdTicket(7))
	breakOff(t, a, "broken off")
	wantWriteCalls(t, w, 1)
	server.Kill()
	for _, i := range []*idempotency{a, b} {
		wantOnce(t, i, "before", w, createdTicket(7))
		wantRefused(t, i, "after")
	}
	if record, err := b.load(t.Context(), recordName(testAction, "", "after")); !errors.Is(err, ErrNoExclusion) {
		t.Errorf("load = %+v, %v without the store, want %v", record, err, ErrNoExclusion)
	}
	wantOnce(t, a, "broken off", w, unknownResult)
	wantRefused(t, b, "broken off")
	wantWriteCalls(t, w, 1)
	server.Restart()
	cachetest.Until(t, "both are back", func() bool { return a.shared.Up() && b.shared.Up() })
	wantOnce(t, b, "after", w, createdTicket(7))
	wantOnce(t, a, "after", w, createdTicket(7))
	wantWriteCalls(t, w, 2)
}

func TestIdempotencyReplicas_StoreIsLostDuringTheWrite(t *testing.T) {
	t.Parallel()
	server, a, _ := openTwoReplicas(t)
	key := "key"
	for range 2 {
		got, err := once(t.Context(), a, testAction, &key, func(_ context.Context, sending func() error) (*writeResult, error) {
			if err := sending(); err != nil {
				return nil, err
			}
			server.Kill()
			return &writeResult{ticketID: 7}, nil
		})
		if err != nil || got.ticketID != 7 {
			t.Errorf("once = %+v, %v, want ticket 7", got, err)
		}
	}
}

func TestIdempotencyReplicas_RecordInTheStore(t *testing.T) {
	t.Parallel()
	server, a, _ := openTwoReplicas(t)
	const lasts = 200 * time.Millisecond
	key := "a caller's secret"
	wantOnce(t, a, key, &countedWrite{lasts: lasts, result: &writeResult{ticketID: 7}}, createdTicket(7))
	if name := storeKey(key); strings.Contains(name, "secret") || !strings.HasPrefix(name, "demo:value:once/createTicket/") {
		t.Errorf("storeKey = %q, want a hash in place of the key", name)
	}
	answer, err := server.Do("PTTL", storeKey(key))
	if err != nil {
		t.Fatal(err)
	}
	left, _ := strconv.Atoi(strings.TrimPrefix(answer, ":"))
	if left := time.Duration(left) * time.Millisecond; left > 24*time.Hour-lasts || left < 24*time.Hour-time.Minute {
		t.Errorf("PTTL = %v, want what is left of 24 h since the write began", left)
	}
	if _, err := server.Do("SET", storeKey(key), "7"); err != nil {
		t.Fatal(err)
	}
	b, w := openIdempotency(t, cachetest.Join(t, server.Config())), &countedWrite{}
	wantOnce(t, b, key, w, unknownResult) // the record cannot be decoded, but a write made it
	wantOnce(t, a, key, w, createdTicket(7))
	wantWriteCalls(t, w, 0)
}
