package inflight

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// plan is what one operation of the property test does.
type plan struct {
	user                   string
	request, answer, real  int64
	arrives, makes, writes time.Duration
}

func drawPlans(rt *rapid.T) []plan {
	ms := func(label string, most int) time.Duration {
		return time.Duration(rapid.IntRange(0, most).Draw(rt, label)) * time.Millisecond
	}
	plans := make([]plan, rapid.IntRange(1, 40).Draw(rt, "operations"))
	for i := range plans {
		p := &plans[i]
		p.user = fmt.Sprint("user", rapid.IntRange(0, 4).Draw(rt, "user"))
		p.request = rapid.Int64Range(0, 3000).Draw(rt, "request")
		p.answer = rapid.Int64Range(1, 20_000).Draw(rt, "answer")
		p.real = rapid.Int64Range(0, p.answer).Draw(rt, "real")
		p.arrives, p.makes, p.writes = ms("arrives", 500), ms("makes", 400), ms("writes", 300)
	}
	return plans
}

// Test15_1_Properties runs random operations of random users. Estimates never exceed the limits,
// each operation that ends lets the next one begin, every Reserve returns, and nothing is left.
func Test15_1_Properties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		plans := drawPlans(rt)
		synctest.Test(t, func(t *testing.T) {
			l := New(limits())
			for _, p := range plans {
				go p.run(t, rt, l)
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			if !l.all.empty() || l.heavy != 0 || len(l.perUser) > 0 || len(l.waiting) > 0 {
				rt.Errorf("%+v, %d heavy, %d users and %d waiters are left, want nothing",
					l.all, l.heavy, len(l.perUser), len(l.waiting))
			}
		})
	})
}

func (p plan) run(t *testing.T, rt *rapid.T, l *Limiter) {
	time.Sleep(p.arrives)
	o, err := l.Begin(p.user, p.request)
	if err != nil {
		return
	}
	defer check(rt, l)
	defer o.End()
	if o.Start(t.Context()) != nil {
		return
	}
	if err := o.Reserve(t.Context(), p.answer); err != nil {
		rt.Errorf("Reserve(%s, %d) = %v, want nil, because all others end", p.user, p.answer, err)
		return
	}
	check(rt, l)
	time.Sleep(p.makes)
	o.Executed()
	o.Hold(p.real)
	check(rt, l)
	time.Sleep(p.writes)
}

// check expects the limits to be kept, the sum of all users to be what all have, and no waiter to
// wait for nothing.
func check(rt *rapid.T, l *Limiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all.operations > 8 || l.all.request > 8000 || l.all.answer > 32_000 {
		rt.Errorf("%+v under way, want at most the limits", l.all)
	}
	var sum usage
	for user, u := range l.perUser {
		sum.operations += u.operations
		sum.request += u.request
		sum.answer += u.answer
		sum.turns += u.turns
		if u.operations < 0 || u.request < 0 || u.answer < 0 || u.making < 0 || u.turns < 0 {
			rt.Errorf("%s has %+v under way", user, *u)
		}
	}
	if int(sum.turns) != len(l.turns.running) || len(l.turns.running) > l.limits.Turns {
		rt.Errorf("%d turns, and users have %d of them, want at most %d", len(l.turns.running), sum.turns, l.limits.Turns)
	}
	if sum.turns = 0; sum != l.all {
		rt.Errorf("users have %+v under way together, and all %+v", sum, l.all)
	}
	if l.all.answer == 0 && l.heavy == 0 && len(l.waiting) > 0 {
		rt.Errorf("%d wait while nothing is made or held", len(l.waiting))
	}
}
