package transport

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/errcode"
)

// sendsEvents reports whether the answer is a stream of events: always when nothing else is accepted, and for a
// subscription when they are accepted at all.
func sendsEvents(r *http.Request, operation *graphql.OperationContext) bool {
	return takesEvents(r) && (isSubscription(operation) || answerType(r) == "")
}

// events answers by GraphQL over server-sent events, in its distinct connections mode. A document that cannot run is an
// event, too: browsers do not show a page the body of a refusal. It calls leave before it writes an answer that has been made.
func (s *streams) events(
	w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, operation *graphql.OperationContext, errs gqlerror.List,
	leave func(),
) {
	user := callerName(r.Context())
	if !s.enter() {
		refuseForNow(w, r, "Too many streams are open.")
		return
	}
	defer s.leave()
	if !s.join(user) {
		refuseForNow(w, r, "This user has too many streams open.")
		return
	}
	defer s.part(user)
	out := s.openEvents(w)
	defer out.keepAlive(s.KeepAlive)()
	switch {
	case errs != nil:
		leave()
		out.next(encode(exec.DispatchError(graphql.WithOperationContext(r.Context(), operation), errcode.Summarize(errs)), false))
	case isSubscription(operation):
		if !s.stream(r.Context(), out, exec, operation) {
			return
		}
	default:
		if response := execute(r.Context(), exec, operation); response != nil {
			leave()
			out.next(encode(response, true))
		}
	}
	out.complete()
}

// stream answers a subscription and returns whether the stream is complete. When the server stops it is not: callers come back then.
func (s *streams) stream(
	ctx context.Context, out *eventWriter, exec graphql.GraphExecutor, operation *graphql.OperationContext,
) bool {
	ctx, cancel := s.lifetime(ctx)
	defer cancel()
	failure := follow(ctx, exec, operation, func(response *graphql.Response) bool {
		return out.next(encode(response, true))
	})
	cause := context.Cause(ctx)
	tokenOver := cause == errcode.ErrTokenExpired || cause == errcode.ErrTokenRevoked
	if tokenOver {
		failure = failed(ctx, exec, operation, cause)
	}
	if failure != nil {
		out.next(encode(failure, true))
	}
	return cause == nil || tokenOver
}

// lifetime returns the context of a stream. It ends with the request, with the server, and with the caller's token, whose end
// is its cause then.
func (s *streams) lifetime(ctx context.Context) (_ context.Context, cancel func()) {
	ctx, end := context.WithCancelCause(ctx)
	stay := context.AfterFunc(s.stopping, func() { end(http.ErrServerClosed) })
	caller := auth.FromContext(ctx)
	expiry := time.AfterFunc(time.Until(caller.ExpiresAt), func() { end(errcode.ErrTokenExpired) })
	forget := s.onRevoked(caller, func() { end(errcode.ErrTokenRevoked) })
	return ctx, func() {
		stay()
		forget()
		expiry.Stop()
		end(nil)
	}
}

// eventWriter writes events, one at a time.
type eventWriter struct {
	controller *http.ResponseController
	patience   time.Duration

	mu sync.Mutex
	w  http.ResponseWriter // guarded by mu
}

// openEvents begins the answer.
func (s *streams) openEvents(w http.ResponseWriter) *eventWriter {
	out := &eventWriter{controller: http.NewResponseController(w), patience: s.WriteTimeout, w: w}
	header := w.Header()
	header.Set("Content-Type", eventType+"; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // nginx would hold events back
	w.WriteHeader(http.StatusOK)
	out.write(":\n\n")
	return out
}

// next writes an answer and returns whether the caller still takes them.
func (e *eventWriter) next(body []byte) bool {
	// A task's result may come from the upstream on several lines, which an event cannot have. In texts JSON escapes them.
	for i, b := range body {
		if b == '\n' || b == '\r' {
			body[i] = ' '
		}
	}
	return e.write("event: next\ndata: " + string(body) + "\n\n")
}

func (e *eventWriter) complete() { e.write("event: complete\ndata:\n\n") }

func (e *eventWriter) write(text string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	// The server's deadline is for answers that end. A writer that has none, a test's, needs no other.
	_ = e.controller.SetWriteDeadline(time.Now().Add(e.patience))
	if _, err := e.w.Write([]byte(text)); err != nil {
		return false
	}
	return e.controller.Flush() == nil
}

// keepAlive writes a comment now and then until stop is called, which waits for the last.
func (e *eventWriter) keepAlive(every time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var writing sync.WaitGroup
	writing.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				e.write(":\n\n")
			}
		}
	})
	return func() {
		cancel()
		writing.Wait()
	}
}
