package isp

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"wisphub-graphql/background"
	"wisphub-graphql/cache"
	"wisphub-graphql/cache/shared"
	"wisphub-graphql/inflight"
	"wisphub-graphql/wisphub/ratelimit"
)

// recheckTimeout limits how long a caller whose write has an unknown outcome waits for a read of
// the record.
const recheckTimeout = 3 * time.Second

// recheckPauses are the pauses before the later reads, which no caller waits for.
var recheckPauses = []time.Duration{10 * time.Second, 50 * time.Second}

// readBackPause is the pause before the second read of a record that the first one did not find.
const readBackPause = time.Second

// errNotShown means that WispHub accepted a write, and that two reads did not find the record.
var errNotShown = errors.New("WispHub accepted the write, but two reads do not find the record")

// mutations is what all writes share. It is safe for concurrent use.
//
// A write is one function that reads from top to bottom: begin, acquire the idempotency key, lock,
// commit, reserve, send, read back, conclude. A write is sent once. What it changed is read back, and then
// every reader on every replica sees it. Unless an error of a write is
// [ErrOutcomeUnknown], nothing was changed.
type mutations struct {
	keys    *idempotency
	locks   *shared.Mutexes
	publish *publisher
	audit   func(ctx context.Context, write Write)
	logger  *slog.Logger

	open    context.Context // until Close
	close   context.CancelFunc
	running background.Group // has one goroutine for each write, and those that read again later
}

func newMutations(cfg Config) *mutations {
	locks, publish := shared.NewMutexes(cfg.Shared), newPublisher(cfg.Shared)
	m := &mutations{
		keys: newIdempotency(cfg, locks, publish), locks: locks, publish: publish, audit: cfg.Audit, logger: cfg.Logger,
	}
	m.open, m.close = context.WithCancel(context.Background())
	return m
}

// errClosed is the error of a write that was not sent because of Close.
var errClosed = fetchError("upstream", cache.ErrClosed)

// Close cancels the running writes and waits for them. The outcome of those already sent is
// unknown.
func (m *mutations) Close() {
	m.close()
	m.running.Close()
	m.keys.Close()
}

// mutation is one write, from begin to endMutation.
type mutation struct {
	mutations *mutations
	caller    context.Context // of the caller, for the audit
	action    string
	nodeIDs   []string // what the write is about, for the audit
	changes   []string // what it changes, for the audit; set before sending and after reading back
	cancel    func()
	ended     chan struct{} // Close waits for it
}

// begin starts a write. Waits on the returned context end when the caller leaves, and with Close.
// Defer [endMutation] right after it. After Close the error is errClosed.
func (m *mutations) begin(ctx context.Context, action string, nodeIDs ...string) (context.Context, *mutation, error) {
	ended := make(chan struct{})
	if m.open.Err() != nil || !m.running.Go(func() { <-ended }) {
		return nil, nil, errClosed
	}
	inflight.Yield(ctx)
	waiting, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(m.open, cancel)
	return waiting, &mutation{
		mutations: m,
		caller:    ctx,
		action:    action,
		nodeIDs:   nodeIDs,
		cancel:    func() { stop(); cancel() },
		ended:     ended,
	}, nil
}

// commit returns the context to send with. It ends with Close and not with the caller, because
// cutting short what was sent leaves its outcome unknown. The calls under it come before all
// reads. If the caller has left or Close was called, commit returns an error, and the write must
// not be sent.
func (w *mutation) commit(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	committed, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(w.mutations.open, cancel)
	committed = ratelimit.WithPriority(committed, func() ratelimit.Priority { return ratelimit.PriorityWrite })
	return committed, func() { stop(); cancel() }, nil
}

// endMutation records the write in the audit log. It takes pointers to the results of the write,
// so that it can be deferred: a write that panics is recorded, too. An error that Close caused
// becomes errClosed.
func endMutation[P mutationPayload](w *mutation, payload *P, err *error) {
	defer close(w.ended)
	w.cancel()
	if errors.Is(*err, context.Canceled) && w.mutations.open.Err() != nil && !errors.Is(*err, ErrOutcomeUnknown) {
		*err = errClosed
	}
	record := Write{Action: w.action, IDs: w.nodeIDs, Outcome: auditOutcome(*payload, *err)}
	switch record.Outcome {
	case outcomeOK, outcomeIsUnknown, outcomeNotApplied:
		record.Changes = w.changes
	}
	w.mutations.audit(w.caller, record)
}

// readWritten reads a record after WispHub accepted a write of it. WispHub may show a record late, so
// a read that does not find it is repeated once. The record is never nil beside a nil error.
func readWritten[T any](ctx context.Context, reload func(ctx context.Context) (*T, error)) (*T, error) {
	record, err := reload(ctx)
	if record != nil || err != nil {
		return record, err
	}
	if background.Sleep(ctx, readBackPause) == nil {
		record, _ = reload(ctx)
	}
	if record == nil {
		return nil, errNotShown // also after a failed read: the first one is not refuted
	}
	return record, nil
}

// recheck calls reload after a write with an unknown outcome, now and twice later, because WispHub
// may carry out late what it has not answered. The caller gets the same error whatever reload
// finds.
func (m *mutations) recheck(ctx context.Context, reload func(ctx context.Context) error) {
	ctx, cancel := context.WithTimeout(ctx, recheckTimeout)
	defer cancel()
	_ = reload(ctx)
	m.running.Go(func() {
		for _, pause := range recheckPauses {
			if background.Sleep(m.open, pause) != nil {
				return
			}
			_ = reload(withBackgroundPriority(m.open)) // the next list has it, too
		}
	})
}

// enableWrites connects the parts of p that write.
func (p *Provider) enableWrites(cfg Config) {
	p.mutations = newMutations(cfg)
	p.followUp = newTaskFollowUp(cfg.Shared, p.Clients.reloadChanged, p.Tasks.wait)
	p.Tasks.onFinished = p.followUp.finish
	p.Clients.mutations, p.Clients.followUp = p.mutations, p.followUp
	p.Tickets.mutations = p.mutations
	p.Tickets.pending = newPendingTickets(cfg.Shared, p.mutations.publish)
	p.mutations.running.Go(func() { p.mutations.publish.run(p.mutations.open) })
	p.Tickets.clients, p.Tickets.subjects, p.Tickets.staff = p.Clients, p.Subjects, p.Staff
}
