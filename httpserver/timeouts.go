package httpserver

import (
	"log/slog"
	"net/http"
	"time"
)

// Timeouts limit how long a connection may take for each part of a request, so that slow callers
// cannot hold connections. Streams set their own deadlines. Zero means no limit.
type Timeouts struct {
	Header time.Duration // from the start of the connection or the first byte of the request
	Body   time.Duration // from the same moment as Header, and includes it
	Answer time.Duration // from the end of the header until the caller has received the whole answer
	Idle   time.Duration // between two requests
}

// DefaultTimeouts returns the timeouts of the program.
func DefaultTimeouts() Timeouts {
	return Timeouts{Header: 5 * time.Second, Body: 15 * time.Second, Answer: time.Minute, Idle: 90 * time.Second}
}

const maxHeaderBytes = 16 << 10

// Config configures a server. All fields are required.
type Config struct {
	Handler     http.Handler
	Timeouts    Timeouts
	Connections *ConnLimit
	Logger      *slog.Logger
}

// New returns a server that limits headers, time and connections. The caller starts it and shuts
// it down.
func New(cfg Config) *http.Server {
	return &http.Server{
		Handler:           cfg.Handler,
		ReadHeaderTimeout: cfg.Timeouts.Header,
		ReadTimeout:       cfg.Timeouts.Body,
		WriteTimeout:      cfg.Timeouts.Answer,
		IdleTimeout:       cfg.Timeouts.Idle,
		MaxHeaderBytes:    maxHeaderBytes,
		ConnState:         cfg.Connections.ConnState,
		ConnContext:       cfg.Connections.ConnContext,
		ErrorLog:          NewStdLogger(cfg.Logger),
	}
}
