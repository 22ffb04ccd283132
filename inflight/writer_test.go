package inflight

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// deadlineWriter is a connection whose caller takes some time to read each chunk.
type deadlineWriter struct {
	*httptest.ResponseRecorder
	reads    time.Duration
	deadline time.Time
	largest  int
}

func (w *deadlineWriter) SetWriteDeadline(at time.Time) error {
	w.deadline = at
	return nil
}

func (w *deadlineWriter) Write(p []byte) (int, error) {
	w.largest = max(w.largest, len(p))
	if left := time.Until(w.deadline); left < w.reads {
		time.Sleep(left)
		return 0, net.ErrClosed
	}
	time.Sleep(w.reads)
	return w.ResponseRecorder.Write(p)
}

func Test15_1_WriterDeadlines(t *testing.T) {
	t.Parallel()
	const chunks = 20
	for name, c := range map[string]struct {
		reads, takes time.Duration
		written      int
	}{
		"a caller who reads":         {time.Second, 20 * time.Second, chunks},
		"one who does not":           {time.Hour, 10 * time.Second, 0},
		"one who reads a bit slower": {9 * time.Second, time.Minute, 6},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := &deadlineWriter{ResponseRecorder: httptest.NewRecorder(), reads: c.reads}
			began, out := time.Now(), NewWriter(w, nil)
			n, err := out.Write(make([]byte, chunks*chunkSize))
			if n != c.written*chunkSize || (err == nil) != (c.written == chunks) || time.Since(began) != c.takes || w.largest > chunkSize {
				t.Errorf("%s: %d bytes, %v, after %v, in chunks of %d; want %d after %v",
					name, n, err, time.Since(began), w.largest, c.written*chunkSize, c.takes)
			}
			if _, again := out.Write([]byte("x")); (again == nil) != (err == nil) {
				t.Errorf("%s: the next write = %v, want an error only after an error", name, again)
			}
		})
	}
}

// Test15_1_WriterHolds expects what is written to count, also if nothing was reserved.
func Test15_1_WriterHolds(t *testing.T) {
	t.Parallel()
	l := New(limits())
	o := begin(t, l, "ana", 5)
	if err := o.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	out := NewWriter(httptest.NewRecorder(), o)
	out.WriteHeader(http.StatusOK)
	if got, want := l.all, (usage{request: 5}); got != want {
		t.Errorf("after WriteHeader: %+v, want %+v", got, want)
	}
	_, _ = out.Write(make([]byte, 700))
	if got, want := l.all, (usage{answer: 700}); got != want {
		t.Errorf("after Write: %+v, want %+v", got, want)
	}
	o.End()
}

// Test16_6_WriterShares expects the bytes that answers share to count nothing, however many callers do
// not read them.
func Test16_6_WriterShares(t *testing.T) {
	t.Parallel()
	l, shared := New(limits()), make([]byte, 20_000) // two would exceed the limit
	const readers = 8
	for n := range readers {
		o := begin(t, l, fmt.Sprint("user", n), 5)
		defer o.End()
		if err := o.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		o.Hold(100)
		recorder := httptest.NewRecorder()
		if sent, err := NewWriter(recorder, o).WriteShared(shared); sent != len(shared) || err != nil || recorder.Body.Len() != sent {
			t.Errorf("WriteShared = %d, %v, want all %d bytes", sent, err, len(shared))
		}
	}
	if got, want := l.all, (usage{answer: 100 * readers}); got != want {
		t.Errorf("while they are sent: %+v, want %+v", got, want)
	}
}

// Test15_1_WriterCutsRealConnection expects the end of a connection whose caller reads nothing.
func Test15_1_WriterCutsRealConnection(t *testing.T) {
	t.Parallel()
	written := make(chan error, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		out := NewWriter(w, nil)
		out.began = time.Now().Add(100*time.Millisecond - answerTimeout)
		_, err := out.Write(make([]byte, 64<<20)) // more than kernels buffer
		written <- err
	}))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	select {
	case err := <-written:
		if err == nil {
			t.Error("Write = nil, want a timeout")
		}
	case <-time.After(5 * time.Second):
		t.Error("Write does not return")
	}
}
