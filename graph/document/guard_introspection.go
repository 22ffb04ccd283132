package document

import (
	"cmp"

	"github.com/vektah/gqlparser/v2/ast"
)

// The limits of introspection. They differ from those of data: the usual introspection query is
// deep but reads everything once, and a small query can return the whole schema.
const (
	maxSchemas            = 1
	maxIntrospectionDepth = 20 // the usual query has 15
	maxMembers            = 1
	maxSchemaAliases      = 0
)

// introspection returns the extent of an introspection field. Below one, aliases are refused,
// because they read the same data again. So are the members of a member's type.
func (g *guard) introspection(field *ast.Field, parent *ast.Definition, inner, e extent) extent {
	if parent.Name == "__Type" && isMembers(field.Name) {
		e.members = add(e.members, 1)
	}
	if parent != g.schema.Query {
		return e
	}
	g.fail(cmp.Or(
		checkLimit(maxIntrospectionDepth, inner.depth, "The query exceeds the maximum depth of %d fields within introspection."),
		checkLimit(maxMembers, inner.members, "The query exceeds the maximum depth of %d list of a type's members within introspection."),
		checkLimit(maxSchemaAliases, inner.aliases, "The query exceeds the maximum of %d aliases within introspection."),
	))
	if field.Name == "__schema" {
		e.schemas = 1
	}
	e.depth, e.lists, e.members = 1, 0, 0
	return e
}

// isMembers reports whether the field of __Type lists the members of the type.
func isMembers(name string) bool {
	switch name {
	case "fields", "inputFields", "interfaces", "possibleTypes", "enumValues":
		return true
	}
	return false
}
