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

// subprotocol is the one that is spoken on a socket:
// https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
const subprotocol = "graphql-transport-ws"

// sockets is GraphQL over WebSocket, for subscriptions alone: a socket passes by what surrounds a request, such as its log
// line and its deadline. gqlgen's own transport runs mutations too, lets a second subscription take the id of the first,
// knows no limit to sockets and subscriptions, and closes with codes that clients do not understand.
type sockets struct {
	*streams
	cfg Config
}

// Supports implements [graphql.Transport].
func (*sockets) Supports(r *http.Request) bool { return isUpgrade(r) }

func isUpgrade(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// Do implements [graphql.Transport].
func (s *sockets) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if !s.originAllowed(r) {
		refuse(w, r, http.StatusForbidden, "This origin may not open a WebSocket.", errcode.Forbidden)
		return
	}
	address := auth.SourceFrom(r.Context()).Address
	if !s.arrive(address) {
		refuseForNow(w, r, "Too many WebSockets are open.")
		return
	}
	settled := false
	defer func() {
		if settled {
			s.leave()
		} else {
			s.depart(address)
		}
	}()
	beneath := &hijacker{ResponseWriter: w}
	conn, err := websocket.Accept(beneath, r, &websocket.AcceptOptions{
		Subprotocols:       []string{subprotocol},
		InsecureSkipVerify: true, // the origin has been looked at
	})
	if err != nil {
		return // and answered
	}
	conn.SetReadLimit(s.MaxMessage)
	socket := newSocket(s, conn, beneath.conn, r, exec)
	socket.settle = func() bool {
		settled = settled || s.streams.settle(address)
		return settled
	}
	socket.serve()
}

// originAllowed holds back pages of other sites. Programs send no origin.
func (s *sockets) originAllowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	if u, err := url.Parse(origin); err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host) {
		return true
	}
	return s.cfg.AllowOrigin != nil && s.cfg.AllowOrigin(origin)
}

// hijacker remembers the connection beneath the socket. The library waits without end for a caller who stops in the middle
// of a message while the socket is closed; a deadline of the connection is what ends that.
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
