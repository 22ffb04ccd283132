package graph

import (
	"cmp"
	"fmt"
)

// Limits are what a document may hold. A field that is zero stands for its default, which is well above what the largest
// dashboards ask for, and well below what costs more than a few milliseconds to read.
type Limits struct {
	// Depth is how deep fields may lie, fragments unfolded. *Optional*, 10.
	Depth int
	// ListDepth is how many lists of objects may lie in one another. *Optional*, 3.
	ListDepth int
	// Fields is how much a document may select: fields, spreads and inline fragments, those of a fragment once where it is
	// defined and once more wherever it is used. *Optional*, 2000.
	Fields int
	// Aliases is how many fields of an operation may have another name than their own, fragments unfolded. *Optional*, 30.
	Aliases int
	// RootFields is how many fields of its root an operation may select. *Optional*, 10.
	RootFields int
	// Repeats is how often one name may be selected in one object of the answer. *Optional*, 20.
	Repeats int
	// Directives, Fragments, Operations and Tokens are counted as they are written. *Optional*, 20, 50, 5 and 2000.
	Directives, Fragments, Operations, Tokens int
}

func (l Limits) orDefaults() Limits {
	return Limits{
		Depth:      cmp.Or(l.Depth, 10),
		ListDepth:  cmp.Or(l.ListDepth, 3),
		Fields:     cmp.Or(l.Fields, 2000),
		Aliases:    cmp.Or(l.Aliases, 30),
		RootFields: cmp.Or(l.RootFields, 10),
		Repeats:    cmp.Or(l.Repeats, 20),
		Directives: cmp.Or(l.Directives, 20),
		Fragments:  cmp.Or(l.Fragments, 50),
		Operations: cmp.Or(l.Operations, 5),
		Tokens:     cmp.Or(l.Tokens, 2000),
	}
}

// limitError refuses a document, or its variables, that hold more than they may.
type limitError struct{ message string }

func (e *limitError) Error() string { return e.message }

// atMost returns a limitError when count is above the limit, which the sentence names.
func atMost(limit, count int, sentence string) error {
	if count <= limit {
		return nil
	}
	return &limitError{fmt.Sprintf(sentence, limit)}
}
