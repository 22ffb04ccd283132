package inflight

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func limits() Limits {
	return Limits{Operations: 8, RequestBytes: 8000, AnswerBytes: 32_000, HeavyBytes: 6400, Heavy: 1, Turns: 3}
}

// begin returns an operation that has begun.
func begin(t *testing.T, l *Limiter, user string, request int64) *Operation {
	t.Helper()
	o, err := l.Begin(user, request)
	if err != nil {
		t.Fatalf("Begin(%s, %d) = %v", user, request, err)
	}
	return o
}

// holding returns an operation whose answer is made and has so many bytes.
func holding(t *testing.T, l *Limiter, user string, bytes int64) *Operation {
	t.Helper()
	o := begin(t, l, user, 0)
	if err := o.Reserve(t.Context(), bytes); err != nil {
		t.Fatalf("Reserve(%s, %d) = %v", user, bytes, err)
	}
	o.Executed()
	return o
}

// reserving calls Reserve in the background.
func reserving(t *testing.T, l *Limiter, user string, bytes int64) (*Operation, chan error) {
	t.Helper()
	o, result := begin(t, l, user, 0), make(chan error, 1)
	go func() { result <- o.Reserve(t.Context(), bytes) }()
	synctest.Wait()
	return o, result
}

func wantWaiting(t *testing.T, why string, result chan error) {
	t.Helper()
	synctest.Wait()
	select {
	case err := <-result:
		t.Errorf("%s: Reserve = %v, want it to wait", why, err)
	default:
	}
}

func wantGranted(t *testing.T, why string, result chan error) {
	t.Helper()
	synctest.Wait()
	select {
	case err := <-result:
		if err != nil {
			t.Errorf("%s: Reserve = %v, want nil", why, err)
		}
	default:
		t.Errorf("%s: Reserve waits, want nil", why)
	}
}

// Test15_1_Share has the rule for operations, requests and answers.
func Test15_1_Share(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limit, all, held, more int64
		want                   error
	}{
		{100, 0, 0, 100, nil},
		{100, 0, 0, 500, nil}, // alone
		{100, 1, 0, 99, nil},
		{100, 1, 0, 100, ErrLimit},
		{100, 40, 40, 10, nil},
		{100, 40, 40, 11, ErrUserLimit},
		{100, 70, 20, 5, nil},
		{100, 70, 20, 6, ErrLimit}, // others leave too little
		{1, 0, 0, 1, nil},
		{1, 1, 1, 1, ErrUserLimit},
		{1, 1, 0, 1, ErrLimit},
	} {
		if got := share(c.limit, c.all, c.held, c.more); got != c.want {
			t.Errorf("share(%d, %d, %d, %d) = %v, want %v", c.limit, c.all, c.held, c.more, got, c.want)
		}
	}
}

// Test15_1_EveryUserLeavesSomething expects a place for one more user, however many hold all that
// they can.
func Test15_1_EveryUserLeavesSomething(t *testing.T) {
	t.Parallel()
	l := New(Limits{Operations: 512, RequestBytes: 1, AnswerBytes: 1, HeavyBytes: 1, Heavy: 1, Turns: 3})
	for _, user := range []string{"a", "b", "c", "d", "e", "f"} {
		running := 0
		for {
			o, err := l.Begin(user, 0)
			if err == nil {
				err = o.Start(t.Context())
			}
			if err != nil {
				break
			}
			running++
		}
		if running == 0 || running > 256 {
			t.Errorf("%s runs %d operations, want 1 to 256", user, running)
		}
	}
}

func Test15_1_Begin(t *testing.T) {
	t.Parallel()
	l := New(limits())
	first := begin(t, l, "ana", 4000)
	if _, err := l.Begin("ana", 1); !errors.Is(err, ErrUserLimit) {
		t.Errorf("Begin beyond half of the limit = %v, want ErrUserLimit", err)
	}
	second := begin(t, l, "ben", 4000)
	if _, err := l.Begin("carl", 1); !errors.Is(err, ErrLimit) {
		t.Errorf("Begin beyond the limit = %v, want ErrLimit", err)
	}
	first.End()
	first.End()
	first.Hold(5)
	second.End()
	if len(l.perUser) > 0 || !l.all.empty() {
		t.Errorf("%+v of users %v under way after the end, want nothing", l.all, l.perUser)
	}
}

// Test15_1_AnswerHeldUntilEnd follows one operation.
func Test15_1_AnswerHeldUntilEnd(t *testing.T) {
	t.Parallel()
	l := New(limits())
	o := begin(t, l, "ana", 100)
	if err := errors.Join(o.Start(t.Context()), o.Reserve(t.Context(), 5000)); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name string
		do   func()
		want usage
	}{
		{"Reserve", func() {}, usage{operations: 1, request: 100, answer: 5000, making: 5000, turns: 1}},
		{"Executed", o.Executed, usage{request: 100, answer: 5000}},
		{"Hold", func() { o.Hold(700) }, usage{answer: 700}},
		{"End", o.End, usage{}},
	} {
		step.do()
		if got := *l.usage("ana"); got != step.want {
			t.Errorf("after %s: %+v, want %+v", step.name, got, step.want)
		}
	}
}

func Test15_1_ReserveFairly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := New(limits())
		busy := holding(t, l, "ana", 16_000)
		other := holding(t, l, "ben", 8000)
		first, firstResult := reserving(t, l, "ana", 5000)
		second, secondResult := reserving(t, l, "carl", 9000) // came later, and has nothing
		wantWaiting(t, "ana", firstResult)
		wantWaiting(t, "carl", secondResult)
		_, third := reserving(t, l, "dora", 100)
		wantGranted(t, "a small answer", third)
		other.End()
		wantGranted(t, "the user without bytes", secondResult)
		wantWaiting(t, "the user with bytes", firstResult)
		busy.End()
		wantGranted(t, "the last", firstResult)
		first.End()
		second.End()
	})
}

// Test15_1_HeavyAnswers expects one heavy answer at a time, others meanwhile, and a heavy one that
// waits for WispHub to stop none.
func Test15_1_HeavyAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := New(limits())
		first, result := reserving(t, l, "ana", 6400)
		wantGranted(t, "the first", result)
		second, secondResult := reserving(t, l, "ben", 6400)
		wantWaiting(t, "the second", secondResult)
		_, large := reserving(t, l, "ben", 6000)
		wantGranted(t, "a large answer of another user", large)
		_, own := reserving(t, l, "ana", 300)
		wantWaiting(t, "a large answer of the same user", own)
		_, small := reserving(t, l, "ana", 199)
		wantGranted(t, "a small answer of the same user", small)
		first.Executed()
		wantGranted(t, "after the first, its user's own", own)
		wantWaiting(t, "the second, beside a large one of its user", secondResult)
		time.Sleep(burst)
		wantGranted(t, "the second, once the large one takes long", secondResult)
		third, thirdResult := reserving(t, l, "carl", 6400)
		time.Sleep(burst)
		wantGranted(t, "the third, once the second takes long", thirdResult)
		second.End()
		third.End()
	})
}

func Test15_1_ReserveEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := New(limits())
		defer holding(t, l, "ana", 16_000).End()
		began := time.Now()
		own := begin(t, l, "ana", 0)
		if err := own.Reserve(t.Context(), 1000); err != ErrUserLimit || own.Refusal() != err || time.Since(began) != maxWait {
			t.Errorf("Reserve = %v after %v, want ErrUserLimit after %v", err, time.Since(began), maxWait)
		}
		other := begin(t, l, "ben", 0)
		if err := other.Reserve(t.Context(), 16_001); err != ErrLimit || other.Refusal() != err {
			t.Errorf("Reserve = %v, want ErrLimit", err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		gone := errors.New("gone")
		time.AfterFunc(time.Second, func() { cancel(gone) })
		if err := begin(t, l, "ben", 0).Reserve(ctx, 16_001); err != gone {
			t.Errorf("Reserve = %v, want the cause of its context", err)
		}
		if len(l.waiting) > 0 {
			t.Errorf("%d waiters are left, want none", len(l.waiting))
		}
	})
}

func Test15_1_NilLimiter(t *testing.T) {
	t.Parallel()
	var l *Limiter
	o, err := l.Begin("ana", 1<<40)
	if err := errors.Join(err, o.Start(t.Context()), o.Reserve(t.Context(), 1<<40), o.Refusal()); err != nil {
		t.Errorf("without a limiter: %v, want nil", err)
	}
	o.Executed()
	o.Hold(1)
	o.End()
	if FromContext(t.Context()) != nil || FromContext(NewContext(t.Context(), o)) != nil {
		t.Error("FromContext = an operation, want nil")
	}
}
