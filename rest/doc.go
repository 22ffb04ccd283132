// Package rest is the REST face of the facade, for bots: the routes under /api/v1 and /health.
//
//	handler := rest.New(rest.Config{Auth: service})
//	mux.Handle("/api/v1/", handler)
//	mux.Handle("/health", handler)
//	mux.Handle("/health/", handler)
//
// Every answer but those about tokens and permissions is one envelope of JSON, which envelope.go writes. A new route is a
// line in the table of routes.go and a method beside it.
package rest
