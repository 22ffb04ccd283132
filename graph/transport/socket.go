package transport

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"

	"wisphub-graphql/auth"
)

// closeReason is the code and the text with which a socket is closed. It never repeats what the
// caller sent.
type closeReason struct {
	code websocket.StatusCode
	text string
}

// The codes from 4000 are those of the subprotocol. Those from 1000 to 1999 are WebSocket's own.
var (
	closeStopping   = &closeReason{websocket.StatusGoingAway, "Server is stopping"}
	closeNoPong     = &closeReason{websocket.StatusGoingAway, "No pong"}
	closeTooLarge   = &closeReason{websocket.StatusMessageTooBig, "Message too large"}
	closeLargeMany  = &closeReason{websocket.StatusTryAgainLater, "Too many large messages"}
	closeUserLimit  = &closeReason{websocket.StatusTryAgainLater, "Too many WebSockets of this user"}
	closeFull       = &closeReason{websocket.StatusTryAgainLater, "Too many WebSockets are open"}
	closeLost       = &closeReason{websocket.StatusProtocolError, "Not a WebSocket"}
	closePanic      = &closeReason{websocket.StatusInternalError, "Internal server error"}
	closeInvalid    = &closeReason{4400, "Invalid message"}
	closeNoInit     = &closeReason{4401, "Unauthorized"}
	closeForbidden  = &closeReason{4403, "Forbidden"}
	closeExpired    = &closeReason{4403, "Token expired"}
	closeRevoked    = &closeReason{4403, "Session ended"}
	closeProtocol   = &closeReason{4406, "Subprotocol not acceptable"}
	closeInitLate   = &closeReason{4408, "Connection initialisation timeout"}
	closeRepeatedID = &closeReason{4409, "Subscriber for this id already exists"}
	closeSecondInit = &closeReason{4429, "Too many initialisation requests"}
	closeTooMany    = &closeReason{4429, "Too many messages"}
)

// socket is one WebSocket.
type socket struct {
	*webSocket
	conn    *websocket.Conn
	netConn net.Conn
	request *http.Request
	exec    graphql.GraphExecutor
	frames  *frameLimit
	// waiting is the place of the socket until the caller has sent a token. stopWaiting leaves it.
	// It returns false if the socket has had to give way.
	waiting     *place
	stopWaiting func() bool
	initialised atomic.Bool // the caller has sent a valid token

	ctx       context.Context // ends when the socket is closed
	cancel    context.CancelFunc
	closeOnce sync.Once
	slots     chan struct{}  // one value per running subscription
	running   sync.WaitGroup // the heartbeat and the subscriptions

	// Used by serve's goroutine only. Until the caller has sent a valid token, all are nil but
	// messages.
	caller           *auth.Caller
	open             *place
	openFor          string // the user of open
	expiry           *time.Timer
	ignoreRevocation func()
	ignoreEviction   func() bool
	messages         int // before the token
	refusals         int // of documents, less one for each that was accepted

	mu            sync.Mutex
	subscriptions map[string]*subscription // by the caller's ids, guarded by mu
}

func newSocket(s *webSocket, r *http.Request, exec graphql.GraphExecutor) *socket {
	ctx, cancel := context.WithCancel(r.Context())
	return &socket{
		webSocket: s, request: r, exec: exec,
		frames: newFrameLimit(ctx, &s.StreamLimits),
		ctx:    ctx, cancel: cancel,
		slots:         make(chan struct{}, s.MaxPerSocket),
		subscriptions: map[string]*subscription{},
	}
}

// serve handles messages until the socket is closed, and waits for its goroutines.
func (s *socket) serve() {
	defer s.running.Wait()
	defer s.close(closePanic) // no effect unless serve panics
	if s.conn.Subprotocol() != subprotocol {
		s.close(closeProtocol)
		return
	}
	initTimer := time.AfterFunc(s.InitTimeout, func() { s.close(closeInitLate) })
	defer initTimer.Stop()
	defer context.AfterFunc(s.stopping, func() { s.close(closeStopping) })()
	defer context.AfterFunc(s.waiting.evicted, func() { s.closeWithin(s.EvictTimeout, closeInitLate) })()
	defer s.releaseCaller()
	s.close(s.read(initTimer))
}

// releaseCaller ends what initialise began for the caller.
func (s *socket) releaseCaller() {
	if s.caller != nil {
		s.expiry.Stop()
		s.ignoreRevocation()
		s.ignoreEviction()
	}
}

// releasePlace is called when the connection is closed.
func (s *socket) releasePlace() {
	if s.open != nil {
		s.release(s.openFor, s.open)
	}
}

// read handles messages and returns why the socket must be closed.
func (s *socket) read(initTimer *time.Timer) *closeReason {
	for {
		text, release, reason := s.receive()
		if reason != nil {
			return reason
		}
		var m message
		if json.Unmarshal(text, &m) != nil {
			reason = closeInvalid
		} else {
			reason = s.handle(&m, initTimer)
		}
		if release(); reason != nil {
			return reason
		}
	}
}

// receive returns the next message, and a function that the caller must call when the message is no
// longer used. Its memory is bounded: only so many large messages may be on their way at once.
func (s *socket) receive() (text []byte, release func(), reason *closeReason) {
	release = func() {}
	// heartbeat closes a socket whose caller is silent, which ends Read.
	kind, reader, err := s.conn.Reader(context.Background())
	if err == nil {
		text, err = io.ReadAll(io.LimitReader(reader, s.SmallMessage))
	}
	if err == nil && int64(len(text)) == s.SmallMessage {
		if s.caller == nil {
			return nil, nil, closeTooLarge
		}
		if !s.acquireDocument(s.openFor, int(s.MaxMessage)) {
			return nil, nil, closeLargeMany
		}
		release = func() { s.releaseDocument(s.openFor, int(s.MaxMessage)) }
		var rest []byte
		rest, err = io.ReadAll(reader)
		text = append(text, rest...)
	}
	switch {
	case errors.Is(err, websocket.ErrMessageTooBig):
		reason = closeTooLarge
	case errors.Is(err, errTooManyFrames):
		reason = closeTooMany
	case err != nil:
		reason = closeLost // no effect if the socket has been closed
	case kind != websocket.MessageText:
		reason = closeInvalid
	}
	if reason != nil {
		release()
	}
	return text, release, reason
}

// heartbeat pings the caller and closes the socket if no pong arrives in time.
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

// close sends the reason and ends all subscriptions. Only the first call has an effect. The others
// return when the socket is closed.
func (s *socket) close(reason *closeReason) { s.closeWithin(s.CloseTimeout, reason) }

// closeWithin is close with another time for the caller to confirm.
func (s *socket) closeWithin(timeout time.Duration, reason *closeReason) {
	s.closeOnce.Do(func() {
		s.cancel()
		// Both fail if the connection is lost, and then neither is needed.
		_ = s.netConn.SetDeadline(time.Now().Add(timeout))
		_ = s.conn.Close(reason.code, reason.text)
	})
}

// send writes a message. If the caller does not read it in time, Write closes the connection.
func (s *socket) send(m message) {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // payloads are valid JSON
	}
	// s.ctx ends before the close reason is sent. A write with it would drop the connection.
	ctx, cancel := context.WithTimeout(context.Background(), s.WriteTimeout)
	defer cancel()
	_ = s.conn.Write(ctx, websocket.MessageText, text) // read notices a lost connection
}
