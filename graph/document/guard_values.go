package document

import "github.com/vektah/gqlparser/v2/ast"

// maxValueDepth bounds lists and objects within a value: gqlparser formats a nested value once for
// each level around it. The schema's deepest value has four.
const maxValueDepth = 10

// checkArguments returns the number of values in the arguments, and checks the depth of each.
func (g *guard) checkArguments(arguments ast.ArgumentList) (count int) {
	for _, argument := range arguments {
		count = add(count, g.countValues(argument.Value, 0))
	}
	return count
}

// checkDirectives counts directives and checks their arguments.
func (g *guard) checkDirectives(directives ast.DirectiveList) {
	g.directives += len(directives)
	for _, directive := range directives {
		g.checkArguments(directive.Arguments)
	}
}

// countValues returns the number of values in a value, itself included. The depth is that of the
// lists and objects around it.
func (g *guard) countValues(value *ast.Value, depth int) (count int) {
	if value == nil || g.err != nil {
		return 0
	}
	g.steps++
	if value.Kind == ast.ListValue || value.Kind == ast.ObjectValue {
		depth++
		g.fail(checkLimit(maxValueDepth, depth, "The query exceeds the maximum depth of %d lists and objects within a value."))
	}
	count = 1
	for _, child := range value.Children {
		count = add(count, g.countValues(child.Value, depth))
	}
	return count
}
