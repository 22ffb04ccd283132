package ratelimit

import (
	"context"
	"errors"
	"maps"
	"strings"
	"time"
)

var errLost = errors.New("store lost")

// The times of the scripts in cache/shared.
const (
	fakeLate   = 5 * time.Second
	fakeSettle = 5 * time.Second
	fakeRetry  = 200 * time.Millisecond
)

// fakeLog is the log as one replica sees it.
type fakeLog struct {
	*fakeStore
	replicas int
	restart  int                   // that it knows of
	cut      bool                  // from the store
	unheard  bool                  // the next answer is lost
	others   map[string]fakeMember // as last seen
}

var _ Log = (*fakeLog)(nil)

func (f *fakeLog) setCut(cut bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cut = cut
	f.restart = -1 // the connection is lost
}

// loseAnswer makes a command fail that was executed, once after unheard was set.
func (f *fakeLog) loseAnswer(err *error) {
	if f.unheard {
		f.unheard, f.restart, *err = false, -1, errLost
	}
}

// begin returns the members. f.mu must be held.
func (f *fakeLog) begin(m Member, merges bool) (mine fakeMember, isMember bool, err error) {
	if f.lost || f.cut || !merges && f.restart != f.restarts {
		return fakeMember{}, false, errLost
	}
	now := time.Now()
	maps.DeleteFunc(f.calls, func(_ string, c fakeCall) bool { return now.Sub(c.at) >= HourWindow })
	maps.DeleteFunc(f.members, func(_ string, m fakeMember) bool { return now.Sub(m.contact) > HourWindow })
	mine, isMember = f.members[m.Name]
	if !merges && (!isMember || m.Known < f.first) {
		return mine, false, errLost
	}
	return mine, isMember, nil
}

func (f *fakeLog) record(id string, at time.Time) {
	f.last++
	f.calls[id] = fakeCall{at, f.last}
}

func (f *fakeLog) confirmations(name string) (others []Other) {
	for other, member := range f.members {
		if other != name {
			others = append(others, Other{Known: member.known, Shares: member.shares})
		}
	}
	return others
}

func (f *fakeLog) common(name string) int64 {
	least := f.last
	for other, member := range f.members {
		if other != name && member.shares > 0 {
			least = min(least, member.known)
		}
	}
	return least
}

// pending reports whether a live replica has not confirmed all calls.
func (f *fakeLog) pending(name string) bool {
	for other, member := range f.members {
		if other != name && member.known < f.last && time.Since(member.contact) <= fakeLate {
			return true
		}
	}
	return false
}

func (f *fakeLog) notify(id string) {
	for other, changed := range f.watchers {
		if other != f && !other.cut {
			changed(id)
		}
	}
}

func (f *fakeLog) Enter(_ context.Context, m Member, e Entry) (_ int64, _ time.Duration, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	mine, _, err := f.begin(m, false)
	if err != nil {
		return 0, 0, err
	}
	defer f.loseAnswer(&err)
	shares := min(m.Shares, 1) * max(m.Shares, mine.shares)
	mine.contact, mine.known = time.Now(), max(m.Known, mine.known)
	f.members[m.Name] = mine
	if call, ok := f.calls[e.ID]; ok {
		return call.number, 0, nil
	}
	if wait := time.Until(f.paused); wait > 0 {
		return 0, wait, nil
	}
	if shares == 0 {
		return 0, fakeRetry, nil
	}
	common, others := f.common(m.Name), f.confirmations(m.Name)
	wait := time.Duration(0)
	for _, w := range []struct {
		length      time.Duration
		most, limit int
	}{{MinuteWindow, e.Minute, e.MinuteLimit}, {HourWindow, e.Hour, e.HourLimit}} {
		count, weight := 0, shares
		for id, call := range f.calls {
			if time.Since(call.at) >= w.length {
				continue
			}
			count++
			weight++
			if strings.Contains(id, m.Name) {
				weight += confirmedWeight(call.number, shares, others) - 1
			}
		}
		if count >= w.most {
			wait = time.Second
		} else if common < f.last && weight > w.limit {
			wait = max(wait, fakeRetry)
		}
	}
	if wait > 0 {
		return 0, wait, nil
	}
	f.record(e.ID, time.Now())
	f.notify(e.ID)
	return f.last, 0, nil
}

func (f *fakeLog) Leave(_ context.Context, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.calls, id)
	return nil
}

func (f *fakeLog) Quit(_ context.Context, m Member) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.members, m.Name)
	return nil
}

func (f *fakeLog) Sync(_ context.Context, m Member) (View, error) {
	return f.exchange(m, false, nil)
}

func (f *fakeLog) Merge(_ context.Context, m Member, calls map[string]time.Duration) (View, error) {
	return f.exchange(m, true, calls)
}

func (f *fakeLog) exchange(m Member, merges bool, calls map[string]time.Duration) (_ View, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	mine, isMember, err := f.begin(m, merges)
	if err != nil {
		return View{}, err
	}
	defer f.loseAnswer(&err)
	now, since, known := time.Now(), m.Known, max(m.Known, mine.known)
	if len(f.members) == 0 {
		f.created = now
	}
	young := now.Sub(f.created) < fakeSettle
	if merges {
		f.restart, since, f.last = f.restarts, 0, max(f.last, now.UnixMicro())
		for name, other := range f.others {
			if _, ok := f.members[name]; young && !ok {
				f.members[name] = fakeMember{contact: other.contact, shares: other.shares}
			}
		}
		for id, age := range calls {
			if _, ok := f.calls[id]; !ok && age < HourWindow {
				f.record(id, now.Add(-age))
			}
		}
	}
	fresh := !isMember || m.Known < f.first
	if fresh {
		known = 0
		f.notify("")
	}
	shares := f.allowed(m, isMember, young)
	keep := shares
	if m.Shares > 0 && shares > m.Shares {
		keep = m.Shares
	}
	f.members[m.Name] = fakeMember{now, known, keep}
	f.others = maps.Clone(f.members)
	delete(f.others, m.Name)
	view := View{
		Calls: map[string]time.Duration{}, Known: f.last, Others: f.confirmations(m.Name), Shares: shares, Fresh: fresh,
	}
	view.Pending = f.pending(m.Name)
	for id, call := range f.calls {
		if call.number > since {
			view.Calls[id] = now.Sub(call.at)
		}
	}
	return view, nil
}

func (f *fakeLog) Resume(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lost || f.cut {
		return errLost
	}
	f.paused = time.Time{}
	return nil
}

func (f *fakeLog) Pause(_ context.Context, wait time.Duration) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.paused = time.Now().Add(wait)
	return nil
}

func (f *fakeLog) Subscribe(changed func(id string)) (stop func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watchers[f] = changed
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.watchers, f)
	}
}

func (f *fakeLog) Replicas() int { return f.replicas }
