package rest

import (
	"bufio"
	"context"
	"net/http"
	"strconv"

	"github.com/klauspost/compress/gzip"

	"wisphub-graphql/inflight"
)

// sharedBytes is what the answer of a ready list takes beside the bytes that all share: what net/http
// buffers of it.
const sharedBytes = 8 << 10

// sendReady answers with the ready list of all clients. It reports false, and has written nothing,
// if there is none.
func (a *api) sendReady(w http.ResponseWriter, r *http.Request, list clientList, compressed bool) bool {
	f := plain
	if compressed {
		f = zipped
	}
	ready := a.ready.acquire(r.Context(), versionOf(list.selection), f, func(to *listWriter) error {
		return a.makeReady(r.Context(), to, list, compressed)
	})
	if ready == nil {
		return false
	}
	defer a.ready.release(ready)
	w.Header().Set("Content-Length", strconv.FormatInt(ready.size(), 10))
	inflight.FromContext(r.Context()).Hold(sharedBytes)
	write := w.Write
	if shared, ok := w.(*inflight.Writer); ok {
		write = shared.WriteShared
	}
	for _, chunk := range ready.chunks {
		if _, err := write(chunk); err != nil {
			break // the caller has disconnected
		}
	}
	return true
}

// makeReady makes the list as it is streamed. One list is made at a time, so that its compression may
// take a megabyte, and be better.
func (a *api) makeReady(ctx context.Context, to *listWriter, list clientList, compressed bool) error {
	taken := &turnTaker{ctx, to}
	if !compressed {
		return a.streamClients(ctx, taken, list)
	}
	out := bufio.NewWriterSize(taken, listChunk)
	compressor, err := gzip.NewWriterLevel(out, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if err := a.streamClients(ctx, compressor, list); err != nil {
		return err
	}
	if err := compressor.Close(); err != nil {
		return err
	}
	return out.Flush()
}

// turnTaker ends the turn at the processor with each part, as writing to a caller does. Making a long
// list must not keep others waiting.
type turnTaker struct {
	ctx context.Context
	to  *listWriter
}

func (t *turnTaker) Write(p []byte) (int, error) {
	inflight.Yield(t.ctx)
	return t.to.Write(p)
}
