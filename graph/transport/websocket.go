package transport

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"net/http"
	"net/netip"
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
	address, _ := netip.ParseAddr(auth.SourceFrom(r.Context()).Address) // 0 counts as an address, too
	network := auth.Network(address)
	waiting := s.acquireWaiting(network)
	if waiting == nil {
		refuseForNow(w, r, "Too many WebSockets are open.")
		return
	}
	defer s.releaseWaiting(network, waiting)
	waiting.awaitVictim()
	socket := newSocket(s, r, exec)
	defer socket.cancel()
	defer socket.releasePlace()
	socket.waiting, socket.stopWaiting = waiting, func() bool { return s.stopWaiting(network, waiting) }
	hijacked := &hijacker{ResponseWriter: w, frames: socket.frames}
	conn, err := websocket.Accept(hijacked, r, &websocket.AcceptOptions{
		Subprotocols:       []string{subprotocol},
		InsecureSkipVerify: true, // originAllowed has checked the origin
		OnPingReceived:     func(context.Context, []byte) bool { return socket.initialised.Load() },
	})
	if err != nil {
		return // Accept has responded
	}
	conn.SetReadLimit(s.SmallMessage)
	socket.conn, socket.netConn = conn, hijacked.conn
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

// hijacker stores the network connection of a WebSocket, and lets the websocket package read it
// through frames. When closing, that package waits without limit for a caller that stops in the
// middle of a message. A deadline on the connection ends the wait.
type hijacker struct {
	http.ResponseWriter
	frames *frameLimit
	conn   net.Conn
}

// The sizes of a socket's buffers. Small ones save memory, and readBuffer bounds how many frames can
// pass before the next pause.
const (
	readBuffer  = 128
	writeBuffer = 512
)

// Hijack implements [http.Hijacker].
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	early, _ := buffered.Reader.Peek(buffered.Reader.Buffered()) // never fails: it is in memory
	h.conn = &frameConn{Conn: conn, early: bytes.Clone(early), limit: h.frames}
	reader := bufio.NewReaderSize(h.conn, readBuffer)
	return h.conn, bufio.NewReadWriter(reader, bufio.NewWriterSize(h.conn, writeBuffer)), nil
}
