package graph

import "github.com/vektah/gqlparser/v2/ast"

// maxValueNesting bounds lists and objects in one another, each of which the rules put into values and words once for every
// one around it. The schema's deepest has four.
const maxValueNesting = 10

// arguments returns how many values are in the arguments, and refuses those that are nested too deep.
func (g *guard) arguments(arguments ast.ArgumentList) (count int) {
	for _, argument := range arguments {
		count = add(count, g.value(argument.Value, 0))
	}
	return count
}

// annotations counts directives and looks at their arguments.
func (g *guard) annotations(directives ast.DirectiveList) {
	g.directives += len(directives)
	for _, directive := range directives {
		g.arguments(directive.Arguments)
	}
}

// value returns how many values there are in one, itself counted, which lies in so many others.
func (g *guard) value(value *ast.Value, depth int) (count int) {
	if value == nil || g.err != nil {
		return 0
	}
	g.steps++
	if value.Kind == ast.ListValue || value.Kind == ast.ObjectValue {
		depth++
		g.fail(atMost(maxValueNesting, depth, "Lists and objects may be nested at most %d deep in a value."))
	}
	count = 1
	for _, child := range value.Children {
		count = add(count, g.value(child.Value, depth))
	}
	return count
}
