package direct

import (
	"context"

	"wisphub-graphql/auth"
)

// Schema says how the fields of the schema are written. It is generated from gqlgen's own bindings.
type Schema struct {
	// Query is the name of the type of the root fields.
	Query string
	// Objects are the object types by their names.
	Objects map[string]Object
	// Interfaces are the names of the object types that each interface or union may be.
	Interfaces map[string][]string
}

// Object is an object type.
type Object struct {
	// Implements are the type conditions that the object satisfies: its own name and those of its
	// interfaces and unions.
	Implements []string
	// Fields are the fields that can be written, by their names.
	Fields map[string]Field
}

// Field is a field that can be written.
type Field struct {
	// Write writes the field of an object. For a resolver field it writes what the resolver returned.
	Write Writer
	// Resolver is true if the value comes from a resolver.
	Resolver bool
	// Scope is what a caller must have, "" if callers need none.
	Scope auth.Scope
	// Type is the name of the object or interface type of the value or of its elements, "" for others.
	Type string
	// Arguments converts arguments for the resolver. It is nil if the field has none.
	Arguments func(ctx context.Context, raw map[string]any) (map[string]any, error)
}

// Writer appends a value as JSON. It returns false if gqlgen's executor must run the operation. The
// object is never nil, but the value of a resolver may be.
type Writer func(b []byte, run *Run, step *Step, object any) ([]byte, bool)

// NotNull reports whether the value that begins at this index of the bytes is not null.
func NotNull(b []byte, from int) bool { return len(b)-from != len("null") || b[from] != 'n' }
