package inflight

import (
	"context"
	"slices"
	"time"
)

// Operation is one request from before its body is read until its answer is sent. Its methods are
// safe for concurrent use, and do nothing on a nil Operation.
type Operation struct {
	limiter *Limiter
	user    string

	// The fields below are guarded by limiter.mu.
	running bool      // counts as an operation
	request int64     // bytes
	answer  int64     // bytes
	making  int64     // bytes that count as being made
	heavy   bool      // counts as a heavy answer that is being made
	pauseAt time.Time // when its answer no longer counts as being made, zero if it does not
	ended   bool
	refusal error

	turn      bool // it may compute
	turnBegan time.Time
}

// Start counts the operation as a running one, and waits for its turn at the processor. It returns
// [ErrUserLimit] or [ErrLimit] at once if too many operations run. While it waits, it returns the
// cause of ctx if that ends, and [ErrLimit] after ten seconds.
func (o *Operation) Start(ctx context.Context) error {
	if o == nil {
		return nil
	}
	o.limiter.mu.Lock()
	if err := o.count(); err != nil {
		o.limiter.mu.Unlock()
		return err
	}
	return o.takeTurn(ctx)
}

// count counts the operation as a running one. It requires limiter.mu.
func (o *Operation) count() error {
	l := o.limiter
	held := l.usage(o.user)
	if err := share(int64(l.limits.Operations), l.all.operations, held.operations, 1); err != nil {
		l.forget(o.user)
		return err
	}
	o.running = true
	held.operations++
	l.all.operations++
	return nil
}

// Reserve waits until the answer may be made, and counts its bytes, which may be an estimate. A
// user with fewer bytes under way goes first. Reserve returns [ErrUserLimit] or [ErrLimit] after ten
// seconds, and the cause of ctx if that ends first. It must be called once at most.
func (o *Operation) Reserve(ctx context.Context, bytes int64) error {
	if o == nil {
		return nil
	}
	l := o.limiter
	l.mu.Lock()
	l.pauseBursts()
	if len(l.waiting) == 0 && l.fits(o.user, bytes) == nil {
		l.grant(o, bytes)
		l.mu.Unlock()
		return nil
	}
	o.endTurn()
	l.grantTurns()
	w := l.enqueue(o, bytes)
	l.mu.Unlock()
	return await(ctx, w.granted, func(cause error) error { return l.leave(w, cause) })
}

// await waits until granted is closed. Otherwise it leaves with the cause of ctx, or with nil after
// ten seconds, and returns what leave returns.
func await(ctx context.Context, granted <-chan struct{}, leave func(cause error) error) error {
	timer := time.NewTimer(maxWait)
	defer timer.Stop()
	select {
	case <-granted:
		return nil
	case <-ctx.Done():
		return leave(context.Cause(ctx))
	case <-timer.C:
		return leave(nil)
	}
}

// Refusal returns the error of Reserve, or nil. It lets the writer of an answer know that the
// operation did not run.
func (o *Operation) Refusal() error {
	if o == nil {
		return nil
	}
	o.limiter.mu.Lock()
	defer o.limiter.mu.Unlock()
	return o.refusal
}

// Executed ends the count as a running operation, and the turn. The bytes still count.
func (o *Operation) Executed() {
	if o == nil {
		return
	}
	l := o.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	o.executed()
	l.release(o.user)
}

// Hold replaces the bytes of the request and the estimate of the answer by the size of the finished
// answer, and ends the turn. It never waits, so that an answer larger than its estimate can exceed the limit.
func (o *Operation) Hold(bytes int64) {
	if o == nil {
		return
	}
	l := o.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	if o.ended {
		return
	}
	o.endTurn()
	o.hold(0, bytes)
	l.release(o.user)
}

// End counts nothing of the operation any more. It may be called more than once.
func (o *Operation) End() {
	if o == nil {
		return
	}
	l := o.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	if o.ended {
		return
	}
	o.executed()
	o.hold(0, 0)
	o.ended = true
	l.release(o.user)
}

// executed requires limiter.mu.
func (o *Operation) executed() {
	if o.running {
		o.running = false
		o.limiter.usage(o.user).operations--
		o.limiter.all.operations--
	}
	o.endTurn()
	o.made()
}

// made requires limiter.mu. The answer no longer counts as one that is being made.
func (o *Operation) made() {
	if o.pauseAt.IsZero() {
		return
	}
	o.pauseAt = time.Time{}
	l := o.limiter
	l.bursts = slices.DeleteFunc(l.bursts, func(other *Operation) bool { return other == o })
	l.usage(o.user).making -= o.making
	o.making = 0
	if o.heavy {
		l.heavy--
		o.heavy = false
	}
}

// hold requires limiter.mu.
func (o *Operation) hold(request, answer int64) {
	held, all := o.limiter.usage(o.user), &o.limiter.all
	held.request += request - o.request
	all.request += request - o.request
	held.answer += answer - o.answer
	all.answer += answer - o.answer
	o.request, o.answer = request, answer
}

type operationKey struct{}

// NewContext returns a context that has the operation.
func NewContext(ctx context.Context, o *Operation) context.Context {
	return context.WithValue(ctx, operationKey{}, o)
}

// FromContext returns the operation of the context, or nil.
func FromContext(ctx context.Context) *Operation {
	o, _ := ctx.Value(operationKey{}).(*Operation)
	return o
}
