package document

import "github.com/vektah/gqlparser/v2/ast"

// argumentChecker coerces the arguments of all fields that an operation selects. They may be wrong
// although the variables are right: literals of custom scalars, and null for a variable with a
// default where null is not allowed.
type argumentChecker struct {
	*coercer
	fragments ast.FragmentDefinitionList
	variables map[string]any
	seen      map[string]bool // names of fragments
}

// checkArguments checks the arguments of an operation, which the plan has.
func (c *coercer) checkArguments(plan *argumentsPlan, variables map[string]any) {
	if len(plan.selections) == 0 {
		return
	}
	fields := &argumentChecker{coercer: c, fragments: plan.fragments, variables: variables, seen: map[string]bool{}}
	fields.check(plan.selections)
}

// check checks a selection set and those below it, each fragment once. It leaves out what @skip and
// @include leave out.
func (a *argumentChecker) check(selections ast.SelectionSet) {
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			if a.includes(selection.Directives) {
				if selection.Definition != nil {
					a.arguments(selection.Definition.Arguments, selection.Arguments)
				}
				a.check(selection.SelectionSet)
			}
		case *ast.InlineFragment:
			if a.includes(selection.Directives) {
				a.check(selection.SelectionSet)
			}
		case *ast.FragmentSpread:
			if a.includes(selection.Directives) && !a.seen[selection.Name] {
				a.seen[selection.Name] = true
				a.check(a.fragments.ForName(selection.Name).SelectionSet)
			}
		}
	}
}

// includes reports whether the directives leave a selection in. gqlgen panics if their argument is
// null.
func (a *argumentChecker) includes(directives ast.DirectiveList) bool {
	included := true
	for _, directive := range directives {
		condition := a.arguments(directive.Definition.Arguments, directive.Arguments)["if"]
		if directive.Name == "skip" && condition == true || directive.Name == "include" && condition == false {
			included = false
		}
	}
	return included
}

// arguments returns the given arguments, coerced.
func (a *argumentChecker) arguments(definitions ast.ArgumentDefinitionList, given ast.ArgumentList) map[string]any {
	result := make(map[string]any, len(given))
	for _, argument := range given {
		if a.isAbsent(argument.Value) {
			continue
		}
		a.position = argument.Position
		path := []string{argument.Name}
		if value, ok := a.literal(argument.Value, a.variables, path); ok {
			result[argument.Name] = a.value(definitions.ForName(argument.Name).Type, value, path)
		}
	}
	return result
}

// isAbsent reports whether the value is a variable without a value. The argument is then absent.
func (a *argumentChecker) isAbsent(value *ast.Value) bool {
	_, present := a.variables[value.Raw]
	return value.Kind == ast.Variable && !present
}
