package transport

import (
	"context"
	"net/netip"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/errcode"
)

// streams counts the open streams of all transports and ends them on Close. Use newStreams.
type streams struct {
	StreamLimits
	onRevoked func(caller *auth.Caller, revoked func()) (stop func())
	refused   func(ctx context.Context)
	stopping  context.Context // ends on Close
	stop      context.CancelFunc
	running   sync.WaitGroup // streams and WebSockets, which run on goroutines of net/http

	mu      sync.Mutex           // guards the fields below
	stopped bool                 // refuse new streams
	open    places[string]       // of event streams, and of WebSockets with a token, by username
	waiting places[netip.Prefix] // of WebSockets without a token
	// documents has the bytes that count towards MaxDocuments, documentsOf those of a user.
	documents   int
	documentsOf map[string]int
}

func newStreams(cfg Config) *streams {
	s := &streams{
		StreamLimits: defaultStreamLimits(),
		onRevoked:    cfg.OnRevoked,
		refused:      cfg.Refused,
		open:         newPlaces[string](),
		waiting:      newPlaces[netip.Prefix](),
		documentsOf:  map[string]int{},
	}
	if s.onRevoked == nil {
		s.onRevoked = func(*auth.Caller, func()) func() { return func() {} }
	}
	if s.refused == nil {
		s.refused = func(context.Context) {}
	}
	s.stopping, s.stop = context.WithCancel(context.Background())
	return s
}

// Close ends all streams and waits for them.
func (s *streams) Close() {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	s.stop()
	s.running.Wait()
}

// streamErr returns why a subscription ended. The resolver sets it. The transport calls it after
// the last response.
type streamErr struct{ err func() error }

type streamErrKey struct{}

// SetStreamErr sets the function that returns why the resolver closed its channel, nil for a normal
// end. GraphQL resolvers cannot return an error after the first response.
func SetStreamErr(ctx context.Context, err func() error) {
	if end, ok := ctx.Value(streamErrKey{}).(*streamErr); ok {
		end.err = err
	}
}

// runSubscription passes each response to send until send returns false, the subscription ends or
// ctx is done. It returns a last response with the error that ended the subscription. It returns
// nil after a normal end, or if no caller is left.
func runSubscription(
	ctx context.Context, exec graphql.GraphExecutor, operation *graphql.OperationContext,
	send func(*graphql.Response) bool,
) (failure *graphql.Response) {
	defer func() {
		// net/http does not recover panics on a WebSocket's own goroutines.
		if value := recover(); value != nil {
			err := operation.Recover(graphql.WithOperationContext(ctx, operation), value)
			failure = errorResponse(ctx, exec, operation, err)
		}
	}()
	fields := graphql.CollectFields(operation, operation.Operation.SelectionSet, []string{"Subscription"})
	// gqlparser accepts one field with two aliases, and a field that @skip removes.
	if len(fields) != 1 {
		return errorResponse(ctx, exec, operation, errcode.ErrOneField)
	}
	end := &streamErr{err: func() error { return nil }}
	responses, streamCtx := exec.DispatchOperation(context.WithValue(ctx, streamErrKey{}, end), operation)
	// The path of an error must start with the subscription's field, which gqlgen omits.
	field := &graphql.FieldContext{Object: "Subscription", Field: fields[0]}
	streamCtx = graphql.WithFieldContext(streamCtx, field)
	for {
		response := responses(streamCtx)
		switch {
		case ctx.Err() != nil:
			return nil
		case response == nil:
			if err := end.err(); err != nil {
				return errorResponse(ctx, exec, operation, err)
			}
			return nil
		case response.Data == nil:
			return response
		case !send(response):
			return nil
		}
	}
}

// errorResponse returns a response with one error, presented like the errors of resolvers.
func errorResponse(
	ctx context.Context, exec graphql.GraphExecutor, operation *graphql.OperationContext, err error,
) *graphql.Response {
	return exec.DispatchError(graphql.WithOperationContext(ctx, operation), gqlerror.List{gqlerror.Wrap(err)})
}

func isSubscription(operation *graphql.OperationContext) bool {
	return operation.Operation != nil && operation.Operation.Operation == ast.Subscription
}
