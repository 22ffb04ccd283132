package answers

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// following starts a caller who waits for the answer, and returns where its text arrives.
func (d *data) following(ctx context.Context, t *testing.T, name, username string) chan string {
	t.Helper()
	answer, flight := d.store.Find(key(name), username)
	if answer != nil || flight == nil {
		t.Fatalf("Find(%s) = %v, %v, want a flight", name, answer, flight)
	}
	text := make(chan string, 1)
	go func() {
		answer := flight.Wait(ctx, username)
		if answer == nil {
			text <- ""
			return
		}
		defer answer.Release(username)
		text <- string(answer.Plain().Bytes)
	}()
	return text
}

// Test16_2_Followers checks what callers get who wait for the answer of another.
func Test16_2_Followers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lead func(d *data, flight *Flight[int])
		want string
		took time.Duration
	}{
		"kept": {func(_ *data, f *Flight[int]) { f.Keep([]byte("A")) }, "A", 0},
		"kept in time": {func(_ *data, f *Flight[int]) {
			time.Sleep(MaxAge - 1)
			f.Keep([]byte("A"))
		}, "A", MaxAge - 1},
		"not kept":  {func(*data, *Flight[int]) {}, "", 0},
		"too large": {func(_ *data, f *Flight[int]) { f.Keep(make([]byte, room/maxPart)) }, "", 0},
		"too late": {func(_ *data, f *Flight[int]) {
			time.Sleep(2 * MaxAge)
			f.Keep([]byte("A"))
		}, "", MaxAge},
		"changed before the end": {func(d *data, f *Flight[int]) {
			d.version++
			f.Keep([]byte("A"))
		}, "", 0},
		"changed after the end": {func(d *data, f *Flight[int]) {
			f.Keep([]byte("A"))
			d.version++
		}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newData(room)
				flight := d.store.Lead(key("a"), "ana")
				began := time.Now()
				follower := d.following(t.Context(), t, "a", "ben")
				synctest.Wait()
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					defer flight.End()
					test.lead(d, flight)
				}()
				defer func() { <-ended }()
				if got, took := <-follower, time.Since(began); got != test.want || took != test.took {
					t.Errorf("the follower gets %q after %v, want %q after %v", got, took, test.want, test.took)
				}
			})
		})
	}
}

// Test16_2_FollowerLeaves checks that the end of a follower's context ends its wait only.
func Test16_2_FollowerLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newData(room)
		flight := d.store.Lead(key("a"), "ana")
		ctx, leave := context.WithCancel(t.Context())
		leaving, staying := d.following(ctx, t, "a", "ben"), d.following(t.Context(), t, "a", "carl")
		leave()
		if got := <-leaving; got != "" {
			t.Errorf("who left gets %q, want nothing", got)
		}
		flight.Keep([]byte("A"))
		flight.End()
		flight.End()
		if got := <-staying; got != "A" {
			t.Errorf("who stayed gets %q, want A", got)
		}
		if len(d.store.flights) != 0 {
			t.Errorf("%d flights after the end, want none", len(d.store.flights))
		}
	})
}

// Test16_2_OldFlights checks that a caller after a change does not wait for an answer that
// was begun before it, nor for one that is a second old.
func Test16_2_OldFlights(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newData(room)
		for name, pass := range map[string]func(){
			"a change": func() { d.version++ },
			"a second": func() { time.Sleep(MaxAge) },
		} {
			old := d.store.Lead(key(name), "ana")
			pass()
			if answer, flight := d.store.Find(key(name), "ben"); answer != nil || flight != nil {
				t.Errorf("after %s: %v, %v, want nothing to wait for", name, answer, flight)
			}
			fresh := d.store.Lead(key(name), "ben")
			old.End()
			follower := d.following(t.Context(), t, name, "carl")
			fresh.Keep([]byte("B"))
			fresh.End()
			if got := <-follower; got != "B" {
				t.Errorf("after %s: a follower of the new flight gets %q, want B", name, got)
			}
		}
	})
}

// Test16_2_LargeAnswersAreNotAwaited checks that callers do not wait in vain for answers that are too
// large to be kept.
func Test16_2_LargeAnswersAreNotAwaited(t *testing.T) {
	t.Parallel()
	d := newData(room)
	d.keep("a", "ana", strings.Repeat("x", room/maxPart))
	flight := d.store.Lead(key("a"), "ana")
	if _, awaited := d.store.Find(key("a"), "ben"); awaited != nil {
		t.Error("a caller waits for an answer that was too large before")
	}
	flight.Keep([]byte("small"))
	flight.End()
	d.version++
	flight = d.store.Lead(key("a"), "ana")
	defer flight.End()
	if _, awaited := d.store.Find(key("a"), "ben"); awaited == nil {
		t.Error("a caller does not wait for an answer that was small the last time")
	}
}
