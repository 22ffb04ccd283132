package transport

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

const (
	typeJSON    = "application/json"
	typeGraphQL = "application/graphql-response+json"
	typeEvents  = "text/event-stream"
)

// preferredType returns the media type of GraphQL that the caller prefers, "" if it accepts
// neither. Callers get JSON unless they name the other type, as older clients expect.
func preferredType(r *http.Request) string {
	accept := r.Header.Values("Accept")
	if len(accept) == 0 {
		return typeJSON
	}
	graphQL, named := quality(accept, typeGraphQL)
	plain, _ := quality(accept, typeJSON)
	switch {
	case graphQL == 0 && plain == 0:
		return ""
	case graphQL > plain || graphQL == plain && named:
		return typeGraphQL
	}
	return typeJSON
}

// acceptsEvents reports whether the caller names server-sent events. A wildcard does not count.
func acceptsEvents(r *http.Request) bool {
	q, named := quality(r.Header.Values("Accept"), typeEvents)
	return q > 0 && named
}

// quality returns the quality of a media type in an Accept header, 0 to 1, and whether the header
// names the type. The most specific range takes precedence: RFC 9110, 12.5.1.
func quality(accept []string, mediaType string) (q float64, named bool) {
	best := 0
	class, _, _ := strings.Cut(mediaType, "/")
	specificity := map[string]int{mediaType: 3, class + "/*": 2, "*/*": 1}
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		name, params, err := mime.ParseMediaType(part)
		if err == nil && specificity[name] > best {
			best, q = specificity[name], parseQuality(params["q"])
		}
	}
	return q, best == 3
}

// parseQuality returns 1 if the parameter q is absent or invalid.
func parseQuality(text string) float64 {
	q, err := strconv.ParseFloat(text, 64)
	if err != nil || !(0 <= q && q <= 1) {
		return 1
	}
	return q
}
