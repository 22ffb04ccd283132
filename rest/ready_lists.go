package rest

import (
	"context"
	"errors"
	"sync"
	"time"
	"weak"

	"wisphub-graphql/inflight"
	"wisphub-graphql/isp"
)

const (
	// maxReadyBytes bounds all ready lists: the current ones, and earlier ones that are being sent.
	// 20,000 clients have 8 MB, and one compressed.
	maxReadyBytes = 24 << 20
	// readyIdle is how long lists are kept that no caller reads.
	readyIdle = time.Minute
)

// listVersion identifies the clients of a list. The tag is that of the directory. Each directory has a
// slice of its own, so that two that have the same tag by mistake differ. The pointer is weak: it
// keeps no directory in memory.
type listVersion struct {
	tag   string
	slice weak.Pointer[*isp.Client]
}

func versionOf(selection *isp.ClientSelection) listVersion {
	v := listVersion{tag: selection.Tag}
	if len(selection.Clients) > 0 {
		v.slice = weak.Make(&selection.Clients[0])
	}
	return v
}

// form is how a list is encoded.
type form int

const (
	plain form = iota
	zipped
	forms
)

// readyLists keeps the list of all clients as bytes, which all callers share. A list is made when
// its version is wanted for the second time: after each of many writes, it is streamed instead. One
// list is made at a time; callers of the same one wait for it, and others are not kept waiting.
// The zero value is ready for use. It is safe for concurrent use.
type readyLists struct {
	mu      sync.Mutex // guards the fields below, and those of all lists
	version listVersion
	current [forms]*readyList // nil for none
	wanted  [forms]bool
	bytes   int64 // of all lists, see maxReadyBytes
	making  bool
	used    time.Time
	idle    *time.Timer // drops what is not used; nil while there is nothing
}

// readyList is one form of the list of one version.
type readyList struct {
	made    chan struct{} // closed when chunks and failed are final
	chunks  [][]byte
	failed  bool
	bytes   int64
	readers int
	retired bool // another version is current
}

var (
	errListTooLarge = errors.New("the list takes too much memory")
	errListFailed   = errors.New("the list was not made")
)

// acquire returns the list of a version, or nil if it must be streamed. The caller must release it.
// Fill writes the list in parts, and is called if this caller makes it.
func (l *readyLists) acquire(ctx context.Context, v listVersion, f form, fill func(*listWriter) error) *readyList {
	list, make := l.find(v, f)
	switch {
	case list == nil:
		return nil
	case make:
		l.fill(list, fill)
	case !list.wait(ctx):
		l.release(list)
		return nil
	}
	if list.failed {
		l.release(list)
		return nil
	}
	return list
}

// find returns the list, if there is one or should be one. The caller must fill it if make is true.
func (l *readyLists) find(v listVersion, f form) (list *readyList, make bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.version != v {
		l.retire()
		l.version = v
	}
	list = l.current[f]
	switch {
	case list != nil:
	case !l.wanted[f] || l.making:
		l.wanted[f] = true
		return nil, false
	default:
		list = newReadyList()
		l.current[f], l.making, make = list, true, true
	}
	l.used = time.Now()
	list.readers++
	return list, make
}

func newReadyList() *readyList { return &readyList{made: make(chan struct{})} }

// wait reports whether the list was made before ctx ended. The caller's turn goes to others.
func (r *readyList) wait(ctx context.Context) bool {
	select {
	case <-r.made:
		return true
	default:
	}
	inflight.Yield(ctx)
	select {
	case <-r.made:
		return true
	case <-ctx.Done():
		return false
	}
}

// fill makes the list. After an error, and after a panic, nothing is kept of it. The next caller tries
// again, unless it is too large.
func (l *readyLists) fill(list *readyList, fill func(*listWriter) error) {
	err := errListFailed
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.making = false
		if err != nil {
			l.dropFailed(list, err)
		}
		l.watch()
		close(list.made)
	}()
	err = fill(&listWriter{l, list})
}

// dropFailed requires mu.
func (l *readyLists) dropFailed(list *readyList, err error) {
	l.bytes -= list.bytes
	list.bytes, list.chunks, list.failed = 0, nil, true
	if errors.Is(err, errListTooLarge) {
		return
	}
	for f := range l.current {
		if l.current[f] == list {
			l.current[f] = nil
		}
	}
}

// listWriter adds parts to a list that is made.
type listWriter struct {
	lists *readyLists
	list  *readyList
}

// Write implements [io.Writer]. It refuses what would exceed the bound.
func (w *listWriter) Write(p []byte) (int, error) {
	w.lists.mu.Lock()
	defer w.lists.mu.Unlock()
	size := int64(len(p))
	if w.lists.bytes+size > maxReadyBytes {
		return 0, errListTooLarge
	}
	chunk := make([]byte, size)
	w.list.chunks = append(w.list.chunks, chunk[:copy(chunk, p)])
	w.list.bytes += size
	w.lists.bytes += size
	return len(p), nil
}

// size returns the length of the text.
func (r *readyList) size() int64 { return r.bytes }

// release ends the use of a list.
func (l *readyLists) release(list *readyList) {
	l.mu.Lock()
	defer l.mu.Unlock()
	list.readers--
	l.used = time.Now()
	l.forget(list)
}

// forget requires mu. The bytes of a retired list count until its last reader has gone. A current list
// that found no room beside them may be tried again then.
func (l *readyLists) forget(list *readyList) {
	if !list.retired || list.readers > 0 || list.bytes == 0 {
		return
	}
	l.bytes -= list.bytes
	list.bytes = 0
	for f, current := range l.current {
		if current != nil && current.failed {
			l.current[f] = nil
		}
	}
}

// retire requires mu. It drops the current lists.
func (l *readyLists) retire() {
	for f, list := range l.current {
		if list != nil {
			list.retired = true
			l.forget(list)
		}
		l.current[f], l.wanted[f] = nil, false
	}
	l.version = listVersion{}
}

// watch requires mu. It lets a timer drop lists that are not used.
func (l *readyLists) watch() {
	if l.idle == nil {
		l.idle = time.AfterFunc(readyIdle, l.dropIdle)
	}
}

func (l *readyLists) dropIdle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if left := readyIdle - time.Since(l.used); left > 0 {
		l.idle.Reset(left)
		return
	}
	l.idle = nil
	l.retire()
}
