package isp

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"wisphub-graphql/cache/shared"
)

// testAction is the action of the counted writes.
const testAction = "createTicket"

var errNotSent = errors.New("not sent")

func wantNoLocks(t *testing.T, locks *shared.Mutexes) {
	t.Helper()
	if n := locks.Len(); n > 0 {
		t.Errorf("Len() = %d locked names, want 0", n)
	}
}

// openIdempotency returns the records of a replica; store is nil for a single one.
func openIdempotency(t *testing.T, store *shared.Store) *idempotency {
	t.Helper()
	cfg := testConfig(slog.New(slog.DiscardHandler))
	cfg.Shared = store
	publish := newPublisher(store)
	i := newIdempotency(cfg, shared.NewMutexes(store), publish)
	t.Cleanup(i.Close)
	runPublisher(t, publish)
	return i
}

// runPublisher runs a publisher until the end of the test.
func runPublisher(t *testing.T, publish *publisher) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		publish.run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
}

// writer does a write. It calls sending right before it sends, and sends nothing after an error.
type writer func(ctx context.Context, sending func() error) (*writeResult, error)

// once takes the steps that a mutation takes with its key.
func once(ctx context.Context, i *idempotency, action string, key *string, write writer) (*writeResult, error) {
	k, err := i.acquire(ctx, action, "", key)
	if err != nil {
		return nil, err
	}
	defer k.release()
	if k.result != nil {
		return k.result, nil
	}
	sent := false
	result, err := write(ctx, func() error {
		err := i.publish.reserve(ctx, nil, k)
		sent = err == nil
		return err
	})
	if sent {
		i.publish.conclude(ctx, result, err, k)
	}
	return result, err
}

// countedWrite is a write that takes a while. Without a result or an error it creates ticket 1,
// then 2 and so on.
type countedWrite struct {
	lasts   time.Duration
	refused bool // before it is sent
	result  *writeResult
	err     error
	calls   atomic.Int64
}

func (w *countedWrite) write(_ context.Context, sending func() error) (*writeResult, error) {
	if !w.refused {
		if err := sending(); err != nil {
			return nil, err
		}
	}
	call := w.calls.Add(1)
	time.Sleep(w.lasts)
	if w.result != nil || w.err != nil {
		return w.result, w.err
	}
	return &writeResult{ticketID: int(call), ticket: &Ticket{}}, nil
}

func wantWriteCalls(t *testing.T, w *countedWrite, want int64) {
	t.Helper()
	if got := w.calls.Load(); got != want {
		t.Errorf("%d writes, want %d", got, want)
	}
}

// wantOnce gives the key to a write and fails the test unless the result is want.
func wantOnce(t *testing.T, i *idempotency, key string, w *countedWrite, want writeResult) {
	t.Helper()
	got, err := once(t.Context(), i, testAction, &key, w.write)
	if err != nil || !reflect.DeepEqual(*got, want) {
		t.Errorf("once(%q) = %+v, %v, want %+v", key, got, err, want)
	}
}

// createdTicket is the recorded result of a write that created the ticket.
func createdTicket(id int) writeResult { return writeResult{ticketID: id} }

var unknownResult = writeResult{unknown: true}

// breakOff gives the key to a write that panics after sending.
func breakOff(t *testing.T, i *idempotency, key string) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Error("once returned, want the panic of the write")
		}
	}()
	_, _ = once(t.Context(), i, testAction, &key, func(_ context.Context, sending func() error) (*writeResult, error) {
		if err := sending(); err != nil {
			t.Error(err)
		}
		panic("after sending")
	})
}
