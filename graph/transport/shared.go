package transport

import (
	"net/http"

	"github.com/99designs/gqlgen/graphql"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/answers"
	"wisphub-graphql/inflight"
	"wisphub-graphql/isp"
	"wisphub-graphql/page"
)

// question is a request whose answer may be shared, once its document is known. The zero value
// shares nothing.
type question struct {
	answers   *Answers
	asked     func(username string)
	key       answers.Key
	username  string
	mediaType string
	waited    bool // for another caller's answer
}

// question returns the question of a caller with a token. Its key has all that an answer may depend
// on: the body, the caller's scopes and the media type. Both encodings are made of one answer.
func (p post) question(r *http.Request, body []byte) question {
	caller, mediaType := auth.FromContext(r.Context()), preferredType(r)
	if p.cfg.Answers == nil || caller == nil || mediaType == "" || len(body) == 0 {
		return question{}
	}
	parts := append(make([]string, 0, 8), mediaType)
	for _, scope := range caller.Scopes { // always in the same order
		parts = append(parts, string(scope))
	}
	return question{
		answers: p.cfg.Answers, asked: p.cfg.Asked,
		key: answers.KeyOf(body, parts...), username: caller.Username, mediaType: mediaType,
	}
}

func (q *question) shares() bool { return q.answers != nil }

// answer sends the answer if another caller's may be shared, and reports whether it did. If the answer
// is being made, it waits, for a second at most, and once a request. A caller who waits holds the bytes
// of its request, but no turn.
func (q *question) answer(w http.ResponseWriter, r *http.Request, underWay *inflight.Operation) bool {
	answer, flight := q.answers.Find(q.key, q.username)
	if flight != nil && !q.waited {
		q.waited = true
		inflight.Yield(r.Context())
		answer = flight.Wait(r.Context(), q.username)
	}
	if answer == nil {
		return false
	}
	defer answer.Release(q.username)
	q.asked(q.username)
	q.write(w, r, underWay, answer)
	return true
}

// answerOrRun is answer for an operation that has started, because its document was not known. It
// runs the operation if there is no answer to share.
func (q *question) answerOrRun(
	w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, operation *graphql.OperationContext,
) {
	underWay := inflight.FromContext(r.Context())
	if !q.waited && q.answer(w, r, underWay) {
		return
	}
	if err := underWay.Resume(r.Context()); err != nil {
		refuseForLimit(w, r, err)
		return
	}
	send(w, r, q.execute(r, exec, operation))
}

// execute runs the operation, and offers its answer to others.
func (q *question) execute(r *http.Request, exec graphql.GraphExecutor, operation *graphql.OperationContext) *graphql.Response {
	flight := q.answers.Lead(q.key, q.username)
	defer flight.End() // also after a panic
	response := execute(r.Context(), exec, operation)
	if response != nil && len(response.Errors) == 0 && response.Data != nil {
		flight.Keep(encode(response, true)...)
	}
	return response
}

// write sends a shared answer. Its bytes count in the store, once for all who read them. The operation
// of a caller who waited for it may have begun: a caller who reads slowly must not hold its place.
func (q *question) write(w http.ResponseWriter, r *http.Request, underWay *inflight.Operation, answer *answers.Answer[isp.DataVersion]) {
	form := answer.Plain()
	header := w.Header()
	if page.AcceptsGzip(r) {
		if zipped := answer.Zipped(func() error { return underWay.Resume(r.Context()) }); zipped != nil {
			form = zipped
			header["Content-Encoding"] = gzipEncoding
		}
	}
	underWay.Executed()
	underWay.Hold(0)
	length := form.Length
	if len(form.Bytes) <= countedByServer {
		length = nil
	}
	setHeader(header, q.mediaType, length)
	out := inflight.NewWriter(w, nil)
	out.WriteHeader(http.StatusOK)
	_, _ = out.Write(form.Bytes) // the caller may have disconnected
}
