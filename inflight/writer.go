package inflight

import (
	"net/http"
	"time"
)

const (
	// chunkSize is how many bytes of an answer are written with one deadline.
	chunkSize = 64 << 10
	// chunkTimeout is how long a caller may take to read a chunk, beyond what the kernel buffers.
	chunkTimeout = 10 * time.Second
	// answerTimeout is how long a caller may take to read an answer.
	answerTimeout = time.Minute
)

// Writer is a [http.ResponseWriter] that ends the connection of a caller who does not read. Its
// first write ends the count of the operation, whose bytes count until End. A Writer must not be
// used by several goroutines at once.
type Writer struct {
	http.ResponseWriter
	operation  *Operation
	controller *http.ResponseController
	began      time.Time
	failed     error
}

// LeaveBody makes net/http answer a request without reading its body first, which may take as long
// as the caller likes. It must be called before the answer is written, and ends the connection.
func LeaveBody(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength != 0 {
		w.Header().Set("Connection", "close")
	}
}

// NewWriter returns a writer for the answer of an operation, which may be nil.
func NewWriter(w http.ResponseWriter, o *Operation) *Writer {
	return &Writer{ResponseWriter: w, operation: o, controller: http.NewResponseController(w)}
}

// WriteHeader implements [http.ResponseWriter].
func (w *Writer) WriteHeader(status int) {
	w.operation.Executed()
	w.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter]. After an error it writes nothing.
func (w *Writer) Write(p []byte) (written int, err error) {
	w.operation.writes(int64(cap(p)))
	return w.send(p)
}

// WriteShared is Write for bytes that the answers of other operations share. They do not count as
// this operation's.
func (w *Writer) WriteShared(p []byte) (written int, err error) {
	w.operation.writes(0)
	return w.send(p)
}

// send leaves the deadline of the last chunk in place: net/http may still buffer a part of it.
func (w *Writer) send(p []byte) (written int, err error) {
	for w.failed == nil && len(p) > 0 {
		chunk := p[:min(len(p), chunkSize)]
		w.setDeadline(time.Now())
		n, err := w.ResponseWriter.Write(chunk)
		written += n
		w.failed = err
		p = p[len(chunk):]
	}
	return written, w.failed
}

// setDeadline sets the deadline of a chunk, which is not later than that of the whole answer. The
// writers of tests support no deadline and need none.
func (w *Writer) setDeadline(now time.Time) {
	if w.began.IsZero() {
		w.began = now
	}
	at := now.Add(chunkTimeout)
	if end := w.began.Add(answerTimeout); at.After(end) {
		at = end
	}
	_ = w.controller.SetWriteDeadline(at)
}

// Unwrap gives [http.ResponseController] access to the wrapped writer.
func (w *Writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// writes is Executed, and Hold for an answer that nothing was reserved for. The caller may read
// slowly, so that the operation has no turn meanwhile.
func (o *Operation) writes(bytes int64) {
	if o == nil {
		return
	}
	l := o.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	if o.ended {
		return
	}
	o.executed()
	if o.answer < bytes {
		o.hold(0, bytes)
	}
	l.release(o.user)
}
