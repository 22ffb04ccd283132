package document

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// expansion measures a document slowly: it follows a fragment each time that it is spread.
type expansion struct {
	document *ast.QueryDocument
	names    map[string]int // how often each path occurs

	cyclic, introspects, nested                   bool
	depth, fields, aliases, roots, lists, repeats int
	operation                                     struct{ aliases, roots int }
	isOperation                                   bool
}

const maxExpanded = 500

// run returns false for a document that expands to too many fields.
func (x *expansion) run() bool {
	for _, fragment := range x.document.Fragments {
		x.names, x.isOperation = map[string]int{}, false
		x.follow(place{fragments: []*ast.FragmentDefinition{fragment}, parent: schema.Types[fragment.TypeCondition]}, fragment.SelectionSet)
	}
	for _, operation := range x.document.Operations {
		x.names, x.isOperation = map[string]int{}, true
		x.operation.aliases, x.operation.roots = 0, 0
		parent := map[ast.Operation]*ast.Definition{ast.Query: schema.Query, ast.Mutation: schema.Mutation, ast.Subscription: schema.Subscription}
		x.follow(place{parent: parent[operation.Operation]}, operation.SelectionSet)
		x.aliases, x.roots = max(x.aliases, x.operation.aliases), max(x.roots, x.operation.roots)
	}
	return x.fields < maxExpanded
}

// place is the position of a selection in the response.
type place struct {
	path      string
	parent    *ast.Definition
	depth     int
	nesting   int
	lists     int
	fragments []*ast.FragmentDefinition
}

func (x *expansion) follow(at place, set ast.SelectionSet) {
	for _, selection := range set {
		if x.fields++; x.fields > maxExpanded || x.cyclic {
			return
		}
		inner := at
		inner.nesting++
		x.nested = x.nested || inner.nesting > maxNesting
		switch selection := selection.(type) {
		case *ast.Field:
			x.field(inner, selection)
		case *ast.InlineFragment:
			if selection.TypeCondition != "" {
				inner.parent = schema.Types[selection.TypeCondition]
			}
			x.follow(inner, selection.SelectionSet)
		case *ast.FragmentSpread:
			fragment := x.document.Fragments.ForName(selection.Name)
			if fragment == nil {
				continue
			}
			if x.cyclic = slices.Contains(at.fragments, fragment); x.cyclic {
				return
			}
			inner.fragments = append(slices.Clone(at.fragments), fragment)
			inner.parent = schema.Types[fragment.TypeCondition]
			x.follow(inner, fragment.SelectionSet)
		}
	}
}

func (x *expansion) field(at place, field *ast.Field) {
	at.path += "." + field.Alias
	x.names[at.path]++
	x.repeats = max(x.repeats, x.names[at.path])
	if at.depth++; x.isOperation {
		x.depth = max(x.depth, at.depth)
		if at.depth == 1 {
			x.operation.roots++
		}
		if field.Alias != field.Name {
			x.operation.aliases++
		}
	}
	var definition *ast.FieldDefinition
	if at.parent != nil {
		definition = at.parent.Fields.ForName(field.Name)
	}
	at.parent = nil
	if definition != nil {
		at.parent = schema.Types[definition.Type.Name()]
		x.introspects = x.introspects || strings.HasPrefix(at.parent.Name, "__")
		if definition.Type.Elem != nil && len(field.SelectionSet) > 0 {
			at.lists++
		}
	}
	if x.isOperation {
		x.lists = max(x.lists, at.lists)
	}
	x.follow(at, field.SelectionSet)
}
