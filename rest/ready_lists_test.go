package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// filler returns a fill that writes so many bytes, with at most a megabyte in a part.
func filler(size int) func(*listWriter) error {
	return func(w *listWriter) error {
		_, err := io.CopyBuffer(w, io.LimitReader(zeros{}, int64(size)), make([]byte, 1<<20))
		return err
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func version(n int) listVersion { return listVersion{tag: fmt.Sprint(n)} }

// Test16_6_ListsAreMadeOnce: the second caller makes the list, all others wait for it and share it.
func Test16_6_ListsAreMadeOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l readyLists
		var fills, shared atomic.Int64
		fill := func(w *listWriter) error {
			fills.Add(1)
			time.Sleep(time.Second)
			_, err := w.Write([]byte("list"))
			return err
		}
		if l.acquire(t.Context(), version(1), plain, fill) != nil {
			t.Error("the first caller gets a list, want it streamed")
		}
		for range 20 {
			go func() {
				if list := l.acquire(t.Context(), version(1), plain, fill); list != nil && bytes.Equal(list.chunks[0], []byte("list")) {
					shared.Add(1)
					l.release(list)
				}
			}()
		}
		synctest.Wait()
		for range 2 {
			if l.acquire(t.Context(), version(1), zipped, fill) != nil {
				t.Error("another form is made meanwhile, want it streamed")
			}
		}
		impatient, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if l.acquire(impatient, version(1), plain, fill) != nil {
			t.Error("a caller who has left gets a list")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if fills.Load() != 1 || shared.Load() != 20 {
			t.Errorf("the list was made %d times for %d callers, want once for 20", fills.Load(), shared.Load())
		}
		time.Sleep(2 * readyIdle) // stop the timer
	})
}

// Test16_6_ListsThatFail: an error or a panic leaves nothing behind, and the next caller tries again. A
// list that is too large is not tried again.
func Test16_6_ListsThatFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			fill  func(*listWriter) error
			again bool
		}{
			"error":     {func(w *listWriter) error { _ = filler(10)(w); return errors.New("on purpose") }, true},
			"panic":     {func(w *listWriter) error { _ = filler(10)(w); panic("on purpose") }, true},
			"too large": {filler(maxReadyBytes + 1), false},
		} {
			var l readyLists
			for range 2 {
				func() {
					defer func() { _ = recover() }() // the panic of fill
					if l.acquire(t.Context(), version(1), plain, test.fill) != nil {
						t.Errorf("%s: acquire returns a list, want nil", name)
					}
				}()
			}
			if l.bytes != 0 || l.making {
				t.Errorf("%s: %d bytes are left, making %t", name, l.bytes, l.making)
			}
			if got := l.acquire(t.Context(), version(1), plain, filler(10)); (got != nil) != test.again {
				t.Errorf("%s: the next caller gets %v, want a list: %t", name, got, test.again)
			}
			if l.acquire(t.Context(), version(2), plain, filler(10)); l.acquire(t.Context(), version(2), plain, filler(10)) == nil {
				t.Errorf("%s: the next version is not kept", name)
			}
		}
		time.Sleep(2 * readyIdle)
	})
}

// Test16_6_SlowReadersOfEarlierLists: a list for which earlier ones leave no room is made once their
// readers have gone.
func Test16_6_SlowReadersOfEarlierLists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l readyLists
		get := func(v, size int) *readyList { return l.acquire(t.Context(), version(v), plain, filler(size)) }
		get(1, 0)
		slow := get(1, 20<<20)
		for range 3 {
			if get(2, 6<<20) != nil {
				t.Error("a list is made without room")
			}
		}
		l.release(slow)
		if list := get(2, 6<<20); list == nil || l.bytes != 6<<20 {
			t.Errorf("after the slow reader: list %v, %d bytes, want one of 6 MB", list, l.bytes)
		}
		time.Sleep(2 * readyIdle)
	})
}

// Test16_6_IdleLists: a minute after the last caller, nothing is kept.
func Test16_6_IdleLists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l readyLists
		get := func() *readyList { return l.acquire(t.Context(), version(1), plain, filler(1000)) }
		get()
		for range 5 {
			list := get()
			if list == nil || l.bytes != 1000 {
				t.Fatalf("list %v, %d bytes, want one of 1000", list, l.bytes)
			}
			l.release(list)
			time.Sleep(readyIdle - time.Second)
		}
		slow := get()
		time.Sleep(2 * readyIdle)
		synctest.Wait()
		if l.bytes != 1000 || l.current[plain] != nil || len(slow.chunks) == 0 {
			t.Errorf("%d bytes, current %v, want those of the caller who reads slowly only", l.bytes, l.current[plain])
		}
		l.release(slow)
		if l.bytes != 0 || l.idle != nil {
			t.Errorf("%d bytes, timer %v are left, want nothing", l.bytes, l.idle)
		}
	})
}

// Test16_6_ReadyBytes: whatever is read, made and released, the bytes are those of the lists that are
// current or read, and within the bound.
func Test16_6_ReadyBytes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var l readyLists
		defer func() {
			if l.idle != nil {
				l.idle.Stop()
			}
		}()
		var reading []*readyList
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			if len(reading) > 0 && rapid.Bool().Draw(rt, "release") {
				at := rapid.IntRange(0, len(reading)-1).Draw(rt, "reader")
				l.release(reading[at])
				reading = append(reading[:at], reading[at+1:]...)
			} else {
				size := rapid.SampledFrom([]int{0, 1000, 3 << 20, 20 << 20}).Draw(rt, "size")
				v, f := version(rapid.IntRange(1, 3).Draw(rt, "version")), form(rapid.IntRange(0, 1).Draw(rt, "form"))
				if list := l.acquire(context.Background(), v, f, filler(size)); list != nil {
					reading = append(reading, list)
				}
			}
			want, seen := int64(0), map[*readyList]bool{nil: true}
			for _, list := range append(l.current[:], reading...) {
				if !seen[list] {
					seen[list] = true
					want += list.bytes
				}
			}
			if l.bytes != want || l.bytes > maxReadyBytes {
				rt.Fatalf("%d bytes, want the %d of the lists, at most %d", l.bytes, want, maxReadyBytes)
			}
		}
	})
}
