package transport

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

const (
	jsonType     = "application/json"
	responseType = "application/graphql-response+json"
	eventType    = "text/event-stream"
)

// answerType returns which of GraphQL's two media types the caller likes best, "" for neither. JSON is for those who did not
// ask for the other by name: it is what they have always had.
func answerType(r *http.Request) string {
	accept := r.Header.Values("Accept")
	if len(accept) == 0 {
		return jsonType
	}
	response, named := quality(accept, responseType)
	plain, _ := quality(accept, jsonType)
	switch {
	case response == 0 && plain == 0:
		return ""
	case response > plain || response == plain && named:
		return responseType
	}
	return jsonType
}

// takesEvents reports whether the caller asks for a stream of events. Those who take anything mean one answer.
func takesEvents(r *http.Request) bool {
	liking, named := quality(r.Header.Values("Accept"), eventType)
	return liking > 0 && named
}

// quality returns how much the header likes a media type, 0 to 1, and whether it names it. The closest range counts, whatever
// the others say: RFC 9110, 12.5.1.
func quality(accept []string, mediaType string) (liking float64, named bool) {
	closest := 0
	class, _, _ := strings.Cut(mediaType, "/")
	ranges := map[string]int{mediaType: 3, class + "/*": 2, "*/*": 1}
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		name, params, err := mime.ParseMediaType(part)
		if err == nil && ranges[name] > closest {
			closest, liking = ranges[name], weight(params["q"])
		}
	}
	return liking, closest == 3
}

// weight reads a q, which is 1 when there is none or it makes no sense.
func weight(q string) float64 {
	liking, err := strconv.ParseFloat(q, 64)
	if err != nil || !(0 <= liking && liking <= 1) {
		return 1
	}
	return liking
}
