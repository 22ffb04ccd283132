package inflight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// computing starts operations of a user, each of which computes for some time and then ends. Their
// names are appended to order when their turn begins.
func computing(t *testing.T, l *Limiter, order *[]string, user string, count int, takes time.Duration) {
	t.Helper()
	for n := range count {
		o := begin(t, l, user, 0)
		go func() {
			defer o.End()
			if err := o.Start(t.Context()); err != nil {
				t.Errorf("Start of %s = %v", user, err)
				return
			}
			l.mu.Lock()
			*order = append(*order, fmt.Sprint(user, n))
			l.mu.Unlock()
			time.Sleep(takes)
		}()
		synctest.Wait()
	}
}

// manyOperations are limits in which only the turns matter.
func manyOperations() Limits {
	return Limits{Operations: 1000, RequestBytes: 1, AnswerBytes: 1, HeavyBytes: 1, Heavy: 1, Turns: 2}
}

// Test15_1_TurnsAreShared expects a user with one operation to go before the hundred of another.
func Test15_1_TurnsAreShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, order, began := New(manyOperations()), []string{}, time.Now()
		computing(t, l, &order, "mallory", 100, 10*time.Millisecond)
		computing(t, l, &order, "ana", 1, 10*time.Millisecond)
		time.Sleep(time.Minute)
		synctest.Wait()
		if at := slices.Index(order, "ana0"); at < 2 || at > 3 { // two turns begin at once
			t.Errorf("ana is number %d of %d, want 2 or 3: right after those whose turn had begun", at, len(order))
		}
		if len(order) != 101 || !l.all.empty() || len(l.perUser) > 0 || len(l.turns.running)+len(l.turns.waiting) > 0 {
			t.Errorf("%d operations ran in %v, and %+v is left, want 101 and nothing", len(order), time.Since(began), l.all)
		}
	})
}

// Test15_1_TurnsAlternate expects a user with one operation to wait for one turn of each other user,
// however many operations those have.
func Test15_1_TurnsAlternate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limits := manyOperations()
		limits.Turns = 1
		l, order := New(limits), []string{}
		for _, user := range []string{"mallory", "mia", "max"} {
			computing(t, l, &order, user, 50, 10*time.Millisecond)
		}
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		before := len(order)
		computing(t, l, &order, "ana", 1, 10*time.Millisecond)
		time.Sleep(time.Minute)
		synctest.Wait()
		if at := slices.Index(order, "ana0"); at > before+1 {
			t.Errorf("ana is number %d, want %d or the next", at, before)
		}
	})
}

// Test15_1_TurnsEnd expects a turn to end when others wait and the operation takes long, when it
// yields, and when its answer is finished. Alone, an operation keeps its turn.
func Test15_1_TurnsEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(context.Context, *Operation){
		"by its time":  func(context.Context, *Operation) { time.Sleep(turnTime) },
		"by a wait":    func(ctx context.Context, _ *Operation) { Yield(ctx) },
		"with Hold":    func(_ context.Context, o *Operation) { o.Hold(0) },
		"with the end": func(_ context.Context, o *Operation) { o.End() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				limits := manyOperations()
				limits.Turns = 1
				l := New(limits)
				first := begin(t, l, "ana", 0)
				defer first.End()
				if err := first.Start(t.Context()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Hour)
				synctest.Wait()
				if !first.turn {
					t.Error("an operation alone has lost its turn")
				}
				second, result := begin(t, l, "ana", 0), make(chan error, 1)
				go func() { result <- second.Start(t.Context()) }()
				synctest.Wait()
				end(NewContext(t.Context(), first), first)
				synctest.Wait()
				select {
				case err := <-result:
					if err != nil {
						t.Errorf("Start = %v, want nil", err)
					}
				default:
					t.Error("the second operation has no turn")
				}
				second.End()
			})
		})
	}
}

// Test15_1_TurnsOfLeavers expects callers who leave to wait no more, and to take no turn.
func Test15_1_TurnsOfLeavers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limits := manyOperations()
		limits.Turns = 1
		l := New(limits)
		gone := errors.New("gone")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(turnTime/2, func() { cancel(gone) })
		first, second := begin(t, l, "ana", 0), begin(t, l, "ben", 0)
		if err := first.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := second.Start(ctx); err != gone {
			t.Errorf("Start = %v, want the cause of its context", err)
		}
		second.End()
		first.End()
		if len(l.turns.running)+len(l.turns.waiting) > 0 || len(l.perUser) > 0 {
			t.Errorf("%d turns and %d waiters are left, want none", len(l.turns.running), len(l.turns.waiting))
		}
	})
}
