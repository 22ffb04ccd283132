package graph

import (
	"wisphub-graphql/graph/direct"
	"wisphub-graphql/graph/transport"
)

// StreamLimits returns the limits of streams, which tests change before the first request.
func (h *Handler) StreamLimits() *transport.StreamLimits { return h.transports.Limits() }

// MemoryTable returns the resolvers that memory can answer. They must not be called.
func MemoryTable() direct.Resolvers { return new(Resolver).memory() }
