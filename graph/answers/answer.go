package answers

import (
	"bytes"
	"container/list"
	"slices"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

// minZipped is the size from which an answer is compressed: below it, one packet carries either form.
const minZipped = 1 << 10

// Answer is a whole answer in its encodings. It must be released once it is sent.
type Answer[V comparable] struct {
	store   *Store[V]
	key     Key
	owner   string    // the user for whom it was made
	version V         // of the data
	born    time.Time // before it was begun
	plain   *Form

	// The fields below are guarded by store.mu.
	zipped *Form
	zips   bool  // the compressed form was begun
	size   int64 // of all forms and of the record
	hits   int
	pins   []pin[V]
	place  *list.Element // in the answers of its owner; nil once it is removed
}

// Plain returns the form without compression.
func (a *Answer[V]) Plain() *Form { return a.plain }

// Release ends a caller's reading. It must be called once, with the name that Find got.
func (a *Answer[V]) Release(username string) {
	a.store.mu.Lock()
	defer a.store.mu.Unlock()
	a.store.unpin(a, username)
}

// Zipped returns the form that gzip made, or nil if there is none: of a small answer, while another
// caller makes it, and if there is no room. The first caller makes it, after a call of turn, which
// waits for its turn at the processor. The caller must not have released the answer.
//
// An attacker who sees the size of answers could guess a secret in them if part of the same answer
// were the attacker's own text (BREACH). No answer has a token or a password. What a page of another
// site can make a browser send has no token either, because tokens are in no cookie.
func (a *Answer[V]) Zipped(turn func() error) *Form {
	if len(a.plain.Bytes) < minZipped || !a.beginZip() {
		return a.zippedForm()
	}
	if turn() != nil {
		a.endZip()
		return nil
	}
	return a.addZipped(compress(a.plain.Bytes))
}

func (a *Answer[V]) zippedForm() *Form {
	a.store.mu.Lock()
	defer a.store.mu.Unlock()
	return a.zipped
}

// beginZip reports whether the caller is the first.
func (a *Answer[V]) beginZip() bool {
	a.store.mu.Lock()
	defer a.store.mu.Unlock()
	first := !a.zips
	a.zips = true
	return first
}

// endZip lets the next caller try.
func (a *Answer[V]) endZip() {
	a.store.mu.Lock()
	defer a.store.mu.Unlock()
	a.zips = false
}

// addZipped keeps the compressed form, if there is room for it and if it saves any.
func (a *Answer[V]) addZipped(text []byte) *Form {
	s, more := a.store, int64(len(text))
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(text) >= len(a.plain.Bytes) || a.size+more > s.max/maxPart || !s.makeRoom(a.owner, more) || a.place == nil {
		return nil // an answer that was removed counts as it is
	}
	a.zipped = newForm(text)
	a.size += more
	s.bytes += more
	s.users[a.owner].bytes += more
	s.pinned += more // by this caller at least
	for _, p := range a.pins {
		p.user.pinned += more
	}
	return a.zipped
}

// writers are used again: each takes hundreds of kilobytes. They compress within a turn, so that
// there are few of them.
var writers = sync.Pool{New: func() any {
	zip, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // fails only for an unknown level
	return zip
}}

// compress returns the text, compressed, in a slice of its size.
func compress(text []byte) []byte {
	zip := writers.Get().(*gzip.Writer)
	defer writers.Put(zip)
	var out bytes.Buffer
	zip.Reset(&out)
	_, _ = zip.Write(text) // a buffer returns no errors
	_ = zip.Close()
	return slices.Clone(out.Bytes())
}
