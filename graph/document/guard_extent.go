package document

import "github.com/vektah/gqlparser/v2/ast"

// extent is the size of a selection set, with fragments expanded.
type extent struct {
	depth   int // of fields
	nesting int // depth of fields, spreads and inline fragments
	lists   int // depth of lists of objects
	fields  int // fields, spreads and inline fragments
	aliases int
	width   int // fields directly in the set
	schemas int // __schema fields directly in the set
	members int // depth of introspection lists of a type's members
}

// saturated is where counts stop. Expanded fragments can exceed an int; each limit is far below.
const saturated = 1 << 30

func add(a, b int) int { return min(a+b, saturated) }

// join adds the extent of a sibling selection.
func (e *extent) join(sibling extent) {
	e.depth = max(e.depth, sibling.depth)
	e.nesting = max(e.nesting, sibling.nesting)
	e.lists = max(e.lists, sibling.lists)
	e.members = max(e.members, sibling.members)
	e.fields = add(e.fields, sibling.fields)
	e.aliases = add(e.aliases, sibling.aliases)
	e.width = add(e.width, sibling.width)
	e.schemas = add(e.schemas, sibling.schemas)
}

// inFragment returns the extent of an inline fragment or spread that contains the selection set.
func (e extent) inFragment() extent {
	e.nesting = add(e.nesting, 1)
	e.fields = add(e.fields, 1)
	return e
}

// inField returns the extent of a field that contains the selection set.
func (e extent) inField(field *ast.Field, isList bool) extent {
	e.depth = add(e.depth, 1)
	e.nesting = add(e.nesting, 1)
	e.fields = add(e.fields, 1)
	e.width, e.schemas = 1, 0
	if isList && len(field.SelectionSet) > 0 {
		e.lists = add(e.lists, 1)
	}
	if field.Alias != field.Name { // without an alias, gqlparser sets it to the name
		e.aliases = add(e.aliases, 1)
	}
	return e
}
