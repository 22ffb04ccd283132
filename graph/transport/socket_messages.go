package transport

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
	"wisphub-graphql/background"
	"wisphub-graphql/graph/document"
	"wisphub-graphql/graph/errcode"
)

// message is a message on a socket, in either direction.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// handle processes a message. It returns why the socket must be closed, nil if it stays open.
func (s *socket) handle(m *message, initTimer *time.Timer) *closeReason {
	if s.caller == nil {
		if s.messages++; s.messages > s.MaxInitMessages {
			return closeTooMany
		}
	} else {
		s.open.touch()
	}
	switch m.Type {
	case "connection_init":
		initTimer.Stop()
		return s.initialise(m.Payload)
	case "subscribe":
		return s.subscribe(m)
	case "complete":
		s.complete(m.ID)
	case "ping":
		if s.caller != nil { // strangers get no answer
			s.send(message{Type: "pong"})
		}
	case "pong":
	default:
		return closeInvalid
	}
	return nil
}

// initialise verifies the caller's token. The socket is closed when the token expires or is
// revoked.
func (s *socket) initialise(payload json.RawMessage) *closeReason {
	if s.caller != nil {
		return closeSecondInit
	}
	caller, err := s.cfg.Verify(s.ctx, payloadToken(payload))
	if err != nil {
		return closeForbidden
	}
	if reason := s.takePlace(caller.Username); reason != nil {
		return reason
	}
	s.caller = caller
	s.expiry = time.AfterFunc(time.Until(caller.ExpiresAt), func() { s.close(closeExpired) })
	s.ignoreRevocation = s.onRevoked(caller, func() { s.close(closeRevoked) })
	s.ignoreEviction = context.AfterFunc(s.open.evicted, func() { s.close(closeFull) })
	s.initialised.Store(true)
	s.frames.open()
	s.conn.SetReadLimit(s.MaxMessage)
	s.running.Go(s.heartbeat)
	s.send(message{Type: "connection_ack"})
	return nil
}

// takePlace counts the socket as one of the user's, no longer as one that waits.
func (s *socket) takePlace(username string) *closeReason {
	var refusal string
	s.open, refusal = s.acquire(username)
	switch refusal {
	case "":
	case refusedUser:
		return closeUserLimit
	default:
		return closeFull
	}
	s.openFor = username
	s.open.awaitVictim()
	if !s.stopWaiting() {
		return closeInitLate
	}
	return nil
}

// payloadToken returns the bearer token in the payload's member authorization, whose name may have
// any case. It returns "" if there is none, or more than one.
func payloadToken(payload json.RawMessage) string {
	var members map[string]any
	if json.Unmarshal(payload, &members) != nil {
		return ""
	}
	found := ""
	for name, value := range members {
		text, _ := value.(string)
		token, bearer := auth.BearerToken(text)
		switch {
		case !strings.EqualFold(name, "authorization"):
		case found != "" || !bearer:
			return ""
		default:
			found = token
		}
	}
	return found
}

// subscription is one operation on a socket.
type subscription struct {
	id        string
	size      int             // bytes of its message
	ctx       context.Context // of the operation
	cancel    context.CancelFunc
	operation *graphql.OperationContext
}

// subscribe starts a subscription. It parses the document on serve's goroutine, so that one socket
// does not use several cores.
func (s *socket) subscribe(m *message) *closeReason {
	if s.caller == nil {
		return closeNoInit
	}
	params, err := decodeParams(m.Payload, s.cfg.Trusted)
	tooMuch := (*document.LimitError)(nil)
	switch {
	case m.ID == "":
		return closeInvalid
	case errors.As(err, &tooMuch):
		ctx := graphql.WithOperationContext(s.ctx, &graphql.OperationContext{Headers: s.request.Header})
		errs := gqlerror.List{s.cfg.Present(ctx, err)}
		s.send(message{ID: m.ID, Type: "error", Payload: mustMarshal(errs)})
		s.penalise()
		return nil
	case err != nil:
		return closeInvalid
	}
	sub := &subscription{id: m.ID, size: len(m.Payload)}
	sub.ctx, sub.cancel = context.WithCancel(auth.NewContext(s.ctx, s.caller))
	if !s.add(sub) {
		sub.cancel()
		return closeRepeatedID
	}
	params.Headers = s.request.Header
	operation, errs := s.exec.CreateOperationContext(sub.ctx, params)
	sub.ctx = graphql.WithOperationContext(sub.ctx, operation)
	sub.operation = operation
	s.start(sub, errs)
	return nil
}

// start runs the subscription on its own goroutine, or sends why it cannot run.
func (s *socket) start(sub *subscription, errs gqlerror.List) {
	switch {
	case errs != nil:
		s.refuse(sub, s.exec.DispatchError(sub.ctx, errcode.Summarize(errs)).Errors)
	case !isSubscription(sub.operation):
		s.refuse(sub, gqlerror.List{s.cfg.Present(sub.ctx, errcode.ErrNotSubscription)})
	case len(s.slots) == cap(s.slots): // only this goroutine takes slots
		s.refuse(sub, gqlerror.List{s.cfg.Present(sub.ctx, errcode.ErrTooManyStreams)})
	case !s.acquireDocument(s.openFor, sub.size):
		s.refuse(sub, gqlerror.List{s.cfg.Present(sub.ctx, errcode.ErrStreamBytes)})
	default:
		s.refusals = max(0, s.refusals-1)
		s.slots <- struct{}{}
		s.running.Go(func() { s.run(sub) })
	}
}

// refuse sends why a subscription cannot run.
func (s *socket) refuse(sub *subscription, errs gqlerror.List) {
	s.finish(sub, errs)
	s.penalise()
}

// penalise delays the next message if too many documents were refused, as package httpserver delays
// the requests of a connection.
func (s *socket) penalise() {
	s.refusals = min(s.refusals+1, s.cfg.FreeRefusals+1)
	if s.refusals > s.cfg.FreeRefusals {
		_ = background.Sleep(s.ctx, s.cfg.RefusalPenalty) // the reader notices the end of the socket
	}
}

// run sends the responses of a subscription until it ends.
func (s *socket) run(sub *subscription) {
	defer func() {
		s.releaseDocument(s.openFor, sub.size)
		<-s.slots
	}()
	failure := runSubscription(sub.ctx, s.exec, sub.operation, func(response *graphql.Response) bool {
		s.open.touch()
		s.send(message{ID: sub.id, Type: "next", Payload: encode(response, true).join()})
		return true
	})
	if failure != nil {
		s.finish(sub, failure.Errors)
		return
	}
	s.finish(sub, nil)
}

// finish removes the subscription and sends its end: complete, or error if there are errors. It
// sends nothing if the caller has completed the subscription or the socket is closed.
func (s *socket) finish(sub *subscription, errs gqlerror.List) {
	cancelled := sub.ctx.Err() != nil
	if !s.remove(sub) || cancelled {
		return
	}
	if errs == nil {
		s.send(message{ID: sub.id, Type: "complete"})
		return
	}
	s.send(message{ID: sub.id, Type: "error", Payload: mustMarshal(errs)})
}

// add returns false if a running subscription has the same id.
func (s *socket) add(sub *subscription) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.subscriptions[sub.id]; taken {
		return false
	}
	s.subscriptions[sub.id] = sub
	return true
}

// remove ends a subscription and frees its id. It returns false if it has been removed before.
func (s *socket) remove(sub *subscription) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub.cancel()
	if s.subscriptions[sub.id] != sub {
		return false
	}
	delete(s.subscriptions, sub.id)
	return true
}

// complete ends a subscription at the caller's request.
func (s *socket) complete(id string) {
	s.mu.Lock()
	sub := s.subscriptions[id]
	s.mu.Unlock()
	if sub != nil {
		s.remove(sub)
	}
}
