package documenttest

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"
)

// variable defines a variable that fits the type, and gives it a value or none.
func (r *random) variable(kind *ast.Type, mayBeNull bool) string {
	name := fmt.Sprintf("v%d", len(r.definitions))
	declared := *kind
	definition := "$" + name + ":"
	fallback := "" // a default, which only a variable that may be null has
	if mayBeNull && kind.Elem == nil && r.schema.Types[kind.NamedType].Kind != ast.InputObject && r.chance(4) {
		declared.NonNull = false
		fallback = "=" + r.constant(kind)
	} else if !kind.NonNull && r.chance(3) {
		declared.NonNull = true
	}
	r.definitions = append(r.definitions, definition+declared.String()+fallback)
	if declared.NonNull || r.chance(6) {
		r.variables[name] = r.sent(&declared, 2)
	}
	return "$" + name
}

// constant returns a literal of a leaf type.
func (r *random) constant(kind *ast.Type) string {
	definition := r.schema.Types[kind.NamedType]
	value := r.leaf(definition)
	if text, isText := value.(string); isText && definition.Kind != ast.Enum {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprint(value)
}

// sent returns a value of a variable as JSON has it, at times a wrong one.
func (r *random) sent(kind *ast.Type, depth int) any {
	if rapid.IntRange(1, 40).Draw(r.T, "wrong") == 1 {
		return rapid.SampledFrom([]any{nil, "x", 1.5, true, []any{}, map[string]any{"x": 1}}).Draw(r.T, "value")
	}
	if !kind.NonNull && r.chance(1) {
		return nil
	}
	if kind.Elem != nil {
		if r.chance(2) {
			return r.sent(kind.Elem, depth)
		}
		return []any{r.sent(kind.Elem, depth), r.sent(kind.Elem, depth)}
	}
	definition := r.schema.Types[kind.NamedType]
	if definition.Kind != ast.InputObject {
		return r.leaf(definition)
	}
	object := map[string]any{}
	for _, field := range r.chosen(definition) {
		object[field.Name] = r.sent(field.Type, depth-1)
	}
	return object
}

// chosen returns the fields that an input object gets.
func (r *random) chosen(of *ast.Definition) (chosen ast.FieldList) {
	if isOneOf(of) {
		field := *rapid.SampledFrom(of.Fields).Draw(r.T, "key")
		kind := *field.Type
		kind.NonNull = true
		field.Type = &kind
		return ast.FieldList{&field}
	}
	for _, field := range of.Fields {
		if field.Type.NonNull && field.DefaultValue == nil || r.chance(3) {
			chosen = append(chosen, field)
		}
	}
	return chosen
}

func isOneOf(of *ast.Definition) bool { return of.Directives.ForName("oneOf") != nil }

// leaf returns a value of a scalar or an enum.
func (r *random) leaf(of *ast.Definition) any {
	if of.Kind == ast.Enum {
		return rapid.SampledFrom(of.EnumValues).Draw(r.T, "enum").Name
	}
	return rapid.SampledFrom(leaves[of.Name]).Draw(r.T, "leaf")
}

// leaves are values of each scalar. A few are refused.
var leaves = map[string][]any{
	"Boolean":  {true, false},
	"Float":    {0, 1.5},
	"ID":       {"client:1", "client:26", "ticket:1", "task:x", "plan:1", "zone:1", "x", 7},
	"Int":      {0, 1, 2, 3, 20, 21, 26, 50, 100, 2000, 2001, -1, 26.0},
	"String":   {"", "ana", "per", "3000000001", "1000000001", "x"},
	"Date":     {"2026-05-08", "2026-11-01", "2026-02-30"},
	"DateTime": {"2026-05-08T10:00:00-05:00", "2026-05-08"},
	"Decimal":  {"1.50", 20, "abc"},
}
