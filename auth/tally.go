package auth

import (
	"container/list"
	"time"
)

const (
	// failureWindow is how long after the last failure all of them are forgotten. No delay is longer.
	failureWindow = 15 * time.Minute
	firstDelay    = time.Second
	maxDoublings  = 10 // which are more than the window already
)

// tally counts the failures of many, each under a key. Whoever has failed often has to wait, twice as long each time. It is
// not safe for concurrent use.
type tally struct {
	free  int // failures before the first delay
	limit int // keys that it remembers; 0 for all
	byKey map[digest]*list.Element
	order *list.List // of *failures; the front's last failure is the oldest
}

type failures struct {
	key   digest
	count int
	last  time.Time
}

func newTally(free, limit int) *tally {
	return &tally{free: free, limit: limit, byKey: map[digest]*list.Element{}, order: list.New()}
}

// wait returns how long the key has to wait before the next try; zero means go.
func (t *tally) wait(key digest, now time.Time) time.Duration {
	element, ok := t.byKey[key]
	if !ok {
		return 0
	}
	f := element.Value.(*failures)
	return max(0, f.last.Add(f.delay(t.free)).Sub(now))
}

func (f *failures) delay(free int) time.Duration {
	if f.count < free {
		return 0
	}
	return min(firstDelay<<min(f.count-free, maxDoublings), failureWindow)
}

// add counts a failure.
func (t *tally) add(key digest, now time.Time) {
	t.forget(now)
	element, ok := t.byKey[key]
	if !ok {
		t.makeRoom()
		element = t.order.PushBack(&failures{key: key})
		t.byKey[key] = element
	}
	f := element.Value.(*failures)
	f.count++
	f.last = now
	t.order.MoveToBack(element)
}

// reset forgets the failures of a key.
func (t *tally) reset(key digest) {
	if element, ok := t.byKey[key]; ok {
		t.remove(element)
	}
}

// forget drops whoever has not failed within the window.
func (t *tally) forget(now time.Time) {
	for oldest := t.order.Front(); oldest != nil; oldest = t.order.Front() {
		if now.Sub(oldest.Value.(*failures).last) < failureWindow {
			return
		}
		t.remove(oldest)
	}
}

func (t *tally) makeRoom() {
	if t.limit > 0 && t.order.Len() >= t.limit {
		t.remove(t.order.Front())
	}
}

func (t *tally) remove(element *list.Element) {
	delete(t.byKey, element.Value.(*failures).key)
	t.order.Remove(element)
}
