package direct

import (
	"context"

	"github.com/vektah/gqlparser/v2/ast"
)

// arguments are those of a resolver field. The zero value has none.
type arguments struct {
	// constant are the arguments if no variable occurs in them.
	constant map[string]any
	// Others are converted once a request: field is where they stand, and number their place in
	// [Run.arguments].
	field   *ast.Field
	convert func(ctx context.Context, raw map[string]any) (map[string]any, error)
	number  int
}

// of returns the arguments in a run.
func (a *arguments) of(r *Run) (map[string]any, error) {
	if a.convert == nil {
		return a.constant, nil
	}
	if known := r.arguments[a.number]; known != nil {
		return known, nil
	}
	converted, err := a.convert(r.ctx, a.field.ArgumentMap(r.operation.Variables))
	if err != nil {
		return nil, err
	}
	r.arguments[a.number] = converted
	return converted, nil
}

// hasVariable reports whether a variable occurs in the arguments.
func hasVariable(list ast.ArgumentList) bool {
	for _, argument := range list {
		if variableIn(argument.Value) {
			return true
		}
	}
	return false
}

func variableIn(value *ast.Value) bool {
	if value.Kind == ast.Variable {
		return true
	}
	for _, child := range value.Children {
		if variableIn(child.Value) {
			return true
		}
	}
	return false
}
