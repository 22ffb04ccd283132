package transport

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/errcode"
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

func refuseWith(w http.ResponseWriter, r *http.Request, status int, message string, extensions map[string]any) {
	if id := auth.SourceFrom(r.Context()).RequestID; id != "" {
		extensions["requestId"] = id
	}
	write(w, r, status, &graphql.Response{Errors: gqlerror.List{{Message: message, Extensions: extensions}}})
}

// write sends the response in the media type that the caller prefers. A request error, whose status
// is not 200, has no member data.
func write(w http.ResponseWriter, r *http.Request, status int, response *graphql.Response) {
	body := encode(response, status == http.StatusOK)
	header := w.Header()
	header.Set("Content-Type", cmp.Or(preferredType(r), typeJSON)+"; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the caller may have disconnected
}

// encode writes the object by hand. The data is JSON already: json.Marshal would scan it again,
// which may be megabytes.
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
		panic(err) // messages, paths and our extensions always marshal
	}
	return text
}
