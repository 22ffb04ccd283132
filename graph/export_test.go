package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"wisphub-graphql/graph/direct"
	"wisphub-graphql/graph/transport"
)

// StreamLimits returns the limits of streams, which tests change before the first request.
func (h *Handler) StreamLimits() *transport.StreamLimits { return h.transports.Limits() }

// MemoryTable returns the resolvers that memory can answer. They must not be called.
func MemoryTable() direct.Resolvers { return new(Resolver).memory() }

// Delay calls wait before and after gqlgen's executor runs a query. It must be called before the first
// request.
func (h *Handler) Delay(wait func()) {
	h.executor.ExecutableSchema = delayed{h.executor.ExecutableSchema, wait}
}

type delayed struct {
	graphql.ExecutableSchema
	wait func()
}

func (d delayed) Exec(ctx context.Context) graphql.ResponseHandler {
	next := d.ExecutableSchema.Exec(ctx)
	return func(ctx context.Context) *graphql.Response {
		d.wait()
		defer d.wait()
		return next(ctx)
	}
}
