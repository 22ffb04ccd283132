package main

import (
	"net/http"
	"time"
)

// patience is how long a connection may take for each part of a request, so that nobody holds one by being slow. Streams
// set deadlines of their own.
type patience struct {
	header time.Duration // from its first byte, or from the connection's beginning
	body   time.Duration // header included
	answer time.Duration // from the end of the header until all of the answer is taken
	idle   time.Duration // between two requests
}

var usualPatience = patience{header: 5 * time.Second, body: 15 * time.Second, answer: time.Minute, idle: 90 * time.Second}

const maxHeaderBytes = 16 << 10

// newServer returns the server of all faces.
func (a *app) newServer() *http.Server {
	server := &http.Server{
		Handler:           a.handler,
		ReadHeaderTimeout: a.patience.header,
		ReadTimeout:       a.patience.body,
		WriteTimeout:      a.patience.answer,
		IdleTimeout:       a.patience.idle,
		MaxHeaderBytes:    maxHeaderBytes,
		ConnState:         a.connections.track,
		ConnContext:       a.connections.meet,
		ErrorLog:          newForeignLogger(a.logger),
	}
	server.RegisterOnShutdown(a.graphql.Close) // Shutdown waits for streams of events, and does not know of sockets
	return server
}
