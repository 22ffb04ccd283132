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

// accepted is what an Accept header allows.
type accepted struct {
	// mediaType is the type of GraphQL that the caller prefers, "" if it accepts neither. Callers get
	// JSON unless they name the other type, as older clients expect.
	mediaType string
	// events reports whether the caller names server-sent events. A wildcard does not count.
	events bool
}

// usual has the headers of most callers, parsed: parsing takes longer than a small answer.
var usual = parseEach(
	"*/*", typeJSON, typeGraphQL, typeEvents, "application/json, text/plain, */*",
	"application/json, multipart/mixed",                                                                               // GraphiQL
	"application/graphql-response+json, application/json", "application/graphql-response+json,application/json;q=0.9", // Apollo
	"application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed", // urql
)

func parseEach(headers ...string) map[string]accepted {
	parsed := make(map[string]accepted, len(headers))
	for _, header := range headers {
		parsed[header] = parseAccept([]string{header})
	}
	return parsed
}

func acceptedBy(r *http.Request) accepted {
	accept := r.Header["Accept"]
	if len(accept) == 1 {
		if known, ok := usual[accept[0]]; ok {
			return known
		}
	}
	return parseAccept(accept)
}

func parseAccept(accept []string) (a accepted) {
	if len(accept) == 0 {
		return accepted{mediaType: typeJSON}
	}
	graphQL, named := quality(accept, typeGraphQL)
	plain, _ := quality(accept, typeJSON)
	switch {
	case graphQL == 0 && plain == 0:
	case graphQL > plain || graphQL == plain && named:
		a.mediaType = typeGraphQL
	default:
		a.mediaType = typeJSON
	}
	events, named := quality(accept, typeEvents)
	a.events = events > 0 && named
	return a
}

// preferredType returns the media type of GraphQL that the caller prefers, "" if it accepts neither.
func preferredType(r *http.Request) string { return acceptedBy(r).mediaType }

// acceptsEvents reports whether the caller names server-sent events.
func acceptsEvents(r *http.Request) bool { return acceptedBy(r).events }

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
