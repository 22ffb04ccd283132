package transport

import (
	"context"
	"errors"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/buffer"
	"wisphub-graphql/graph/document"
	"wisphub-graphql/graph/errcode"
	"wisphub-graphql/inflight"
)

// post serves GraphQL over HTTP. A request is one operation as JSON. The response is JSON or
// server-sent events. gqlgen's own transports repeat a malformed body, including passwords, in the
// response and the log. They also have no size limit and cannot respond with 401.
type post struct {
	streams *streams
	cfg     Config
}

// Supports implements [graphql.Transport].
func (post) Supports(r *http.Request) bool { return r.Method == http.MethodPost }

// Do implements [graphql.Transport].
func (p post) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	underWay, err := p.begin(r)
	if err != nil {
		inflight.LeaveBody(w, r)
		refuseForLimit(w, r, err)
		return
	}
	defer underWay.End()
	body, refusal := p.readBody(w, r)
	asked := p.question(r, body)
	if asked.answer(w, r, underWay) {
		buffer.Put(body)
		return
	}
	r = r.WithContext(inflight.NewContext(r.Context(), underWay))
	var params *graphql.RawParams
	if refusal == nil {
		params, refusal = p.params(w, r, body)
		buffer.Put(body)
	}
	if refusal != nil {
		refuse(w, r, refusal.status, refusal.message, refusal.code)
		return
	}
	// A caller who sends the body slowly does not count as an operation meanwhile.
	if err := underWay.Start(r.Context()); err != nil {
		refuseForLimit(w, r, err)
		return
	}
	p.run(w, r, exec, params, &asked)
}

// run runs an operation that has begun, and sends its answer.
func (p post) run(
	w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, params *graphql.RawParams, asked *question,
) {
	operation, errs := exec.CreateOperationContext(r.Context(), params)
	switch {
	case wantsEvents(r, operation):
		p.streams.serveEvents(w, r, exec, operation, errs)
	case errs != nil:
		ctx := graphql.WithOperationContext(r.Context(), operation)
		write(w, r, requestErrorStatus(errs), exec.DispatchError(ctx, errcode.Summarize(errs)))
	case isSubscription(operation):
		const message = "Subscriptions need Accept: text/event-stream, or a WebSocket."
		refuse(w, r, http.StatusNotAcceptable, message, errcode.BadUserInput)
	case asked.shares() && p.cfg.Shareable(operation):
		asked.answerOrRun(w, r, exec, operation)
	default:
		send(w, r, execute(r.Context(), exec, operation))
	}
}

// send sends the answer of an operation, unless there is none because the caller has left.
func send(w http.ResponseWriter, r *http.Request, response *graphql.Response) {
	if err := inflight.FromContext(r.Context()).Refusal(); err != nil {
		refuseForLimit(w, r, err)
	} else if response != nil {
		write(w, r, http.StatusOK, response)
	}
}

// documentFactor is how many bytes a byte of a document takes as a syntax tree, measured.
// maxDocumentBytes is what the largest one takes, because its tokens are limited, too.
// requestBytes is what the rest of a request takes.
const (
	documentFactor   = 32
	maxDocumentBytes = 400 << 10
	requestBytes     = 4 << 10
)

// begin counts the bytes of the request before its body is read. Logins count nothing: package auth
// queues them, and a flood of logins must not block other operations.
func (p post) begin(r *http.Request) (*inflight.Operation, error) {
	caller := auth.FromContext(r.Context())
	if caller == nil {
		return nil, nil
	}
	body := r.ContentLength
	if body < 0 || body > document.MaxBytes {
		body = document.MaxBytes
	}
	return p.cfg.Inflight.Begin(caller.Username, requestBytes+body+min(documentFactor*body, maxDocumentBytes))
}

// readBody returns the body of a request that accepts the response's type.
func (p post) readBody(w http.ResponseWriter, r *http.Request) ([]byte, *refusal) {
	if accepts := acceptedBy(r); accepts.mediaType == "" && !accepts.events {
		const message = "Accept must allow application/json or application/graphql-response+json."
		return nil, &refusal{http.StatusNotAcceptable, message, errcode.BadUserInput}
	}
	return readBody(w, r)
}

// params returns the operation of a body that has a valid token or is a login.
func (p post) params(w http.ResponseWriter, r *http.Request, body []byte) (*graphql.RawParams, *refusal) {
	params, refused := readParams(body, p.cfg.Trusted)
	if refused != nil {
		return nil, refused
	}
	if auth.FromContext(r.Context()) == nil && !document.IsLogin(params.Query) {
		w.Header().Set("WWW-Authenticate", auth.Challenge(r.Context()))
		return nil, &refusal{http.StatusUnauthorized, "Could not validate credentials.", errcode.Unauthenticated}
	}
	params.Headers = r.Header
	return params, nil
}

// execute runs a query or a mutation. It returns nil if the caller disconnected before it began.
func execute(ctx context.Context, exec graphql.GraphExecutor, operation *graphql.OperationContext) *graphql.Response {
	ctx, cancel := context.WithTimeout(ctx, OperationTimeout)
	defer cancel()
	responses, ctx := exec.DispatchOperation(ctx, operation)
	return responses(ctx)
}

// requestErrorStatus returns 400 for a syntax error, 403 for a document that is not trusted, 404
// for an unknown document id, and 422 for a document that does not fit the schema.
func requestErrorStatus(errs gqlerror.List) int {
	for _, err := range errs {
		switch {
		case err.Extensions["code"] == errcode.ParseFailed:
			return http.StatusBadRequest
		case errors.Is(err, errcode.ErrNotTrusted):
			return http.StatusForbidden
		case errors.Is(err, errcode.ErrUnknownDocument):
			return http.StatusNotFound
		}
	}
	return http.StatusUnprocessableEntity
}
