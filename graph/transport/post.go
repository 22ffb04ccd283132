package transport

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/document"
	"wisphub-graphql/graph/errcode"
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
	params, refusal := p.read(w, r)
	if refusal != nil {
		refuse(w, r, refusal.status, refusal.message, refusal.code)
		return
	}
	release, ok := p.acquireSlot(r)
	if !ok {
		refuseForNow(w, r, "Too many operations are running.")
		return
	}
	defer release()
	operation, errs := exec.CreateOperationContext(r.Context(), params)
	switch {
	case wantsEvents(r, operation):
		if isSubscription(operation) {
			release() // streams have limits of their own
		}
		p.streams.serveEvents(w, r, exec, operation, errs, release)
	case errs != nil:
		ctx := graphql.WithOperationContext(r.Context(), operation)
		response := exec.DispatchError(ctx, errcode.Summarize(errs))
		release() // before writing, because the caller may read slowly
		write(w, r, requestErrorStatus(errs), response)
	case isSubscription(operation):
		release()
		const message = "Subscriptions need Accept: text/event-stream, or a WebSocket."
		refuse(w, r, http.StatusNotAcceptable, message, errcode.BadUserInput)
	default:
		if response := execute(r.Context(), exec, operation); response != nil {
			release()
			write(w, r, http.StatusOK, response)
		}
	}
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

// acquireSlot acquires a slot for an operation. Do calls it after reading the body, so that a
// caller who sends slowly does not occupy a slot. Logins need none: package auth queues them, and a
// flood of logins must not block other operations. release may be called more than once.
func (p post) acquireSlot(r *http.Request) (release func(), ok bool) {
	if p.cfg.AcquireSlot == nil || auth.FromContext(r.Context()) == nil {
		return func() {}, true
	}
	release, ok = p.cfg.AcquireSlot()
	if !ok {
		return nil, false
	}
	return sync.OnceFunc(release), true
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
