package documenttest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"
)

// Random draws an operation of the kind and its variables. Most are valid: they have fragments,
// aliases, merged fields, @skip, @include, and variables of all types, with and without a default. A
// few values are absent, null or of another type.
func Random(t *rapid.T, schema *ast.Schema, kind ast.Operation) (document string, variables map[string]any) {
	r := &random{
		T: t, schema: schema, variables: map[string]any{}, fragments: map[string]string{}, arguments: map[string]string{},
	}
	root := map[ast.Operation]*ast.Definition{ast.Query: schema.Query, ast.Mutation: schema.Mutation, ast.Subscription: schema.Subscription}[kind]
	var body string
	if kind == ast.Subscription { // exactly one field
		body = "{" + r.field(root, 5) + "}"
	} else {
		body = r.selections(root, 5)
	}
	if len(r.definitions) > 0 {
		return fmt.Sprintf("%s Q(%s)%s%s", kind, strings.Join(r.definitions, " "), body, r.bodies.String()), r.variables
	}
	return string(kind) + body + r.bodies.String(), r.variables
}

type random struct {
	*rapid.T
	schema      *ast.Schema
	definitions []string // of variables
	variables   map[string]any
	fragments   map[string]string // the last name by the type
	defined     int
	bodies      strings.Builder   // of fragments
	arguments   map[string]string // of fields without an alias, which may merge
	aliases     int
}

// chance reports true in so many of ten cases.
func (r *random) chance(ofTen int) bool { return rapid.IntRange(1, 10).Draw(r.T, "chance") <= ofTen }

func (r *random) selections(of *ast.Definition, depth int) string {
	var list []string
	for range rapid.IntRange(1, 4).Draw(r.T, "selections") {
		switch {
		case depth > 0 && r.chance(1):
			list = append(list, r.inline(of, depth))
		case depth > 0 && r.chance(1):
			list = append(list, r.spread(of, depth))
		default:
			list = append(list, r.field(of, depth))
		}
	}
	return "{" + strings.Join(list, " ") + "}"
}

func (r *random) inline(of *ast.Definition, depth int) string {
	on := of
	if of.IsAbstractType() {
		on = rapid.SampledFrom(r.schema.GetPossibleTypes(of)).Draw(r.T, "type")
	}
	return "... on " + on.Name + r.directives() + r.selections(on, depth-1)
}

func (r *random) spread(of *ast.Definition, depth int) string {
	if r.fragments[of.Name] == "" || r.chance(3) {
		body := r.selections(of, depth-1) // spreads only fragments that exist already
		name := fmt.Sprintf("F%d", r.defined)
		r.defined++
		r.fragments[of.Name] = name
		fmt.Fprintf(&r.bodies, " fragment %s on %s%s", name, of.Name, body)
	}
	return "..." + r.fragments[of.Name] + r.directives()
}

func (r *random) field(of *ast.Definition, depth int) string {
	fields := slices.DeleteFunc(slices.Clone(of.Fields), func(field *ast.FieldDefinition) bool {
		return strings.HasPrefix(field.Name, "__") || depth == 0 && r.schema.Types[field.Type.Name()].IsCompositeType()
	})
	if len(fields) == 0 || r.chance(1) {
		return "__typename" + r.directives()
	}
	field := rapid.SampledFrom(fields).Draw(r.T, "field")
	alias, key := "", of.Name+"."+field.Name
	arguments, known := r.arguments[key]
	switch {
	case len(field.Arguments) > 0 && r.chance(5):
		r.aliases++
		alias, arguments = fmt.Sprintf("a%d:", r.aliases), r.given(field.Arguments)
	case !known:
		arguments = r.given(field.Arguments)
		r.arguments[key] = arguments
	}
	text := alias + field.Name + arguments + r.directives()
	if kind := r.schema.Types[field.Type.Name()]; kind.IsCompositeType() {
		text += r.selections(kind, depth-1)
	}
	return text
}

func (r *random) directives() string {
	if !r.chance(1) {
		return ""
	}
	condition := r.value(ast.NonNullNamedType("Boolean", nil), 0)
	return " " + rapid.SampledFrom([]string{"@skip", "@include"}).Draw(r.T, "directive") + "(if:" + condition + ")"
}

func (r *random) given(definitions ast.ArgumentDefinitionList) string {
	var list []string
	for _, argument := range definitions {
		if argument.Type.NonNull || r.chance(4) {
			list = append(list, argument.Name+":"+r.value(argument.Type, 2))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "(" + strings.Join(list, " ") + ")"
}

// value returns a literal or a variable of the type.
func (r *random) value(kind *ast.Type, depth int) string {
	if r.chance(4) {
		return r.variable(kind, true)
	}
	if !kind.NonNull && r.chance(1) {
		return "null"
	}
	if kind.Elem != nil {
		if single := r.schema.Types[kind.Elem.NamedType]; single.Kind != ast.InputObject && r.chance(2) {
			return r.constant(kind.Elem)
		}
		return "[" + r.value(kind.Elem, depth) + " " + r.value(kind.Elem, depth) + "]"
	}
	definition := r.schema.Types[kind.NamedType]
	if definition.Kind != ast.InputObject {
		return r.constant(kind)
	}
	var list []string
	for _, field := range r.chosen(definition) {
		value := ""
		if isOneOf(definition) && r.chance(4) {
			value = r.variable(field.Type, false)
		} else if isOneOf(definition) {
			value = r.constant(field.Type)
		} else {
			value = r.value(field.Type, depth-1)
		}
		list = append(list, field.Name+":"+value)
	}
	return "{" + strings.Join(list, " ") + "}"
}
