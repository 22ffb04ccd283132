package transport

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"

	"wisphub-graphql/auth"
)

// closing is why a socket is closed, in words that never repeat what was sent.
type closing struct {
	code   websocket.StatusCode
	reason string
}

// The reasons of the protocol and, from 1000 to 1999, of WebSocket itself.
var (
	closeStopping   = &closing{websocket.StatusGoingAway, "Server is stopping"}
	closeNoPong     = &closing{websocket.StatusGoingAway, "No pong"}
	closeTooLarge   = &closing{websocket.StatusMessageTooBig, "Message too large"}
	closeTooMany    = &closing{websocket.StatusTryAgainLater, "Too many WebSockets of this user"}
	closeFull       = &closing{websocket.StatusTryAgainLater, "Too many WebSockets are open"}
	closeLost       = &closing{websocket.StatusProtocolError, "Not a WebSocket"}
	closePanic      = &closing{websocket.StatusInternalError, "Internal server error"}
	closeInvalid    = &closing{4400, "Invalid message"}
	closeNoInit     = &closing{4401, "Unauthorized"}
	closeForbidden  = &closing{4403, "Forbidden"}
	closeExpired    = &closing{4403, "Token expired"}
	closeEnded      = &closing{4403, "Session ended"}
	closeProtocol   = &closing{4406, "Subprotocol not acceptable"}
	closeInitLate   = &closing{4408, "Connection initialisation timeout"}
	closeRepeatedID = &closing{4409, "Subscriber for this id already exists"}
	closeSecondInit = &closing{4429, "Too many initialisation requests"}
)

// socket is one connection.
type socket struct {
	*sockets
	conn    *websocket.Conn
	beneath net.Conn
	request *http.Request
	exec    graphql.GraphExecutor
	settle  func() bool // takes a place among the sockets of callers, false for none

	ctx    context.Context // ends with the socket
	cancel context.CancelFunc
	once   sync.Once     // closes it
	slots  chan struct{} // taken by a subscription until it has ended
	jobs   sync.WaitGroup

	caller *auth.Caller // nil until the socket is initialised; read's, as what follows is
	expiry *time.Timer  // not nil then
	unhook func()       // from the end of the caller's token; not nil then

	mu            sync.Mutex
	subscriptions map[string]*subscription // by the caller's ids, guarded by mu
}

func newSocket(s *sockets, conn *websocket.Conn, beneath net.Conn, r *http.Request, exec graphql.GraphExecutor) *socket {
	ctx, cancel := context.WithCancel(r.Context())
	return &socket{
		sockets: s, conn: conn, beneath: beneath, request: r, exec: exec,
		ctx: ctx, cancel: cancel,
		slots:         make(chan struct{}, s.MaxPerSocket),
		subscriptions: map[string]*subscription{},
	}
}

// serve reads messages until the socket is closed, by whomever, and waits for the subscriptions to end.
func (s *socket) serve() {
	defer s.jobs.Wait()
	defer s.close(closePanic) // unless it is closed
	if s.conn.Subprotocol() != subprotocol {
		s.close(closeProtocol)
		return
	}
	late := time.AfterFunc(s.InitTimeout, func() { s.close(closeInitLate) })
	defer late.Stop()
	defer context.AfterFunc(s.stopping, func() { s.close(closeStopping) })()
	s.jobs.Go(s.heartbeat)
	defer s.forget()
	s.close(s.read(late))
}

// forget ends what began with the caller's name.
func (s *socket) forget() {
	if s.caller != nil {
		s.expiry.Stop()
		s.unhook()
		s.part(s.caller.Username)
	}
}

// read takes messages until one of them, or the lack of them, closes the socket.
func (s *socket) read(late *time.Timer) *closing {
	for {
		kind, text, err := s.conn.Read(context.Background()) // the heartbeat ends it
		switch {
		case errors.Is(err, websocket.ErrMessageTooBig):
			return closeTooLarge
		case err != nil:
			return closeLost // unless it is closed
		}
		var m message
		if kind != websocket.MessageText || json.Unmarshal(text, &m) != nil {
			return closeInvalid
		}
		if why := s.handle(&m, late); why != nil {
			return why
		}
	}
}

// heartbeat closes the socket of a caller who is gone without a word.
func (s *socket) heartbeat() {
	ticker := time.NewTicker(s.PingInterval)
	defer ticker.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-ticker.C:
		}
		ctx, cancel := context.WithTimeout(s.ctx, s.PongTimeout)
		err := s.conn.Ping(ctx)
		cancel()
		if err != nil {
			s.close(closeNoPong)
			return
		}
	}
}

// close tells the caller why and ends all subscriptions. Of several calls the first one's reason is told; each returns when
// the socket is closed.
func (s *socket) close(why *closing) {
	s.once.Do(func() {
		s.cancel()
		_ = s.beneath.SetDeadline(time.Now().Add(s.CloseTimeout)) // a lost connection needs none
		_ = s.conn.Close(why.code, why.reason)                    // nor does it hear this
	})
}

// send writes a message; one that is not taken in time closes the socket.
func (s *socket) send(m message) {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // answers are JSON
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.WriteTimeout) // not s.ctx, whose end would cut off the reason
	defer cancel()
	_ = s.conn.Write(ctx, websocket.MessageText, text) // read learns of a connection that is lost
}
