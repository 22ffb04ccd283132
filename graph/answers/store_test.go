package answers

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// data is what answers come from in these tests: its version is all that it has.
type data struct {
	version int
	store   *Store[int]
}

func newData(max int64) *data {
	d := &data{}
	d.store = New(Config[int]{MaxBytes: max, Version: func() int { return d.version }})
	return d
}

// room is enough for all answers of a test that is not about room.
const room = 1 << 20

func key(name string) Key { return KeyOf([]byte(name)) }

// find returns the text of a shared answer, "" if there is none.
func (d *data) find(name, username string) string {
	answer, _ := d.store.Find(key(name), username)
	if answer == nil {
		return ""
	}
	defer answer.Release(username)
	return string(answer.Plain().Bytes)
}

// keep makes an answer to the question.
func (d *data) keep(name, username, text string) {
	flight := d.store.Lead(key(name), username)
	flight.Keep([]byte(text))
	flight.End()
}

// keepTwice makes it twice, so that it is kept.
func (d *data) keepTwice(name, username, text string) {
	d.keep(name, username, text)
	d.keep(name, username, text)
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func Test16_2_SecondSighting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newData(room)
		d.keep("a", "ana", "A")
		if got := d.find("a", "ana"); got != "" || d.store.Stats().Bytes != 0 {
			t.Errorf("after one answer: %q shared and %d bytes, want none", got, d.store.Stats().Bytes)
		}
		time.Sleep(MaxAge)
		d.keep("a", "ana", "A")
		if got := d.find("a", "ana"); got != "" {
			t.Errorf("after a second answer a second later: %q shared, want none", got)
		}
		d.keep("a", "ben", "A")
		if got := d.find("a", "carl"); got != "A" {
			t.Errorf("after two answers within a second: %q shared, want A", got)
		}
	})
}

// Test16_2_SharedAgain checks that an answer that was of use is kept at once when the data changes.
func Test16_2_SharedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newData(room)
		for _, used := range []bool{false, true} {
			d.keepTwice("a", "ana", "A")
			if used {
				d.find("a", "ana")
			}
			time.Sleep(MaxAge)
			synctest.Wait() // the store sweeps
			d.keep("a", "ana", "B")
			if got := d.find("a", "ana"); (got == "B") != used {
				t.Errorf("used %t: %q shared after one more answer", used, got)
			}
		}
	})
}

func Test16_2_Age(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newData(room)
		d.keep("a", "ana", "A")
		flight := d.store.Lead(key("a"), "ana")
		time.Sleep(MaxAge - time.Millisecond) // it takes long
		flight.Keep([]byte("A"))
		flight.End()
		if got := d.find("a", "ana"); got != "A" {
			t.Errorf("an answer begun 999 ms ago: %q shared, want A", got)
		}
		time.Sleep(time.Millisecond)
		if got := d.find("a", "ana"); got != "" {
			t.Errorf("an answer begun a second ago: %q shared, want none", got)
		}
		flight = d.store.Lead(key("a"), "ana")
		time.Sleep(MaxAge)
		d.keep("a", "ben", "A") // so that the next one is wanted
		flight.Keep([]byte("A"))
		flight.End()
		if got := d.store.Stats(); got.Entries != 0 || got.Bytes != 0 {
			t.Errorf("an answer that took a second: %+v, want nothing kept", got)
		}
	})
}

// Test16_2_Idle checks that a store without callers becomes empty.
func Test16_2_Idle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newData(room)
		d.keepTwice("a", "ana", "A")
		time.Sleep(MaxAge / 2)
		d.keepTwice("b", "ana", "B")
		time.Sleep(2 * MaxAge)
		synctest.Wait()
		if got := d.store.Stats(); got.Entries != 0 || got.Bytes != 0 || len(d.store.users) != 0 {
			t.Errorf("idle: %+v and users %v, want nothing", got, d.store.users)
		}
	})
}

func Test16_2_Version(t *testing.T) {
	t.Parallel()
	d := newData(room)
	d.keepTwice("a", "ana", "old")
	d.version++
	if got := d.find("a", "ana"); got != "" {
		t.Errorf("after a change: %q shared, want none", got)
	}
	flight := d.store.Lead(key("a"), "ana")
	d.version++ // while the answer is made
	flight.Keep([]byte("old"))
	flight.End()
	if got := d.store.Stats(); got.Entries != 0 {
		t.Errorf("after a change during the answer: %+v, want nothing kept", got)
	}
	d.version-- // as if the version before were compared with that of a later Find only
	if got := d.find("a", "ana"); got != "" {
		t.Errorf("%q shared, want none", got)
	}
}

// Test16_2_ChangeWhileKept checks that an answer has the version from before it was begun, also if the
// data changes while it is kept.
func Test16_2_ChangeWhileKept(t *testing.T) {
	t.Parallel()
	reads := 0
	store := New(Config[bool]{MaxBytes: room, Version: func() bool { reads++; return reads > 4 }})
	for range 2 { // each reads the version when it begins, and when it ends
		flight := store.Lead(key("a"), "ana")
		flight.Keep([]byte("old"))
		flight.End()
	}
	if answer, _ := store.Find(key("a"), "ana"); answer != nil || reads != 5 {
		t.Errorf("after a change: %v shared after %d reads of the version, want none after 5", answer, reads)
	}
}

// Test16_2_Off checks that a store without room does nothing.
func Test16_2_Off(t *testing.T) {
	t.Parallel()
	d := newData(0)
	d.keepTwice("a", "ana", "A")
	if got := d.find("a", "ana"); got != "" || d.store.Stats() != (Stats{}) {
		t.Errorf("%q shared, %+v, want nothing", got, d.store.Stats())
	}
}

func Test16_2_Stats(t *testing.T) {
	t.Parallel()
	d := newData(room)
	d.keepTwice("a", "ana", "A")
	d.keep("b", "ana", "B")
	d.find("a", "ana")
	d.find("c", "ana")
	want := Stats{Entries: 1, Bytes: 1 + overhead, Hits: 1, Misses: 3}
	if got := d.store.Stats(); got != want {
		t.Errorf("Stats() = %+v, want %+v", got, want)
	}
}

// Test16_2_Keys checks that no two questions have one key because of how their parts are joined.
func Test16_2_Keys(t *testing.T) {
	questions := [][]string{{""}, {"a"}, {"", "a"}, {"a", ""}, {"a", "b"}, {"ab"}, {"a", "", "b"}, {"", "ab"}, {"a\x01b"}, {"a", "b", ""}, {strings.Repeat("a", 300)}}
	seen := map[Key]int{}
	for i, parts := range questions {
		k := KeyOf([]byte(parts[0]), parts[1:]...)
		if other, ok := seen[k]; ok {
			t.Errorf("%q and %q have one key", parts, questions[other])
		}
		seen[k] = i
	}
	body := []byte(`{"query":"{a}"}`)
	if got := testing.AllocsPerRun(100, func() { KeyOf(body, "application/json", "READ", "SUPPORT") }); got > 0 {
		t.Errorf("KeyOf allocates %v times, want 0", got)
	}
}

// Test16_2_FindIsFree checks that a shared answer costs no memory.
func Test16_2_FindIsFree(t *testing.T) {
	d := newData(room)
	d.keepTwice("a", "ana", "A")
	k := key("a")
	got := testing.AllocsPerRun(100, func() {
		if answer, _ := d.store.Find(k, "ana"); answer != nil {
			answer.Release("ana")
		}
	})
	if got > 1 { // the user's record, which ends with the last reader
		t.Errorf("Find allocates %v times, want 1 at most", got)
	}
}

// Test16_2_Sightings checks that a question whose place another took is forgotten, not mistaken.
func Test16_2_Sightings(t *testing.T) {
	t.Parallel()
	var seen sightings
	now := time.Now()
	a, b := Key{0: 1}, Key{0: 1, 15: 1} // one place
	for i, step := range []struct {
		key  Key
		want bool
	}{{a, false}, {a, true}, {b, false}, {a, false}, {a, true}} {
		if got := seen.note(step.key, now); got != step.want {
			t.Errorf("step %d: noted before = %t, want %t", i, got, step.want)
		}
	}
	if seen.noteLarge(a, now); seen.isLarge(b) || !seen.isLarge(a) {
		t.Error("the answer to a question is large because another one was, or was forgotten")
	}
	if zero := (Key{}); new(sightings).note(zero, now) {
		t.Error("the key of zeros was noted before the first note")
	}
}
