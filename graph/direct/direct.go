// Package direct answers queries from memory without the executor of gqlgen. It writes JSON straight
// from the records that package isp holds. What it cannot answer at once, gqlgen's executor runs.
package direct

import "context"

// Resolver returns what the resolver of a field returns, from memory. It never waits, and never calls
// WispHub. Known is false if memory lacks the value, or the resolver would return an error: gqlgen's
// executor runs the operation then. The parent is the object of the field, nil for a root field. The
// arguments are those of the resolver by their names in the schema. It must not change them, because
// requests share them.
type Resolver func(ctx context.Context, parent any, arguments map[string]any) (value any, known bool)

// Resolvers are the resolvers that memory can answer, by "Type.field" in the schema's names.
type Resolvers map[string]Resolver
