// Package rest implements the REST API for bots: the routes under /api/v1 and /health.
//
//	handler := rest.New(rest.Config{Auth: service, Provider: provider})
//	mux.Handle("/api/v1/", handler)
//	mux.Handle("/health", handler)
//	mux.Handle("/health/", handler)
//
// Every answer is a JSON envelope (envelope.go), except those about tokens, permissions and rates.
// To add a route, add an entry to the table in routes.go, a handler, and an entry in route_docs.go.
package rest
