package graph

import (
	"context"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
)

// streams are the subscriptions under way, over whichever transport. See newStreams.
type streams struct {
	pace
	// whenEnded tells when a caller's token is no longer good, see auth.Service.
	whenEnded func(caller *auth.Caller, ended func()) (stop func())
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

// pace is how much, and what time, a connection is given.
type pace struct {
	keepAlive    time.Duration // between the comments that keep proxies from closing a quiet stream of events
	pings        time.Duration // between those of a socket
	pong         time.Duration // for the answer to one
	initialising time.Duration // for the token on a socket
	patience     time.Duration // for a caller to take one message
	goodbye      time.Duration // for a caller to agree that the socket is closed
	maxOpen      int           // streams of events and sockets
	perUser      int           // of them
	maxWaiting   int           // sockets that have not said who calls
	perAddress   int           // of them
	perSocket    int           // subscriptions
	maxMessage   int64         // bytes
}

func newStreams() *streams {
	s := &streams{of: map[string]int{}, waitingAt: map[string]int{}, pace: pace{
		keepAlive:    15 * time.Second,
		pings:        20 * time.Second,
		pong:         10 * time.Second,
		initialising: 5 * time.Second,
		patience:     5 * time.Second,
		goodbye:      time.Second,
		maxOpen:      1000,
		perUser:      250, // a whole team of dashboards may log in as one
		maxWaiting:   500, // a restart has all dashboards of an office come back at once, from one address
		perAddress:   250,
		perSocket:    10,
		maxMessage:   64 << 10,
	}}
	s.whenEnded = func(*auth.Caller, func()) func() { return func() {} } // until newServer knows better
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

// endsWith lets a resolver say, once its channel is closed, whether that was a good end: GraphQL has no place for it.
func endsWith(ctx context.Context, err func() error) {
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
		return failed(ctx, exec, operation, errOneField)
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
