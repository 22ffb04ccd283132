package graph

import (
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// What an answer is taken to hold at most, which bounds its memory: about 10 MB of text.
const (
	maxAnswered = 500_000
	// fewRows, nestedRows and catalogueRows are how many rows a list is taken to have: one that takes no first, such as a
	// client's other services; one within rows, such as a client's tickets, whatever its first; and one of the root.
	fewRows       = 3
	nestedRows    = 20
	catalogueRows = 100
)

// checkValues refuses an operation whose lists and fields multiply to a huge answer.
func (e *estimator) checkValues() error {
	if values := e.values(e.operation.Operation.SelectionSet, answered{objects: 1, root: true}); values > maxAnswered {
		return &limitError{fmt.Sprintf("The operation could answer %d values; %d are allowed.", values, maxAnswered)}
	}
	return nil
}

// answered are the objects that a selection is answered for.
type answered struct {
	objects int
	page    int // rows of each, where they are the pages of a connection; else 0
	root    bool
}

// values is how many fields the answer to a selection has, those of all its rows. It stops at plenty.
func (e *estimator) values(selections ast.SelectionSet, of answered) (values int) {
	for _, field := range e.fields(selections) {
		values = add(values, of.objects)
		if len(field.Selections) > 0 {
			values = add(values, e.values(field.Selections, e.inside(field, of)))
		}
	}
	return values
}

// inside are the objects that a field of others leads to.
func (e *estimator) inside(field graphql.CollectedField, of answered) answered {
	isList := field.Definition.Type.Elem != nil
	switch {
	case field.Definition.Arguments.ForName("first") != nil:
		rows := e.arguments(field).rows(field)
		if !of.root {
			rows = min(rows, nestedRows)
		}
		if isList {
			return of.times(rows)
		}
		return answered{objects: of.objects, page: rows}
	case !isList:
		return of.times(1)
	case of.page > 0 && (field.Name == "nodes" || field.Name == "edges"):
		return of.times(of.page)
	case of.root:
		return of.times(catalogueRows)
	}
	return of.times(fewRows)
}

func (of answered) times(rows int) answered { return answered{objects: min(of.objects*rows, plenty)} }
