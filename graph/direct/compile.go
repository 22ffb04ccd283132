package direct

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/graph/scalar"
)

// compiler makes the plan of one operation.
type compiler struct {
	schema    *Schema
	resolvers Resolvers
	ctx       context.Context
	operation *graphql.OperationContext
	plan      *plan
}

// compile returns the plan of the operation, with the values that its directives have now.
func (c *compiler) compile() *plan {
	c.plan = &plan{}
	root := c.selection(c.operation.Operation.SelectionSet, c.schema.Query)
	if root == nil {
		return &plan{bytes: planBytes}
	}
	c.plan.root = root
	c.plan.bytes += planBytes
	return c.plan
}

// The bytes that parts of a plan take: a step, its arguments, and the plan itself.
const (
	stepBytes = 192
	planBytes = 256
)

// selection returns what is selected of the object type, nil if it cannot be written.
func (c *compiler) selection(set ast.SelectionSet, name string) *selection {
	object := c.schema.Objects[name]
	fields := graphql.CollectFields(c.operation, set, object.Implements)
	if len(fields) == 0 {
		return &selection{steps: []Step{{key: []byte{'{'}}}}
	}
	selected := &selection{steps: make([]Step, 0, len(fields))}
	var names []string
	for i, field := range fields {
		// gqlgen writes only the first of two fields with one name, but runs both.
		if len(field.Deferrables) > 0 || slices.Contains(names, field.Alias) {
			return nil
		}
		names = append(names, field.Alias)
		step, ok := c.step(field, object.Fields[field.Name], name)
		if !ok {
			return nil
		}
		step.key = append(keyOf(i, field.Alias), step.key...)
		c.plan.bytes += stepBytes + cap(step.key)
		selected.steps = append(selected.steps, step)
	}
	return selected
}

func keyOf(i int, name string) []byte {
	key := []byte{'{'}
	if i > 0 {
		key[0] = ','
	}
	return append(scalar.AppendString(key, name), ':')
}

// step returns how the field of the object type is written, false if it cannot be written.
func (c *compiler) step(collected graphql.CollectedField, field Field, object string) (step Step, ok bool) {
	if collected.Name == "__typename" {
		return Step{key: scalar.AppendString(nil, object)}, true
	}
	if field.Write == nil {
		return Step{}, false
	}
	step.write = field.Write
	if field.Scope != "" && !slices.Contains(c.plan.scopes, field.Scope) {
		c.plan.scopes = append(c.plan.scopes, field.Scope)
	}
	if field.Resolver {
		if step.resolver = c.resolvers[object+"."+collected.Name]; step.resolver == nil {
			return Step{}, false
		}
		if step.arguments, ok = c.arguments(collected.Field, field); !ok {
			return Step{}, false
		}
	}
	return step, c.value(&step, field.Type, collected.Selections)
}

// value adds what is selected of the value of the type.
func (c *compiler) value(step *Step, name string, set ast.SelectionSet) bool {
	possible, isInterface := c.schema.Interfaces[name]
	switch {
	case name == "":
		return true
	case !isInterface:
		step.object = c.selection(set, name)
		return step.object != nil
	}
	step.objects = make(map[string]*selection, len(possible))
	for _, object := range possible {
		step.objects[object] = c.selection(set, object) // of a nil one no value is written
	}
	return true
}

func (c *compiler) arguments(selected *ast.Field, field Field) (arguments, bool) {
	if field.Arguments == nil {
		return arguments{}, true
	}
	if hasVariable(selected.Arguments) {
		c.plan.arguments++
		return arguments{field: selected, convert: field.Arguments, number: c.plan.arguments - 1}, true
	}
	constant, err := field.Arguments(c.ctx, selected.ArgumentMap(nil))
	c.plan.bytes += stepBytes * len(constant)
	return arguments{constant: constant}, err == nil
}
