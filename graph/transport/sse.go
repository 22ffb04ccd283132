package transport

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/document"
	"wisphub-graphql/graph/errcode"
	"wisphub-graphql/inflight"
)

// wantsEvents reports whether the response is a stream of events. A subscription is one if the
// caller accepts events. Other operations are if the caller accepts nothing else.
func wantsEvents(r *http.Request, operation *graphql.OperationContext) bool {
	return acceptsEvents(r) && (isSubscription(operation) || preferredType(r) == "")
}

// serveEvents responds with GraphQL over server-sent events, in distinct connections mode. Errors
// of the document are sent as an event, because browsers hide the body of a refused event stream
// from the page. A subscription does not count as a running operation. Its document counts like one
// on a WebSocket until the end, so that streams leave the memory of requests to requests.
func (s *streams) serveEvents(
	w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, operation *graphql.OperationContext,
	errs gqlerror.List,
) {
	underWay := inflight.FromContext(r.Context())
	if isSubscription(operation) {
		underWay.Executed()
	}
	user := callerName(r.Context())
	place, refusal := s.acquire(user)
	if refusal != "" {
		refuseForNow(w, r, refusal)
		return
	}
	defer s.release(user, place)
	place.awaitVictim()
	ctx, ignoreEviction := place.context(r.Context())
	defer ignoreEviction()
	r = r.WithContext(ctx)
	out := s.openEvents(w)
	defer out.keepAlive(s.KeepAlive)()
	switch {
	case errs != nil:
		s.refused(r.Context())
		ctx := graphql.WithOperationContext(r.Context(), operation)
		out.last(encode(exec.DispatchError(ctx, errcode.Summarize(errs)), false), underWay)
	case isSubscription(operation):
		size := bodySize(r)
		if !s.acquireDocument(user, size) {
			out.last(encode(errorResponse(r.Context(), exec, operation, errcode.ErrStreamBytes), false), underWay)
			break
		}
		defer s.releaseDocument(user, size)
		underWay.Hold(int64(size))
		if !s.sendSubscription(r.Context(), place, out, exec, operation) {
			return
		}
	default:
		response := execute(r.Context(), exec, operation)
		if err := underWay.Refusal(); err != nil {
			response = limitResponse(r, err)
		}
		if response != nil {
			out.last(encode(response, true), underWay)
		}
	}
	out.complete()
}

// bodySize returns the size of the body of a request, the maximum if it was sent in chunks.
func bodySize(r *http.Request) int {
	if r.ContentLength < 0 {
		return document.MaxBytes
	}
	return int(r.ContentLength)
}

// sendSubscription sends the events of a subscription. It returns false if the stream is
// incomplete, because the server stops or the stream
// has to give way: without the event complete, the caller reconnects.
func (s *streams) sendSubscription(
	ctx context.Context, p *place, out *eventWriter, exec graphql.GraphExecutor, operation *graphql.OperationContext,
) (complete bool) {
	ctx, cancel := s.streamContext(ctx)
	defer cancel()
	failure := runSubscription(ctx, exec, operation, func(response *graphql.Response) bool {
		p.touch()
		return out.next(encode(response, true))
	})
	cause := context.Cause(ctx)
	tokenEnded := cause == errcode.ErrTokenExpired || cause == errcode.ErrTokenRevoked
	if tokenEnded {
		failure = errorResponse(ctx, exec, operation, cause)
	}
	if failure != nil {
		out.next(encode(failure, true))
	}
	return cause == nil || tokenEnded
}

// streamContext returns a context that ends with the request, with the server and with the caller's
// token. Its cause is [errcode.ErrTokenExpired] or [errcode.ErrTokenRevoked] if the token ended.
func (s *streams) streamContext(ctx context.Context) (_ context.Context, cancel func()) {
	ctx, end := context.WithCancelCause(ctx)
	ignoreStop := context.AfterFunc(s.stopping, func() { end(http.ErrServerClosed) })
	caller := auth.FromContext(ctx)
	expiry := time.AfterFunc(time.Until(caller.ExpiresAt), func() { end(errcode.ErrTokenExpired) })
	ignoreRevocation := s.onRevoked(caller, func() { end(errcode.ErrTokenRevoked) })
	return ctx, func() {
		ignoreStop()
		ignoreRevocation()
		expiry.Stop()
		end(nil)
	}
}

// eventWriter writes one event at a time. It is safe for concurrent use.
type eventWriter struct {
	controller   *http.ResponseController
	writeTimeout time.Duration

	mu sync.Mutex
	w  http.ResponseWriter // guarded by mu
}

// openEvents sends the header and a first comment.
func (s *streams) openEvents(w http.ResponseWriter) *eventWriter {
	out := &eventWriter{controller: http.NewResponseController(w), writeTimeout: s.WriteTimeout, w: w}
	header := w.Header()
	header.Set("Content-Type", typeEvents+"; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // otherwise nginx buffers events
	w.WriteHeader(http.StatusOK)
	out.write([]byte(":\n\n"))
	return out
}

// next writes a response. It returns false if the caller has disconnected or reads too slowly.
func (e *eventWriter) next(body parts) bool {
	// The data of an event must be one line. WispHub may send a task's result on several lines.
	// Within strings JSON escapes line breaks, so replacing the others keeps the value.
	for _, part := range body {
		for i, b := range part {
			if b == '\n' || b == '\r' {
				part[i] = ' '
			}
		}
	}
	return e.write(slices.Concat(parts{[]byte("event: next\ndata: ")}, body, parts{[]byte("\n\n")})...)
}

// last is next for an operation that no longer runs. Its bytes are those of the response.
func (e *eventWriter) last(body parts, underWay *inflight.Operation) {
	underWay.Executed()
	underWay.Hold(body.size())
	e.next(body)
}

func (e *eventWriter) complete() { e.write([]byte("event: complete\ndata:\n\n")) }

// eventChunk is how many bytes are written with one deadline.
const eventChunk = 64 << 10

// write writes the parts without interruption and flushes them. Each chunk extends the server's
// write deadline, which is meant for short responses. The writers of tests support no deadline and
// need none.
func (e *eventWriter) write(texts ...[]byte) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, text := range texts {
		for chunk := range slices.Chunk(text, eventChunk) {
			_ = e.controller.SetWriteDeadline(time.Now().Add(e.writeTimeout))
			if _, err := e.w.Write(chunk); err != nil {
				return false
			}
		}
	}
	return e.controller.Flush() == nil
}

// keepAlive writes a comment at each interval until stop is called. stop waits for the last write.
func (e *eventWriter) keepAlive(interval time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				e.write([]byte(":\n\n"))
			}
		}
	})
	return func() {
		cancel()
		running.Wait()
	}
}
