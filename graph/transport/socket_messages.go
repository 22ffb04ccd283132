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
	"wisphub-graphql/graph/document"
	"wisphub-graphql/graph/errcode"
)

// message is what goes over a socket, both ways.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// handle does what a message asks for. It returns why the socket is to be closed, nil when it is not.
func (s *socket) handle(m *message, late *time.Timer) *closing {
	switch m.Type {
	case "connection_init":
		late.Stop()
		return s.initialise(m.Payload)
	case "subscribe":
		return s.subscribe(m)
	case "complete":
		s.complete(m.ID)
	case "ping":
		s.send(message{Type: "pong"})
	case "pong":
	default:
		return closeInvalid
	}
	return nil
}

// initialise learns who calls. The socket lasts as long as the token.
func (s *socket) initialise(payload json.RawMessage) *closing {
	if s.caller != nil {
		return closeSecondInit
	}
	caller, err := s.cfg.Verify(tokenIn(payload))
	if err != nil {
		return closeForbidden
	}
	if !s.settle() {
		return closeFull
	}
	if !s.join(caller.Username) {
		return closeTooMany
	}
	s.caller = caller
	s.expiry = time.AfterFunc(time.Until(caller.ExpiresAt), func() { s.close(closeExpired) })
	s.unhook = s.onRevoked(caller, func() { s.close(closeEnded) })
	s.send(message{Type: "connection_ack"})
	return nil
}

// tokenIn returns the token of the payload's one member that is called authorization, in whatever case, "" for none.
func tokenIn(payload json.RawMessage) string {
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
	ctx       context.Context // of the operation, from here on
	cancel    context.CancelFunc
	operation *graphql.OperationContext
}

// subscribe begins a subscription. Its document is read here and not beside the next message, so that one socket keeps no
// more than one core from others.
func (s *socket) subscribe(m *message) *closing {
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
		s.send(message{ID: m.ID, Type: "error", Payload: mustMarshal(gqlerror.List{s.cfg.Present(ctx, err)})})
		return nil
	case err != nil:
		return closeInvalid
	}
	job := &subscription{id: m.ID}
	job.ctx, job.cancel = context.WithCancel(auth.NewContext(s.ctx, s.caller))
	if !s.add(job) {
		job.cancel()
		return closeRepeatedID
	}
	params.Headers = s.request.Header
	operation, errs := s.exec.CreateOperationContext(job.ctx, params)
	job.ctx = graphql.WithOperationContext(job.ctx, operation)
	job.operation = operation
	s.begin(job, errs)
	return nil
}

// begin runs a subscription beside others, or tells why not.
func (s *socket) begin(job *subscription, errs gqlerror.List) {
	switch {
	case errs != nil:
		s.finish(job, s.exec.DispatchError(job.ctx, errcode.Summarize(errs)).Errors)
	case !isSubscription(job.operation):
		s.finish(job, gqlerror.List{s.cfg.Present(job.ctx, errcode.ErrNotSubscription)})
	case len(s.slots) == cap(s.slots): // nobody else takes one
		s.finish(job, gqlerror.List{s.cfg.Present(job.ctx, errcode.ErrTooManyStreams)})
	default:
		s.slots <- struct{}{}
		s.jobs.Go(func() { s.run(job) })
	}
}

// run answers a subscription until its end.
func (s *socket) run(job *subscription) {
	defer func() { <-s.slots }()
	failure := follow(job.ctx, s.exec, job.operation, func(response *graphql.Response) bool {
		s.send(message{ID: job.id, Type: "next", Payload: encode(response, true)})
		return true
	})
	if failure != nil {
		s.finish(job, failure.Errors)
		return
	}
	s.finish(job, nil)
}

// finish tells the caller that a subscription has ended, well when there are no errors. Who has gone, or has ended it
// himself, is told nothing.
func (s *socket) finish(job *subscription, errs gqlerror.List) {
	closed := job.ctx.Err() != nil
	if !s.remove(job) || closed {
		return
	}
	if errs == nil {
		s.send(message{ID: job.id, Type: "complete"})
		return
	}
	s.send(message{ID: job.id, Type: "error", Payload: mustMarshal(errs)})
}

// add returns false when the id is taken.
func (s *socket) add(job *subscription) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.subscriptions[job.id]; taken {
		return false
	}
	s.subscriptions[job.id] = job
	return true
}

// remove ends a subscription and frees its id. It returns false when that was done already.
func (s *socket) remove(job *subscription) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	job.cancel()
	if s.subscriptions[job.id] != job {
		return false
	}
	delete(s.subscriptions, job.id)
	return true
}

// complete ends a subscription that the caller has enough of.
func (s *socket) complete(id string) {
	s.mu.Lock()
	job := s.subscriptions[id]
	s.mu.Unlock()
	if job != nil {
		s.remove(job)
	}
}
