package transport

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/errcode"
)

// streams are the subscriptions under way, over whichever transport. See newStreams.
type streams struct {
	StreamLimits
	onRevoked func(caller *auth.Caller, revoked func()) (stop func())
	stopping  context.Context // ends with the server
	stop      context.CancelFunc
	running   sync.WaitGroup

	mu      sync.Mutex
	stopped bool           // guarded by mu, as all below
	open    int            // streams of events, and sockets that have said who calls
	of      map[string]int // those of a user, by name
	// waiting are the sockets that have not said who calls, waitingAt those of an address, "" for none.
	waiting   int
	waitingAt map[string]int
}

func newStreams(cfg Config) *streams {
	s := &streams{StreamLimits: defaultStreamLimits(), onRevoked: cfg.OnRevoked, of: map[string]int{}, waitingAt: map[string]int{}}
	if s.onRevoked == nil {
		s.onRevoked = func(*auth.Caller, func()) func() { return func() {} }
	}
	s.stopping, s.stop = context.WithCancel(context.Background())
	return s
}

// Close ends all streams and waits until they have.
func (s *streams) Close() {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	s.stop()
	s.running.Wait()
}

// ending is why a subscription has no more to say. The resolver sets it, the transport reads it after the last answer.
type ending struct{ err func() error }

type endingKey struct{}

// SetStreamErr lets a resolver say, once its channel is closed, whether that was a good end: GraphQL has no place for it.
func SetStreamErr(ctx context.Context, err func() error) {
	if end, ok := ctx.Value(endingKey{}).(*ending); ok {
		end.err = err
	}
}

// follow runs a subscription and hands each answer to send, until that returns false. It returns the answer which tells why
// there will be no more; nil when there is no more to tell, or nobody to tell it to because ctx has ended.
func follow(
	ctx context.Context, exec graphql.GraphExecutor, operation *graphql.OperationContext, send func(*graphql.Response) bool,
) (failure *graphql.Response) {
	defer func() {
		if value := recover(); value != nil { // of a goroutine without net/http's own net, perhaps
			failure = failed(ctx, exec, operation, operation.Recover(graphql.WithOperationContext(ctx, operation), value))
		}
	}()
	fields := graphql.CollectFields(operation, operation.Operation.SelectionSet, []string{"Subscription"})
	if len(fields) != 1 { // gqlparser lets pass the same field under two names, and one that is skipped
		return failed(ctx, exec, operation, errcode.ErrOneField)
	}
	end := &ending{err: func() error { return nil }}
	responses, streamCtx := exec.DispatchOperation(context.WithValue(ctx, endingKey{}, end), operation)
	// At the head of the paths of errors is the subscription's field, which gqlgen leaves out.
	streamCtx = graphql.WithFieldContext(streamCtx, &graphql.FieldContext{Object: "Subscription", Field: fields[0]})
	for {
		response := responses(streamCtx)
		switch {
		case ctx.Err() != nil:
			return nil
		case response == nil:
			if err := end.err(); err != nil {
				return failed(ctx, exec, operation, err)
			}
			return nil
		case response.Data == nil:
			return response
		case !send(response):
			return nil
		}
	}
}

// failed returns the answer that tells of an error, as of any that a resolver returns.
func failed(ctx context.Context, exec graphql.GraphExecutor, operation *graphql.OperationContext, err error) *graphql.Response {
	return exec.DispatchError(graphql.WithOperationContext(ctx, operation), gqlerror.List{gqlerror.Wrap(err)})
}

func isSubscription(operation *graphql.OperationContext) bool {
	return operation.Operation != nil && operation.Operation.Operation == ast.Subscription
}
