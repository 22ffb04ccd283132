package document

import (
	"cmp"
	"fmt"
)

// MaxBytes is the maximum size of a request's body, and of the file of a trusted document. The
// largest documents of dashboards are a few kilobytes.
const MaxBytes = 128 << 10

// Limits are the bounds of a document that are settings. A zero field stands for its default.
type Limits struct {
	// Depth is the maximum depth of fields, with fragments expanded. *Optional*, 10.
	Depth int
	// Fields is the maximum number of fields, spreads and inline fragments. Those of a fragment
	// count once where it is defined and again at each use. *Optional*, 2000.
	Fields int
	// Tokens is the maximum number of tokens. *Optional*, 2000.
	Tokens int
}

func (l Limits) orDefaults() Limits {
	return Limits{
		Depth:  cmp.Or(l.Depth, 10),
		Fields: cmp.Or(l.Fields, 2000),
		Tokens: cmp.Or(l.Tokens, 2000),
	}
}

// The other bounds of a document. They are well above what the largest dashboards need. A document
// within all bounds takes a few milliseconds to validate.
const (
	maxListDepth  = 3  // lists of objects within lists
	maxAliases    = 30 // of an operation, with fragments expanded
	maxRootFields = 10 // of an operation, with fragments expanded
	maxRepeats    = 20 // of one name in one object of the response
	maxDirectives = 20
	maxFragments  = 50 // definitions
	maxOperations = 5
	// maxNesting bounds the depth of fields, spreads and inline fragments together: gqlparser
	// compares the fields of an inline fragment once more for each inline fragment around it.
	maxNesting = 50
)

// LimitError refuses a document, or its variables, that exceed a limit.
type LimitError struct {
	// Message is a sentence for the caller.
	Message string
}

func (e *LimitError) Error() string { return e.Message }

// checkLimit returns a [LimitError] if count exceeds the limit. The message has a %d for the limit.
func checkLimit(limit, count int, message string) error {
	if count <= limit {
		return nil
	}
	return &LimitError{fmt.Sprintf(message, limit)}
}
