package graph

import (
	"net/http/httptest"
	"testing"
	"time"
)

// TestEventsAreOneLine: a task's result may come on several, and a line that is empty would end the event.
func TestEventsAreOneLine(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	out := newStreams().openEvents(w)
	out.next([]byte("{\"result\":{\r\n\"a\":\n\n\"b\\n\"}}"))
	out.complete()
	const want = ":\n\nevent: next\ndata: {\"result\":{  \"a\":  \"b\\n\"}}\n\nevent: complete\ndata:\n\n"
	if got := w.Body.String(); got != want {
		t.Errorf("the stream = %q, want %q", got, want)
	}
	if !w.Flushed {
		t.Error("events are held back, want each flushed")
	}
}

func TestKeepAliveStops(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	stop := newStreams().openEvents(w).keepAlive(time.Millisecond)
	time.Sleep(20 * time.Millisecond)
	stop()
	before := w.Body.Len()
	if time.Sleep(5 * time.Millisecond); w.Body.Len() != before || before <= len(":\n\n") {
		t.Errorf("%d bytes, and %d after stop, want some and no more", before, w.Body.Len())
	}
}
