package httpserver

import "net/http"

// recorder is the [http.ResponseWriter] of all middleware: it records the status and size of an
// answer, and closes the connection during a drain.
type recorder struct {
	http.ResponseWriter
	status  int
	bytes   int
	started bool   // part of the answer may have been sent
	drain   *Drain // nil for none
}

// recorderOf returns w if an outer middleware has made it a recorder already.
func recorderOf(w http.ResponseWriter) *recorder {
	if r, ok := w.(*recorder); ok {
		return r
	}
	return &recorder{ResponseWriter: w, status: http.StatusOK}
}

// WriteHeader implements [http.ResponseWriter]. The answer begins with the last informational
// status, which is 101.
func (r *recorder) WriteHeader(status int) {
	if status >= http.StatusOK || status == http.StatusSwitchingProtocols {
		r.start(status)
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	r.start(http.StatusOK)
	n, err := r.ResponseWriter.Write(p)
	r.bytes += n
	return n, err
}

// start decides about the connection when the header is written, because a request may have begun
// before the drain. A flush without a header or a body begins a stream, which the shutdown ends.
func (r *recorder) start(status int) {
	if r.started {
		return
	}
	r.started, r.status = true, status
	if r.drain != nil && r.drain.Begun() && status != http.StatusSwitchingProtocols {
		r.Header().Set("Connection", "close")
	}
}

// Unwrap gives [http.ResponseController] access to the wrapped writer.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
