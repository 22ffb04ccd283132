package errcode

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

const (
	// MaxErrors is the maximum number of errors in a response.
	MaxErrors = 20
	// maxMessage is the maximum length in bytes of a message that quotes the caller's document.
	maxMessage = 500
)

// Shorten cuts a message that is too long. GraphQL's own messages repeat names and values of the
// document, which may be as long as a request.
func Shorten(message string) string {
	if len(message) <= maxMessage {
		return message
	}
	return strings.ToValidUTF8(message[:maxMessage], "") + "…"
}

// Summarize returns the first error of each message and root field, up to [MaxErrors]. If fifty
// rows fail for the same reason, one error is enough.
func Summarize(errs gqlerror.List) gqlerror.List {
	type kind struct {
		root    ast.PathElement
		message string
	}
	seen := map[kind]bool{}
	var summary gqlerror.List
	for _, err := range errs {
		key := kind{message: err.Message}
		if len(err.Path) > 0 {
			key.root = err.Path[0]
		}
		if !seen[key] && len(summary) < MaxErrors {
			seen[key] = true
			summary = append(summary, err)
		}
	}
	return summary
}
