package transport

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/buffer"
	"wisphub-graphql/graph/errcode"
	"wisphub-graphql/inflight"
)

// OnlyPost responds with 405 to requests other than POST and WebSocket upgrades. With GET, queries
// and the names in them would appear in logs and caches.
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

// RefuseOrigin responds to a cross-origin request of a browser with 403.
func RefuseOrigin(w http.ResponseWriter, r *http.Request) {
	refuse(w, r, http.StatusForbidden, "Pages of this origin may not send requests.", errcode.Forbidden)
}

// refuse responds to a request that the executor does not run.
func refuse(w http.ResponseWriter, r *http.Request, status int, message, code string) {
	refuseWith(w, r, status, message, map[string]any{"code": code})
}

// refuseForNow responds with 503 and asks the caller to retry in a second.
func refuseForNow(w http.ResponseWriter, r *http.Request, message string) {
	w.Header().Set("Retry-After", "1")
	extensions := map[string]any{"code": errcode.RateLimited, "retryAfter": 1}
	refuseWith(w, r, http.StatusServiceUnavailable, message, extensions)
}

// refuseForLimit responds to an operation that one of package inflight's limits refuses.
func refuseForLimit(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusServiceUnavailable
	if errors.Is(err, inflight.ErrUserLimit) {
		status = http.StatusTooManyRequests
	}
	w.Header().Set("Retry-After", "1")
	write(w, r, status, limitResponse(r, err))
}

// limitResponse returns what a caller is told about a limit of package inflight.
func limitResponse(r *http.Request, err error) *graphql.Response {
	message := "Too many operations are running."
	if errors.Is(err, inflight.ErrUserLimit) {
		message = "This user has too many operations running."
	}
	return refusalResponse(r, message, map[string]any{"code": errcode.RateLimited, "retryAfter": 1})
}

func refuseWith(w http.ResponseWriter, r *http.Request, status int, message string, extensions map[string]any) {
	write(w, r, status, refusalResponse(r, message, extensions))
}

func refusalResponse(r *http.Request, message string, extensions map[string]any) *graphql.Response {
	if id := auth.SourceFrom(r.Context()).RequestID; id != "" {
		extensions["requestId"] = id
	}
	return &graphql.Response{Errors: gqlerror.List{{Message: message, Extensions: extensions}}}
}

// The values of headers that most answers have, ready. Nothing may change these slices.
var (
	contentTypes = map[string][]string{
		typeJSON:    {typeJSON + "; charset=utf-8"},
		typeGraphQL: {typeGraphQL + "; charset=utf-8"},
	}
	noStore      = []string{"no-store"}
	gzipEncoding = []string{"gzip"}
	// varies lets proxies that ignore no-store keep the types and encodings of an answer apart.
	varies = []string{"Accept, Accept-Encoding"}
	// variesByOrigin is that beside the header of CORS.
	variesByOrigin = []string{"Origin", varies[0]}
)

// countedByServer is how long an answer may be whose length net/http counts itself. One header less
// keeps the header map small, which net/http copies.
const countedByServer = 2000

// setHeader sets the headers of an answer. The length is the value of Content-Length, nil if net/http
// counts.
func setHeader(header http.Header, mediaType string, length []string) {
	header["Content-Type"] = contentTypes[mediaType]
	if length != nil {
		header["Content-Length"] = length
	}
	header["Cache-Control"] = noStore
	switch earlier := header["Vary"]; { // CORS adds Origin
	case len(earlier) == 0:
		header["Vary"] = varies
	case len(earlier) == 1 && earlier[0] == variesByOrigin[0]:
		header["Vary"] = variesByOrigin
	default:
		header["Vary"] = slices.Concat(earlier, varies)
	}
}

func lengthOf(bytes int) []string {
	if bytes <= countedByServer {
		return nil
	}
	return []string{strconv.Itoa(bytes)}
}

// write sends the response in the media type that the caller prefers. A request error, whose status
// is not 200, has no member data. The operation of the request's context no longer runs, and its
// bytes are those of the response. The data must not be used afterwards.
func write(w http.ResponseWriter, r *http.Request, status int, response *graphql.Response) {
	body := encode(response, status == http.StatusOK)
	setHeader(w.Header(), cmp.Or(preferredType(r), typeJSON), lengthOf(body.len()))
	underWay := inflight.FromContext(r.Context())
	underWay.Executed()
	underWay.Hold(body.size())
	out := inflight.NewWriter(w, underWay)
	out.WriteHeader(status)
	for _, part := range body {
		_, _ = out.Write(part) // the caller may have disconnected
	}
	buffer.Put(response.Data)
	response.Data = nil
}

// parts are the parts of one text. The data of a response is one of them, because a copy of it may
// take megabytes.
type parts [][]byte

func (p parts) len() (bytes int) {
	for _, part := range p {
		bytes += len(part)
	}
	return bytes
}

// size returns how many bytes of memory the parts keep.
func (p parts) size() (bytes int64) {
	for _, part := range p {
		bytes += int64(cap(part))
	}
	return bytes
}

func (p parts) join() []byte { return slices.Concat(p...) }

// encode writes the object by hand. The data is JSON already: json.Marshal would scan it again,
// which may be megabytes.
func encode(response *graphql.Response, withData bool) parts {
	head := []byte{'{'}
	if len(response.Errors) > 0 {
		head = append(head, `"errors":`...)
		head = append(head, mustMarshal(response.Errors)...)
	}
	if !withData {
		return parts{append(head, '}')}
	}
	if len(response.Errors) > 0 {
		head = append(head, ',')
	}
	head = append(head, `"data":`...)
	if response.Data == nil {
		return parts{append(head, "null}"...)}
	}
	return parts{head, response.Data, []byte{'}'}}
}

func mustMarshal(errs gqlerror.List) []byte {
	text, err := json.Marshal(errs)
	if err != nil {
		panic(err) // messages, paths and our extensions always marshal
	}
	return text
}
