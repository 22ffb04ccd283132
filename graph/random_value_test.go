package graph_test

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// enumValue is a value that literals write without quotes.
type enumValue string

// member is a field of an input object.
type member struct {
	name  string
	value any
}

// value returns a value of the type: nil, a number, a text, an enumValue, a list or members.
func (d *randomDocument) value(name string, of *ast.Type) any {
	if !of.NonNull && d.chance(10) {
		return nil
	}
	if of.Elem != nil {
		list := []any{}
		for range d.random.IntN(4) {
			list = append(list, d.value(name, of.Elem))
		}
		return list
	}
	definition := d.schema.Types[of.NamedType]
	switch definition.Kind {
	case ast.Enum:
		return enumValue(definition.EnumValues[d.random.IntN(len(definition.EnumValues))].Name)
	case ast.InputObject:
		return d.members(definition)
	}
	switch of.NamedType {
	case "Int":
		if name == "first" {
			return []int{0, 1, 2, 3, 5, 40}[d.random.IntN(6)]
		}
		return d.known.ids[d.random.IntN(len(d.known.ids))]
	case "ID":
		return d.known.nodes[d.random.IntN(len(d.known.nodes))]
	case "Boolean":
		return d.chance(50)
	case "Date":
		return []string{"2020-01-01", "2026-06-01", "2030-12-31"}[d.random.IntN(3)]
	case "Decimal":
		return []string{"-0.01", "0", "0.01", "65000"}[d.random.IntN(4)]
	}
	if name == "after" {
		return d.known.cursors[d.random.IntN(len(d.known.cursors))]
	}
	return d.known.texts[d.random.IntN(len(d.known.texts))]
}

func (d *randomDocument) members(definition *ast.Definition) []member {
	if definition.Directives.ForName("oneOf") != nil {
		field := definition.Fields[d.random.IntN(len(definition.Fields))]
		required := *field.Type
		required.NonNull = true
		return []member{{field.Name, d.value(field.Name, &required)}}
	}
	var list []member
	for _, field := range definition.Fields {
		if d.chance(20) {
			list = append(list, member{field.Name, d.value(field.Name, field.Type)})
		}
	}
	return list
}

// literal returns the value as a document writes it.
func literal(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case string:
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(value) + `"`
	case []any:
		var parts []string
		for _, element := range value {
			parts = append(parts, literal(element))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case []member:
		var parts []string
		for _, member := range value {
			parts = append(parts, member.name+":"+literal(member.value))
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	return fmt.Sprint(value)
}

// plain returns the value as variables have it.
func plain(value any) any {
	switch value := value.(type) {
	case enumValue:
		return string(value)
	case []any:
		list := []any{}
		for _, element := range value {
			list = append(list, plain(element))
		}
		return list
	case []member:
		object := map[string]any{}
		for _, member := range value {
			object[member.name] = plain(member.value)
		}
		return object
	}
	return value
}
