package graph

import "wisphub-graphql/graph/transport"

// StreamLimits returns the limits of streams, which tests change before the first request.
func (h *Handler) StreamLimits() *transport.StreamLimits { return h.transports.Limits() }
