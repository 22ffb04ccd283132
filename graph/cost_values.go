package graph

import (
	"fmt"

	"wisphub-graphql/graph/document"
)

const (
	// maxValues is the maximum number of values in a response, which bounds what it costs to make it
	// to 10 MB.
	maxValues = 69_000
	// valueBytes is how many bytes of memory it takes to make a response, for each value, measured.
	// An object takes as much as its fields and objectValues more.
	valueBytes   = 144
	objectValues = 4
	// maxCounted is where counts of objects and values stop, so that they do not overflow.
	maxCounted = 1 << 30
)

// The assumed number of rows of a list.
const (
	shortListRows  = 3   // a list without the argument first, such as a client's other services
	nestedListRows = 20  // at most, a list within rows, such as a client's tickets
	catalogueRows  = 100 // a list of the root without the argument first
)

// checkValues refuses an operation whose lists and fields multiply to a huge response.
func (e *estimator) checkValues(plan *costPlan) (int64, error) {
	values := e.countValues(plan.fields, plan.selected, objects{count: 1, root: true})
	if values > maxValues {
		message := fmt.Sprintf("The operation could return %d values and exceeds the maximum of %d.", values, maxValues)
		return 0, &document.LimitError{Message: message}
	}
	return int64(values), nil
}

// objects are the objects of a response that have the same selection.
type objects struct {
	count int
	page  int // rows of each, if they are connections; else 0
	root  bool
}

// countValues returns how many values the response has for so many selected fields, in all their
// rows, and for what is below them. It includes values that stand for the objects themselves.
func (e *estimator) countValues(below []costField, selected int, of objects) (values int) {
	if of.page == 0 {
		values = of.count * objectValues
	}
	values = min(values+of.count*selected, maxCounted)
	for i := range below {
		if field := &below[i]; field.isObject {
			values = min(values+e.countValues(field.below, field.selected, e.objectsIn(field, of)), maxCounted)
		}
	}
	return values
}

// objectsIn returns the objects that a field of other objects returns.
func (e *estimator) objectsIn(field *costField, of objects) objects {
	isList := field.Definition.Type.Elem != nil
	switch {
	case field.hasFirst:
		rows := e.rows(field)
		if !of.root {
			rows = min(rows, nestedListRows)
		}
		if isList {
			return of.times(rows)
		}
		return objects{count: of.count, page: rows}
	case !isList:
		return of.times(1)
	case of.page > 0 && (field.Name == "nodes" || field.Name == "edges"):
		return of.times(of.page)
	case of.root:
		return of.times(catalogueRows)
	}
	return of.times(shortListRows)
}

func (of objects) times(rows int) objects { return objects{count: min(of.count*rows, maxCounted)} }
