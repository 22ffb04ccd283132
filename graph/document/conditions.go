package document

import (
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// maxConditions is how many variables may decide which fields a plan has. Each doubles the plans.
const maxConditions = 4

// Variant returns a number for the fields that @skip and @include leave of an operation. Operations
// of one document with the same number have the same fields. Known is false if the document is not
// cached, or if too many variables decide.
func Variant(operation *graphql.OperationContext) (number int, known bool) {
	document := documentIn(operation)
	if document == nil || document.plans == nil {
		return 0, false
	}
	conditions := document.conditions(operation.Operation)
	if len(conditions) > maxConditions {
		return 0, false
	}
	for i, name := range conditions {
		value, isBoolean := operation.Variables[name].(bool)
		if !isBoolean {
			return 0, false
		}
		if value {
			number |= 1 << i
		}
	}
	return number, true
}

// conditions returns the names of the variables that directives of the operation use.
func (d *checkedDocument) conditions(operation *ast.OperationDefinition) []string {
	if known, ok := d.plans.load(operation, purposeConditions, 0).([]string); ok {
		return known
	}
	found := &conditionFinder{fragments: d.tree.Fragments, seen: map[string]bool{}, names: []string{}}
	found.in(operation.SelectionSet)
	d.plans.store(operation, purposeConditions, 0, found.names, allocated(len(found.names)*sizeOf[string]()))
	return found.names
}

// conditionFinder collects variables that directives use, each once.
type conditionFinder struct {
	fragments ast.FragmentDefinitionList
	seen      map[string]bool // names of fragments
	names     []string
}

func (f *conditionFinder) in(selections ast.SelectionSet) {
	for _, selection := range selections {
		for _, directive := range directivesOf(selection) {
			for _, argument := range directive.Arguments {
				f.add(argument.Value)
			}
		}
		switch selection := selection.(type) {
		case *ast.Field:
			f.in(selection.SelectionSet)
		case *ast.InlineFragment:
			f.in(selection.SelectionSet)
		case *ast.FragmentSpread:
			if !f.seen[selection.Name] {
				f.seen[selection.Name] = true
				f.in(f.fragments.ForName(selection.Name).SelectionSet)
			}
		}
	}
}

func (f *conditionFinder) add(value *ast.Value) {
	if value.Kind == ast.Variable && !slices.Contains(f.names, value.Raw) {
		f.names = append(f.names, value.Raw)
	}
	for _, child := range value.Children {
		f.add(child.Value)
	}
}
