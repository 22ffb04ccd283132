// Package transport serves GraphQL over POST, server-sent events and WebSocket. It reads requests,
// limits operations and streams, and writes responses.
package transport

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/answers"
	"wisphub-graphql/graph/document"
	"wisphub-graphql/inflight"
	"wisphub-graphql/isp"
)

// OperationTimeout limits a query or mutation, including its upstream calls.
const OperationTimeout = 15 * time.Second

// Answers are the answers that callers share.
type Answers = answers.Store[isp.DataVersion]

// Config has the options of a [Set].
type Config struct {
	// Present returns the error that the caller sees. *Required.*
	Present graphql.ErrorPresenterFunc
	// Verify returns the caller of a token on a WebSocket. The context has the socket's source.
	// *Required.*
	Verify func(ctx context.Context, token string) (*auth.Caller, error)
	// OnRevoked calls revoked when the caller's token is revoked, until stop is called. *Optional*;
	// nil for tokens that cannot be revoked.
	OnRevoked func(caller *auth.Caller, revoked func()) (stop func())
	// AllowOrigin reports whether pages of another origin may open a WebSocket. *Optional*; nil
	// allows none.
	AllowOrigin func(origin string) bool
	// Trusted are the documents that requests may name by id. *Optional*; nil for none.
	Trusted *document.Trusted
	// Inflight limits the operations and the bytes that callers with a token have under way.
	// *Optional*; nil sets no limit.
	Inflight *inflight.Limiter
	// Answers are the answers that callers share. *Optional*; nil shares none.
	Answers *Answers
	// Shareable reports whether the answer to an operation depends on nothing but its request, the
	// caller's scopes and the data whose version Answers knows. *Required* with Answers.
	Shareable func(operation *graphql.OperationContext) bool
	// Asked is called when a user gets a shared answer, because no operation says then that the user
	// asks. *Required* with Answers.
	Asked func(username string)
	// Refused is called when a document is refused with the status 200 of an event stream. *Optional.*
	Refused func(ctx context.Context)
	// FreeRefusals is how many documents in a row may be refused on a WebSocket without a penalty.
	// An accepted one makes up for one.
	// RefusalPenalty is how long the next message waits after each further one, 0 for no penalty.
	FreeRefusals   int
	RefusalPenalty time.Duration
}

// Set has the transports of one GraphQL API, and their open streams.
type Set struct {
	cfg     Config
	streams *streams
}

// New returns the transports. The caller must call Close.
func New(cfg Config) *Set { return &Set{cfg: cfg, streams: newStreams(cfg)} }

// All returns the transports in the order in which the server must try them.
func (s *Set) All() []graphql.Transport {
	return []graphql.Transport{
		&webSocket{streams: s.streams, cfg: s.cfg},
		post{streams: s.streams, cfg: s.cfg},
	}
}

// Limits returns the limits of streams. Tests may change them before the first request.
func (s *Set) Limits() *StreamLimits { return &s.streams.StreamLimits }

// Close ends all streams and waits for them. It refuses new ones; other operations still run.
func (s *Set) Close() { s.streams.Close() }
