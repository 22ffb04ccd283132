package answers

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// step is a random step of a random user. Its time is in milliseconds.
type step struct {
	what, user, question, size, time int
}

func drawSteps(t *rapid.T) []step {
	draw := func(name string, most int) int { return rapid.IntRange(0, most).Draw(t, name) }
	steps := make([]step, rapid.IntRange(1, 150).Draw(t, "steps"))
	for i := range steps {
		steps[i] = step{draw("what", 9), draw("user", 3), draw("question", 5), draw("size", 9), draw("time", 400)}
	}
	return steps
}

// model runs the steps beside what each answer must say: when it was begun, and of which version.
type model struct {
	*data
	t     *rapid.T
	held  map[*Answer[int]]string // by reader
	texts map[*Answer[int]]string
}

// text is the answer to a question now, in one of several sizes.
func (m *model) text(question, size int) string {
	return fmt.Sprintf("%d %d %d %s", question, m.version, time.Now().UnixMilli(), strings.Repeat("x", size*1500))
}

func (m *model) run(s step) {
	user, k := fmt.Sprint("user", s.user), key(fmt.Sprint(s.question))
	switch s.what {
	case 0, 1, 2, 3: // an operation, during which something may change
		flight := m.store.Lead(k, user)
		text := m.text(s.question, s.size)
		if s.time%7 == 0 {
			m.version++
		}
		if s.time%3 == 0 {
			time.Sleep(time.Duration(s.time) * time.Millisecond)
		}
		flight.Keep([]byte(text[:1]), []byte(text[1:]))
		flight.End()
	case 4, 5, 6:
		m.find(k, s.question, user)
	case 7:
		for answer, reader := range m.held {
			m.release(answer, reader)
			break
		}
	case 8:
		time.Sleep(time.Duration(s.time) * time.Millisecond)
		synctest.Wait()
	case 9:
		m.version++
	}
}

// find checks a shared answer, and holds it.
func (m *model) find(k Key, question int, user string) {
	answer, _ := m.store.Find(k, user)
	if answer == nil {
		return
	}
	text := string(answer.Plain().Bytes)
	var of, version int
	var at int64
	if _, err := fmt.Sscan(text, &of, &version, &at); err != nil || of != question || version != m.version {
		m.t.Fatalf("the answer to %d in version %d is %.30q", question, m.version, text)
	}
	if age := time.Since(time.UnixMilli(at)); age >= MaxAge {
		m.t.Fatalf("an answer is shared %v after it was begun", age)
	}
	if m.held[answer] != "" {
		answer.Release(user)
		return
	}
	m.held[answer], m.texts[answer] = user, text
	if zipped := answer.Zipped(func() error { return nil }); zipped != nil && len(zipped.Bytes) >= len(text) {
		m.t.Fatalf("the compressed form of %d bytes has %d", len(text), len(zipped.Bytes))
	}
}

func (m *model) release(answer *Answer[int], reader string) {
	if got := string(answer.Plain().Bytes); got != m.texts[answer] {
		m.t.Fatalf("a held answer changed to %.30q", got)
	}
	answer.Release(reader)
	delete(m.held, answer)
}

// check compares the store's counts with what it has, and with its limits.
func (m *model) check() {
	s := m.store
	s.mu.Lock()
	defer s.mu.Unlock()
	bytes, pinned, owned, reads := int64(0), int64(0), map[string]int64{}, map[string]int64{}
	for _, answer := range s.entries {
		bytes += answer.size
		owned[answer.owner] += answer.size
	}
	for answer := range m.held {
		if s.entries[answer.key] != answer {
			bytes += answer.size
		}
		pinned += answer.size
		reads[m.held[answer]] += answer.size
	}
	if s.bytes != bytes || s.pinned != pinned || bytes > s.max {
		m.t.Fatalf("%d bytes and %d pinned of %d, want %d and %d", s.bytes, s.pinned, s.max, bytes, pinned)
	}
	for name, u := range s.users {
		if u.bytes != owned[name] || u.pinned != reads[name] || u.bytes > s.max/userPart {
			m.t.Fatalf("%s has %d bytes and reads %d, want %d and %d", name, u.bytes, u.pinned, owned[name], reads[name])
		}
		if u.bytes == 0 && u.pinned == 0 {
			m.t.Fatalf("%s has nothing, and is not forgotten", name)
		}
	}
}

// Test16_2_Model checks in random sequences that a shared answer is what its caller would get without
// the store: of the version now, less than a second old. The counts are exact after each step.
func Test16_2_Model(t *testing.T) {
	t.Parallel()
	shared := uint64(0)
	rapid.Check(t, func(rt *rapid.T) {
		steps := drawSteps(rt)
		synctest.Test(t, func(*testing.T) {
			m := &model{data: newData(1 << 16), t: rt, held: map[*Answer[int]]string{}, texts: map[*Answer[int]]string{}}
			for _, s := range steps {
				m.run(s)
				m.check()
			}
			for answer, reader := range m.held {
				m.release(answer, reader)
			}
			time.Sleep(2 * MaxAge)
			synctest.Wait()
			m.check()
			if got := m.store.Stats(); got.Bytes != 0 || len(m.store.flights) != 0 {
				m.t.Fatalf("at the end: %+v, flights %v, want nothing", got, m.store.flights)
			}
			shared += m.store.Stats().Hits
		})
	})
	if shared < 20 {
		t.Errorf("%d answers were shared in all, want more for the test to say something", shared)
	}
}
