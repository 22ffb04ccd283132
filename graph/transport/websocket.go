package transport

import (
	"bufio"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/errcode"
)

// subprotocol is the supported protocol on a WebSocket:
// https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
const subprotocol = "graphql-transport-ws"

// webSocket serves GraphQL over WebSocket. It accepts subscriptions only, because messages on a
// socket bypass the middleware of requests, such as the access log and the deadline. gqlgen's own
// transport also runs mutations, lets a second subscription reuse a running one's id, has no
// limits, and closes sockets with codes that clients do not know.
type webSocket struct {
	*streams
	cfg Config
}

// Supports implements [graphql.Transport].
func (*webSocket) Supports(r *http.Request) bool { return isUpgrade(r) }

func isUpgrade(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// Do implements [graphql.Transport].
func (s *webSocket) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if !s.originAllowed(r) {
		refuse(w, r, http.StatusForbidden, "This origin may not open a WebSocket.", errcode.Forbidden)
		return
	}
	address := auth.SourceFrom(r.Context()).Address
	if !s.acquireWaiting(address) {
		refuseForNow(w, r, "Too many WebSockets are open.")
		return
	}
	open := false
	defer func() {
		if open {
			s.release()
		} else {
			s.releaseWaiting(address)
		}
	}()
	hijacked := &hijacker{ResponseWriter: w}
	conn, err := websocket.Accept(hijacked, r, &websocket.AcceptOptions{
		Subprotocols:       []string{subprotocol},
		InsecureSkipVerify: true, // originAllowed has checked the origin
	})
	if err != nil {
		return // Accept has responded
	}
	conn.SetReadLimit(s.MaxMessage)
	socket := newSocket(s, conn, hijacked.conn, r, exec)
	socket.acquireOpen = func() bool {
		open = open || s.moveToOpen(address)
		return open
	}
	socket.serve()
}

// originAllowed refuses pages of other sites, unless the operator allows their origin. Programs
// other than browsers send no origin.
func (s *webSocket) originAllowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	if u, err := url.Parse(origin); err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host) {
		return true
	}
	return s.cfg.AllowOrigin != nil && s.cfg.AllowOrigin(origin)
}

// hijacker stores the network connection of a WebSocket. When closing, the websocket package waits
// without limit for a caller that stops in the middle of a message. A deadline on the connection
// ends the wait.
type hijacker struct {
	http.ResponseWriter
	conn net.Conn
}

// Hijack implements [http.Hijacker].
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(h.ResponseWriter).Hijack()
	h.conn = conn
	return conn, buffered, err
}
