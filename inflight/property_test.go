package inflight

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// Test15_1_Properties runs random operations of random users. Estimates never exceed the limits, each
// operation that ends lets the next one begin, every Reserve returns, and nothing is left.
func Test15_1_Properties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		type plan struct {
			user                   string
			request, answer, real  int64
			arrives, makes, writes time.Duration
		}
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
		synctest.Test(t, func(t *testing.T) {
			l := New(limits())
			check := func() {
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
					if u.operations < 0 || u.request < 0 || u.answer < 0 || u.making < 0 {
						rt.Errorf("%s has %+v under way", user, *u)
					}
				}
				if sum.operations != l.all.operations || sum.request != l.all.request || sum.answer != l.all.answer {
					rt.Errorf("users have %+v under way together, and all %+v", sum, l.all)
				}
				if l.all.answer == 0 && l.heavy == 0 && len(l.waiting) > 0 {
					rt.Errorf("%d wait while nothing is made or held", len(l.waiting))
				}
			}
			for _, p := range plans {
				go func() {
					time.Sleep(p.arrives)
					o, err := l.Begin(p.user, p.request)
					if err != nil {
						return
					}
					defer check()
					defer o.End()
					if o.Start() != nil {
						return
					}
					if err := o.Reserve(t.Context(), p.answer); err != nil {
						rt.Errorf("Reserve(%s, %d) = %v, want nil, because all others end", p.user, p.answer, err)
						return
					}
					check()
					time.Sleep(p.makes)
					o.Executed()
					o.Hold(p.real)
					check()
					time.Sleep(p.writes)
				}()
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			if !l.all.empty() || l.heavy != 0 || len(l.perUser) > 0 || len(l.waiting) > 0 {
				rt.Errorf("%+v, %d heavy, %d users and %d waiters are left, want nothing", l.all, l.heavy, len(l.perUser), len(l.waiting))
			}
		})
	})
}
