package answers

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// eighth is a text that takes an eighth of room.
var eighth = strings.Repeat("x", room/maxPart-overhead)

// kept returns which of the questions 0 to n-1 of a user have an answer, such as "0 2".
func (d *data) kept(username string, n int) (names string) {
	d.store.mu.Lock()
	defer d.store.mu.Unlock()
	for i := range n {
		if d.store.entries[key(fmt.Sprint(username, i))] != nil {
			names += fmt.Sprint(" ", i)
		}
	}
	return strings.TrimSpace(names)
}

// Test16_2_RoomIsShared checks that a user's answers take half of the store at most, and that the
// user with the most makes room for others.
func Test16_2_RoomIsShared(t *testing.T) {
	t.Parallel()
	d := newData(room)
	for i := range 10 {
		d.keepTwice(fmt.Sprint("ana", i), "ana", eighth)
	}
	if got := d.kept("ana", 10); got != "6 7 8 9" {
		t.Errorf("ana's answers = %s, want the last four", got)
	}
	for i := range 3 {
		d.keepTwice(fmt.Sprint("ben", i), "ben", eighth)
	}
	d.keepTwice("carl0", "carl", eighth) // full
	d.keepTwice("carl1", "carl", eighth)
	if ana, ben, carl := d.kept("ana", 10), d.kept("ben", 3), d.kept("carl", 2); ana != "7 8 9" || ben != "0 1 2" || carl != "0 1" {
		t.Errorf("answers = %s of ana, %s of ben, %s of carl; want ana to have lost one", ana, ben, carl)
	}
	if got := d.store.Stats(); got.Bytes != room || got.Entries != 8 {
		t.Errorf("Stats() = %+v, want it full", got)
	}
}

func Test16_2_TooLarge(t *testing.T) {
	t.Parallel()
	d := newData(room)
	d.keepTwice("a", "ana", eighth+"x")
	if got := d.store.Stats(); got.Entries != 0 || got.Bytes != 0 {
		t.Errorf("Stats() = %+v after an answer of more than an eighth, want nothing", got)
	}
}

// Test16_2_ReadersCount checks that an answer counts until its last reader has it, also when it is not
// shared any more, and that nothing new is kept when readers hold all.
func Test16_2_ReadersCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newData(room)
		var held []*Answer[int]
		var readers []string
		for _, user := range []string{"ana", "ben"} {
			for i := range 4 {
				d.keepTwice(fmt.Sprint(user, i), user, eighth)
				reader := fmt.Sprint("reader ", user, i) // of their own: none holds more than it leaves
				answer, _ := d.store.Find(key(fmt.Sprint(user, i)), reader)
				held, readers = append(held, answer), append(readers, reader)
			}
		}
		again, _ := d.store.Find(key("ana0"), readers[0])
		d.keepTwice("carl0", "carl", "C")
		if got := d.store.Stats(); d.kept("carl", 1) != "" || got.Bytes != room || got.Entries != 8 {
			t.Errorf("while all is read: %+v, want the eight answers and no other", got)
		}
		time.Sleep(MaxAge)
		synctest.Wait()
		d.keepTwice("carl0", "carl", "C")
		if got := d.store.Stats(); got.Bytes != room || got.Entries != 0 {
			t.Errorf("while all is read, too old: %+v, want no answer, and the bytes", got)
		}
		again.Release(readers[0])
		if got := d.store.Stats().Bytes; got != room {
			t.Errorf("%d bytes while a second reader holds the answer, want %d", got, room)
		}
		for i, answer := range held {
			if answer.Plain().Bytes[0] != 'x' {
				t.Error("the bytes of a held answer changed")
			}
			answer.Release(readers[i])
		}
		if got := d.store.Stats(); got.Bytes != 0 || len(d.store.users) != 0 || d.store.pinned != 0 {
			t.Errorf("after the last reader: %+v, %d pinned, users %v, want nothing", got, d.store.pinned, d.store.users)
		}
	})
}

// Test16_2_SlowReadersLeaveRoom checks that one user's slow readers cannot hold all room, and that all
// readers of one answer count once.
func Test16_2_SlowReadersLeaveRoom(t *testing.T) {
	t.Parallel()
	d := newData(room)
	held := 0
	for i := range 100 {
		d.keepTwice("a", "ana", eighth) // all ask for it
		for range 3 {
			if answer, _ := d.store.Find(key("a"), "greedy"); answer != nil && i == held {
				held++
			}
		}
		d.version++
	}
	if held != 4 {
		t.Errorf("one user holds %d versions of an answer, want half of the store: 4", held)
	}
	d.keepTwice("a", "ana", eighth)
	if got := d.find("a", "ben"); got != eighth {
		t.Error("another user gets no shared answer, want one")
	}
}

// Test16_2_Zipped checks the compressed form: made once, counted, and absent where it is of no use.
func Test16_2_Zipped(t *testing.T) {
	t.Parallel()
	d := newData(room)
	text := strings.Repeat("abc", 1000)
	d.keepTwice("a", "ana", text)
	answer, _ := d.store.Find(key("a"), "ben")
	turns := 0
	turn := func() error { turns++; return nil }
	if got := answer.Zipped(func() error { return fmt.Errorf("no turn") }); got != nil {
		t.Errorf("without a turn: %d bytes, want none", len(got.Bytes))
	}
	first, second := answer.Zipped(turn), answer.Zipped(turn)
	if first == nil || first != second || turns != 1 || unzip(t, first.Bytes) != text {
		t.Fatalf("Zipped = %v, then %v after %d turns, want one form of the text", first, second, turns)
	}
	if got, want := d.store.Stats().Bytes, int64(len(text)+len(first.Bytes)+overhead); got != want || d.store.pinned != want {
		t.Errorf("%d bytes, %d pinned, want %d", got, d.store.pinned, want)
	}
	answer.Release("ben")
	if d.store.pinned != 0 {
		t.Errorf("%d bytes pinned after the release, want 0", d.store.pinned)
	}
	for name, text := range map[string]string{
		"a small answer": text[:minZipped-1],
		"noise":          noise(2000),
		"too large":      noise(100_000) + strings.Repeat("x", 31_000-overhead), // with its compressed form
	} {
		d.keepTwice(name, "ana", text)
		answer, _ := d.store.Find(key(name), "ben")
		if got := answer.Zipped(turn); got != nil {
			t.Errorf("%s: %d bytes for %d, want no compressed form", name, len(got.Bytes), len(text))
		}
		answer.Release("ben")
	}
	d.keepTwice("old", "ana", text)
	answer, _ = d.store.Find(key("old"), "ben")
	d.version++
	d.find("old", "ben") // removes it
	if got := answer.Zipped(turn); got != nil {
		t.Error("an answer that was removed got a compressed form, want none")
	}
	answer.Release("ben")
}

// Test16_2_NoRoomForZipped checks that a compressed form is not kept while slow readers hold all room.
func Test16_2_NoRoomForZipped(t *testing.T) {
	t.Parallel()
	d := newData(1 << 16)
	text := strings.Repeat("abc", 1000)
	d.keepTwice("a", "ana", text)
	answer, _ := d.store.Find(key("a"), "ana")
	defer answer.Release("ana")
	for i := 0; d.store.Stats().Bytes <= d.store.max-int64(minZipped); i++ {
		user := fmt.Sprint("reader", i) // none holds more than it leaves, none has more than half
		left := int(min(d.store.max-d.store.Stats().Bytes, d.store.max/maxPart)) - overhead
		d.keepTwice(user, user, strings.Repeat("x", left))
		held, _ := d.store.Find(key(user), user)
		defer held.Release(user)
	}
	if got := answer.Zipped(func() error { return nil }); got != nil || d.store.Stats().Bytes > d.store.max {
		t.Errorf("a compressed form of %v, %d bytes in all, want none and at most %d", got, d.store.Stats().Bytes, d.store.max)
	}
}
