package transport

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/document"
	"wisphub-graphql/graph/errcode"
)

// post is GraphQL over HTTP: one operation as JSON in, its answer as JSON or as events out. gqlgen's own transports echo a
// malformed body, passwords included, into answer and log; know no size limit; and cannot say 401.
type post struct {
	streams *streams
	cfg     Config
}

// Supports implements [graphql.Transport].
func (post) Supports(r *http.Request) bool { return r.Method == http.MethodPost }

// Do implements [graphql.Transport].
func (p post) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if answerType(r) == "" && !takesEvents(r) {
		refuse(w, r, http.StatusNotAcceptable, "Accept must allow application/json or application/graphql-response+json.", errcode.BadUserInput)
		return
	}
	params, refused := readParams(w, r, p.cfg.Trusted)
	if refused != nil {
		refuse(w, r, refused.status, refused.message, refused.code)
		return
	}
	if auth.FromContext(r.Context()) == nil && !document.IsLogin(params.Query) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		refuse(w, r, http.StatusUnauthorized, "Could not validate credentials.", errcode.Unauthenticated)
		return
	}
	leave, ok := p.enter(r)
	if !ok {
		refuseForNow(w, r, "Too many operations are under way.")
		return
	}
	defer leave()
	operation, errs := exec.CreateOperationContext(r.Context(), params)
	switch {
	case sendsEvents(r, operation):
		if isSubscription(operation) {
			leave() // streams are counted by themselves
		}
		p.streams.events(w, r, exec, operation, errs, leave)
	case errs != nil:
		response := exec.DispatchError(graphql.WithOperationContext(r.Context(), operation), errcode.Summarize(errs))
		leave() // a slow reader holds no place
		write(w, r, requestErrorStatus(errs), response)
	case isSubscription(operation):
		leave()
		refuse(w, r, http.StatusNotAcceptable, "Subscriptions need Accept: text/event-stream, or a WebSocket.", errcode.BadUserInput)
	default:
		if response := execute(r.Context(), exec, operation); response != nil {
			leave()
			write(w, r, http.StatusOK, response)
		}
	}
}

// enter takes one of the places of operations, once the body is here, so that whoever sends it slowly holds none. Logins
// have a line of their own in auth: a flood of them must not fill these places. leave may be called more than once.
func (p post) enter(r *http.Request) (leave func(), ok bool) {
	if p.cfg.AcquireSlot == nil || auth.FromContext(r.Context()) == nil {
		return func() {}, true
	}
	leave, ok = p.cfg.AcquireSlot()
	if !ok {
		return nil, false
	}
	return sync.OnceFunc(leave), true
}

// execute runs a query or a mutation. It returns nil when the caller went away before it began.
func execute(ctx context.Context, exec graphql.GraphExecutor, operation *graphql.OperationContext) *graphql.Response {
	ctx, cancel := context.WithTimeout(ctx, OperationTimeout)
	defer cancel()
	responses, ctx := exec.DispatchOperation(ctx, operation)
	return responses(ctx)
}

// requestErrorStatus is 400 for a document that does not parse, 422 for one that does not fit the schema. For one that is
// not trusted, and one that is not known, it is what REST would answer.
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

// refusal is a request that does not reach the executor.
type refusal struct {
	status        int
	message, code string
}

// readParams reads the request. Its refusals never repeat what was sent.
func readParams(w http.ResponseWriter, r *http.Request, trusted *document.Trusted) (*graphql.RawParams, *refusal) {
	if !isJSON(r.Header.Get("Content-Type")) {
		return nil, &refusal{http.StatusUnsupportedMediaType, "Content-Type must be application/json.", errcode.BadUserInput}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, document.MaxBytes))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, &refusal{http.StatusRequestEntityTooLarge, "The body must be at most 128 kB.", errcode.BadUserInput}
	}
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, "The body could not be read.", errcode.BadUserInput}
	}
	params, err := decodeParams(body, trusted)
	if limit := (*document.LimitError)(nil); errors.As(err, &limit) {
		return nil, &refusal{http.StatusUnprocessableEntity, limit.Message, errcode.QueryTooComplex}
	}
	if err != nil {
		const example = `The body must be a JSON object such as {"query": "…", "variables": {}}.`
		return nil, &refusal{http.StatusBadRequest, example, errcode.BadUserInput}
	}
	params.Headers = r.Header
	return params, nil
}

// isJSON wants the type and, where it is named, its only encoding.
func isJSON(contentType string) bool {
	mediaType, params, _ := mime.ParseMediaType(contentType)
	charset, named := params["charset"]
	return mediaType == jsonType && (!named || strings.EqualFold(charset, "utf-8"))
}

var errNoQuery = errors.New("no query")

// request is a GraphQL request: it holds a query, or the id of a trusted document where Apollo's clients have it or where
// https://github.com/graphql/graphql-over-http has it.
type request struct {
	Query         string          `json:"query"`
	DocumentID    string          `json:"documentId"`
	OperationName string          `json:"operationName"`
	Variables     json.RawMessage `json:"variables"`
	Extensions    struct {
		PersistedQuery struct {
			SHA256Hash string `json:"sha256Hash"`
		} `json:"persistedQuery"`
	} `json:"extensions"`
}

// document returns the query, or that which is trusted under the id; named reports whether there is any of both.
func (r *request) document(trusted *document.Trusted) (text string, named bool) {
	if strings.TrimSpace(r.Query) != "" {
		return r.Query, true
	}
	id := cmp.Or(r.DocumentID, r.Extensions.PersistedQuery.SHA256Hash)
	return trusted.Text(id), trusted != nil && id != ""
}

// decodeParams takes exactly one JSON object with a query in it. The query is empty when it is named by an id that is not
// known, which strangers are not told.
func decodeParams(body []byte, trusted *document.Trusted) (*graphql.RawParams, error) {
	var request request
	decoder := json.NewDecoder(bytes.NewReader(body))
	if err := decoder.Decode(&request); err != nil {
		return nil, err
	}
	query, named := request.document(trusted)
	if _, err := decoder.Token(); err != io.EOF || !named {
		return nil, errNoQuery
	}
	variables, err := document.DecodeVariables(request.Variables)
	if err != nil {
		return nil, err
	}
	return &graphql.RawParams{Query: query, OperationName: request.OperationName, Variables: variables}, nil
}

// refuse answers a request that no operation was made of.
func refuse(w http.ResponseWriter, r *http.Request, status int, message, code string) {
	refuseWith(w, r, status, message, map[string]any{"code": code})
}

// refuseForNow answers a request that would be served at another time.
func refuseForNow(w http.ResponseWriter, r *http.Request, message string) {
	w.Header().Set("Retry-After", "1")
	refuseWith(w, r, http.StatusServiceUnavailable, message, map[string]any{"code": errcode.RateLimited, "retryAfter": 1})
}

func refuseWith(w http.ResponseWriter, r *http.Request, status int, message string, extensions map[string]any) {
	if id := auth.SourceFrom(r.Context()).RequestID; id != "" {
		extensions["requestId"] = id
	}
	write(w, r, status, &graphql.Response{Errors: gqlerror.List{{Message: message, Extensions: extensions}}})
}

// RefuseOrigin answers a request that a page of another site has made a browser send.
func RefuseOrigin(w http.ResponseWriter, r *http.Request) {
	refuse(w, r, http.StatusForbidden, "Pages of this origin may not send requests.", errcode.Forbidden)
}

// write sends the answer in the media type that was asked for. A request error has no data member.
func write(w http.ResponseWriter, r *http.Request, status int, response *graphql.Response) {
	body := encode(response, status == http.StatusOK)
	header := w.Header()
	header.Set("Content-Type", cmp.Or(answerType(r), jsonType)+"; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a caller who has gone away needs no answer
}

// encode joins the members by hand: data is JSON already, and json.Marshal would scan megabytes of it once more.
func encode(response *graphql.Response, withData bool) []byte {
	body := make([]byte, 0, len(response.Data)+64)
	body = append(body, '{')
	if len(response.Errors) > 0 {
		body = append(body, `"errors":`...)
		body = append(body, mustMarshal(response.Errors)...)
		body = append(body, ',')
	}
	if withData {
		body = append(body, `"data":`...)
		if response.Data == nil {
			body = append(body, "null"...)
		}
		body = append(body, response.Data...)
		body = append(body, ',')
	}
	body[len(body)-1] = '}'
	return body
}

func mustMarshal(errs gqlerror.List) []byte {
	text, err := json.Marshal(errs)
	if err != nil {
		panic(err) // messages, paths and our own extensions always marshal
	}
	return text
}

// OnlyPost answers 405 to everything else that is no socket: GET would put queries, and the names in them, into logs and
// caches.
func OnlyPost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost && !isUpgrade(r) {
			w.Header().Set("Allow", http.MethodPost)
			refuse(w, r, http.StatusMethodNotAllowed, "GraphQL is served over POST.", errcode.BadUserInput)
			return
		}
		next.ServeHTTP(w, r)
	})
}
