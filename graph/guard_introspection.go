package graph

import (
	"cmp"

	"github.com/vektah/gqlparser/v2/ast"
)

// Introspection answers a small document with the whole schema, and is held to other limits than data: its usual query is
// deep, but reads everything once.
const (
	maxSchemas            = 1
	maxIntrospectionDepth = 20 // the usual query has 15
	maxMembers            = 1
	maxSchemaAliases      = 0
)

// introspection is the extent of a field of introspection. Within it there are no aliases, which would read the same once
// more, and the members of a type are not followed to members of their types.
func (g *guard) introspection(field *ast.Field, parent *ast.Definition, inner, e extent) extent {
	if parent.Name == "__Type" && isMembers(field.Name) {
		e.members = add(e.members, 1)
	}
	if parent != g.schema.Query {
		return e
	}
	g.fail(cmp.Or(
		atMost(maxIntrospectionDepth, inner.depth, "Fields of introspection may lie at most %d deep."),
		atMost(maxMembers, inner.members, "Introspection lists the members of types at most %d time on the way to a field."),
		atMost(maxSchemaAliases, inner.aliases, "At most %d aliases may lie within introspection."),
	))
	if field.Name == "__schema" {
		e.schemas = 1
	}
	e.depth, e.lists, e.members = 1, 0, 0
	return e
}

// isMembers reports whether the field of a type lists what the type consists of.
func isMembers(name string) bool {
	switch name {
	case "fields", "inputFields", "interfaces", "possibleTypes", "enumValues":
		return true
	}
	return false
}
