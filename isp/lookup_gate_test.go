package isp

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fakeReading is a shared reading that a test controls.
type fakeReading struct {
	mu    sync.Mutex
	there bool
	reads int
	next  chan struct{}
	left  time.Duration // 0 for unknown
	end   chan error
}

func newFakeReading() (*fakeReading, *lookupGate) {
	f := &fakeReading{next: make(chan struct{}), end: make(chan error)}
	return f, newLookupGate(sharedReading{
		noun:      "client",
		held:      func() bool { f.mu.Lock(); defer f.mu.Unlock(); return f.there },
		read:      f.read,
		changed:   func() <-chan struct{} { f.mu.Lock(); defer f.mu.Unlock(); return f.next },
		remaining: func() (time.Duration, bool) { f.mu.Lock(); defer f.mu.Unlock(); return f.left, f.left > 0 },
	})
}

func (f *fakeReading) read(context.Context) error {
	f.mu.Lock()
	f.reads++
	f.mu.Unlock()
	err := <-f.end
	f.mu.Lock()
	defer f.mu.Unlock()
	f.there = err == nil
	return err
}

// change sets how long the reading still takes, as a page that comes does.
func (f *fakeReading) change(left time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left = left
	close(f.next)
	f.next = make(chan struct{})
}

func never() bool { return false }

func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// Five look-ups go at once, then one every five seconds; all do once the list is there.
func Test14_1_GateAdmitsFiveThenOneEveryFiveSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reading, gate := newFakeReading()
		admitted := func() (n int) {
			for range 20 {
				if gate.admit(t.Context()) == nil {
					n++
				}
			}
			return n
		}
		for _, step := range []struct {
			after time.Duration
			want  int
		}{{0, 5}, {lookupInterval - 1, 0}, {1, 1}, {4 * lookupInterval, 4}, {time.Hour, 5}} {
			time.Sleep(step.after)
			if got := admitted(); got != step.want {
				t.Errorf("look-ups admitted %v later = %d, want %d", step.after, got, step.want)
			}
		}
		if err := gate.admit(ungated(t.Context())); err != nil {
			t.Errorf("admit() for a write = %v, want nil", err)
		}
		reading.there = true
		if got := admitted(); got != 20 {
			t.Errorf("look-ups admitted beside the list = %d, want all 20", got)
		}
	})
}

// All callers wait for one reading, and leave it as soon as a part of it answers them.
func Test14_1_GateWaitsForTheReading(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reading, gate := newFakeReading()
		part := make(chan error)
		answered := false // written before change, which locks
		go func() { part <- gate.wait(t.Context(), func() bool { return answered }) }()
		whole := make(chan error, 10)
		for range cap(whole) {
			go func() { whole <- gate.wait(t.Context(), never) }()
		}
		synctest.Wait()
		answered = true
		reading.change(10 * time.Second)
		if err := <-part; err != nil {
			t.Errorf("wait() for a part = %v, want nil", err)
		}
		reading.end <- nil
		for range cap(whole) {
			if err := <-whole; err != nil {
				t.Errorf("wait() for the list = %v, want nil", err)
			}
		}
		if reading.reads != 1 {
			t.Errorf("readings = %d, want 1", reading.reads)
		}
	})
}

// A caller whose deadline comes before the list is told at once when to ask again. While that is
// unknown it waits, but not beyond its deadline, and without one as long as an operation may take. It
// then learns that WispHub did not answer in time.
func Test14_1_GateTellsWhen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reading, gate := newFakeReading()
		for name, test := range map[string]struct {
			left, timeout, waits, retryAfter time.Duration
			want                             error
		}{
			"known":       {left: time.Minute, timeout: 10 * time.Second, retryAfter: time.Minute, want: ErrRateLimited},
			"no deadline": {left: time.Minute, retryAfter: time.Minute, want: ErrRateLimited},
			"unknown":     {timeout: 10 * time.Second, waits: 10 * time.Second, retryAfter: lookupInterval, want: ErrUpstreamTimeout},
			"neither":     {waits: defaultWait, retryAfter: lookupInterval, want: ErrUpstreamTimeout},
			"wrong":       {left: 9 * time.Second, timeout: 10 * time.Second, waits: 10 * time.Second, retryAfter: 9 * time.Second, want: ErrRateLimited},
		} {
			ctx := t.Context()
			if test.timeout > 0 {
				ctx = within(t, test.timeout)
			}
			reading.change(test.left)
			began := time.Now()
			err := gate.wait(ctx, never)
			fetch := (*FetchError)(nil)
			if !errors.As(err, &fetch) || !errors.Is(err, test.want) || fetch.RetryAfter != test.retryAfter {
				t.Errorf("%s: wait() = %v, want %v with %v", name, err, test.want, test.retryAfter)
			}
			if took := time.Since(began); took != test.waits {
				t.Errorf("%s: wait() took %v, want %v", name, took, test.waits)
			}
		}
		reading.end <- ErrUpstreamUnavailable
	})
}

// A reading that fails answers its waiters, and the next caller starts another. A caller that leaves
// does not end it.
func Test14_1_GateReadsAgainAfterAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reading, gate := newFakeReading()
		gone, leave := context.WithCancel(t.Context())
		left := make(chan error)
		go func() { left <- gate.wait(gone, never) }()
		synctest.Wait()
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("wait() of a caller that left = %v, want %v", err, context.Canceled)
		}
		failed := make(chan error)
		go func() { failed <- gate.wait(t.Context(), never) }()
		synctest.Wait()
		reading.end <- errNotFound
		wantErrorIs(t, "wait()", <-failed, ErrUpstreamUnavailable)
		again := make(chan error)
		go func() { again <- gate.wait(t.Context(), never) }()
		reading.end <- nil
		if err := <-again; err != nil || reading.reads != 2 {
			t.Errorf("the second reading = %v after %d, want success with the second", err, reading.reads)
		}
	})
}

// A look-up that hangs does not keep its caller from the list, and a list that comes too late does
// not keep a caller from its look-up.
func Test14_1_FirstAnswerWins(t *testing.T) {
	t.Parallel()
	noPage := func() (int, bool) { return 0, false }
	lookUpAfter := func(d time.Duration, err error) func(ctx context.Context) (int, bool, error) {
		return func(ctx context.Context) (int, bool, error) {
			select {
			case <-time.After(d):
				return 7, err == nil, err
			case <-ctx.Done():
				return 0, false, ctx.Err()
			}
		}
	}
	for name, test := range map[string]struct {
		lookUp   time.Duration
		err      error
		list     time.Duration
		answered bool
		want     error
		took     time.Duration
		fails    error // of the list
	}{
		"list fails first":   {lookUp: 3 * time.Second, list: time.Second, fails: errFilterIgnored, answered: true, took: 3 * time.Second},
		"list fails alone":   {lookUp: 0, err: errNotAdmitted, list: time.Second, fails: errFilterIgnored, want: ErrUpstreamUnavailable, took: time.Second},
		"look-up hangs":      {lookUp: time.Hour, list: 2 * time.Second, took: 2 * time.Second},
		"look-up times out":  {lookUp: time.Second, err: errNotAdmitted, list: 2 * time.Second, took: 2 * time.Second},
		"list too late":      {lookUp: 3 * time.Second, list: time.Minute, answered: true, took: 3 * time.Second},
		"look-up is refused": {lookUp: time.Second, err: errFilterIgnored, list: time.Minute, want: errFilterIgnored, took: time.Second},
		"neither":            {lookUp: time.Second, err: errNotAdmitted, list: time.Minute, want: ErrRateLimited, took: time.Second},
	} {
		bubbled(t, name, func(t *testing.T) {
			reading, gate := newFakeReading()
			reading.change(test.list)
			go func() { time.Sleep(test.list); reading.end <- test.fails }()
			began := time.Now()
			value, answered, err := lookUpBeside(within(t, 10*time.Second), gate, noPage, lookUpAfter(test.lookUp, test.err))
			if !errors.Is(err, test.want) || answered != test.answered || answered && value != 7 {
				t.Errorf("lookUpBeside() = %d, %t, %v, want %t, %v", value, answered, err, test.answered, test.want)
			}
			if took := time.Since(began); took != test.took {
				t.Errorf("lookUpBeside() took %v, want %v", took, test.took)
			}
			time.Sleep(test.list)
		})
	}
}

// A list that has come since the caller looked into memory answers without a look-up.
func Test15_8_ListCameMeanwhile(t *testing.T) {
	t.Parallel()
	bubbled(t, "held", func(t *testing.T) {
		reading, gate := newFakeReading()
		reading.there = true
		go func() { reading.end <- nil }()
		_, answered, err := lookUpBeside(within(t, 10*time.Second), gate, func() (int, bool) { return 0, false },
			func(context.Context) (int, bool, error) {
				t.Error("a look-up was made, want the list to answer")
				return 0, false, nil
			})
		if answered || err != nil {
			t.Errorf("lookUpBeside() = %t, %v, want the list to answer", answered, err)
		}
	})
}
