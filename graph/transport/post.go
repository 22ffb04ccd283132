package transport

import (
	"context"
	"errors"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
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
	r = r.WithContext(inflight.NewContext(r.Context(), underWay))
	params, refusal := p.read(w, r)
	if refusal != nil {
		refuse(w, r, refusal.status, refusal.message, refusal.code)
		return
	}
	// A caller who sends the body slowly does not count as an operation meanwhile.
	if err := underWay.Start(r.Context()); err != nil {
		refuseForLimit(w, r, err)
		return
	}
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
	default:
		response := execute(r.Context(), exec, operation)
		if err := underWay.Refusal(); err != nil {
			refuseForLimit(w, r, err)
		} else if response != nil {
			write(w, r, http.StatusOK, response)
		}
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

// read returns the operation of a request that accepts the response's type and has a valid token or
// is a login.
func (p post) read(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *refusal) {
	if preferredType(r) == "" && !acceptsEvents(r) {
		const message = "Accept must allow application/json or application/graphql-response+json."
		return nil, &refusal{http.StatusNotAcceptable, message, errcode.BadUserInput}
	}
	params, refused := readParams(w, r, p.cfg.Trusted)
	if refused != nil {
		return nil, refused
	}
	if auth.FromContext(r.Context()) == nil && !document.IsLogin(params.Query) {
		w.Header().Set("WWW-Authenticate", auth.Challenge(r.Context()))
		return nil, &refusal{http.StatusUnauthorized, "Could not validate credentials.", errcode.Unauthenticated}
	}
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
