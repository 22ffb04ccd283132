package graph

import "github.com/vektah/gqlparser/v2/ast"

// extent is what a selection amounts to, fragments unfolded.
type extent struct {
	depth   int // of fields
	nesting int // of fields, spreads and inline fragments
	lists   int // of objects, in one another
	fields  int // and spreads and inline fragments
	aliases int
	width   int // fields that lie directly in the selection
	schemas int // of these, how many read the whole schema
	members int // lists of what a type consists of, in one another
}

// plenty is where counts stop: fragments can unfold to more than a machine word holds, and each limit is far below.
const plenty = 1 << 30

func add(a, b int) int { return min(a+b, plenty) }

// join adds the extent of a neighbour.
func (e *extent) join(other extent) {
	e.depth = max(e.depth, other.depth)
	e.nesting = max(e.nesting, other.nesting)
	e.lists = max(e.lists, other.lists)
	e.members = max(e.members, other.members)
	e.fields = add(e.fields, other.fields)
	e.aliases = add(e.aliases, other.aliases)
	e.width = add(e.width, other.width)
	e.schemas = add(e.schemas, other.schemas)
}

// within is the extent of an inline fragment, or of a spread, that the selection belongs to.
func (e extent) within() extent {
	e.nesting = add(e.nesting, 1)
	e.fields = add(e.fields, 1)
	return e
}

// beneath is the extent of a field that the selection belongs to.
func (e extent) beneath(field *ast.Field, isList bool) extent {
	e.depth = add(e.depth, 1)
	e.nesting = add(e.nesting, 1)
	e.fields = add(e.fields, 1)
	e.width, e.schemas = 1, 0
	if isList && len(field.SelectionSet) > 0 {
		e.lists = add(e.lists, 1)
	}
	if isAliased(field) {
		e.aliases = add(e.aliases, 1)
	}
	return e
}

// isAliased: gqlparser takes a field's name for the alias that it lacks.
func isAliased(field *ast.Field) bool { return field.Alias != field.Name }
