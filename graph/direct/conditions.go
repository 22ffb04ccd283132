package direct

import "github.com/vektah/gqlparser/v2/ast"

// conditions is what the directives of an operation make of its plan.
type conditions int

const (
	// unconditional operations always have the same plan.
	unconditional conditions = iota
	// conditional operations have a plan that depends on variables.
	conditional
	// foreign operations have directives that only gqlgen's executor knows.
	foreign
)

// conditionsOf looks at all fragments of the document, used or not, each once.
func conditionsOf(document *ast.QueryDocument, operation *ast.OperationDefinition) conditions {
	found := conditionsIn(operation.SelectionSet)
	if len(operation.Directives) > 0 {
		found = foreign
	}
	for _, fragment := range document.Fragments {
		found = max(found, conditionsIn(fragment.SelectionSet))
		if len(fragment.Directives) > 0 {
			found = foreign
		}
	}
	return found
}

func conditionsIn(set ast.SelectionSet) (found conditions) {
	for _, selected := range set {
		switch selected := selected.(type) {
		case *ast.Field:
			found = max(found, conditionsOn(selected.Directives), conditionsIn(selected.SelectionSet))
		case *ast.InlineFragment:
			found = max(found, conditionsOn(selected.Directives), conditionsIn(selected.SelectionSet))
		case *ast.FragmentSpread:
			found = max(found, conditionsOn(selected.Directives))
		}
	}
	return found
}

func conditionsOn(directives ast.DirectiveList) (found conditions) {
	for _, directive := range directives {
		switch {
		case directive.Name != "skip" && directive.Name != "include":
			return foreign
		case hasVariable(directive.Arguments):
			found = conditional
		}
	}
	return found
}
