package direct

import (
	"sync/atomic"

	"wisphub-graphql/auth"
)

// plan is how an operation is written. But for size, it must not change any more. The plan without
// a root is of an operation that gqlgen's executor must run.
type plan struct {
	root   *selection
	scopes []auth.Scope
	// arguments is the number of steps whose arguments depend on variables.
	arguments int
	// bytes is about what the plan takes.
	bytes int
	// size is that of the last answer, which the next one begins with.
	size atomic.Int64
}

// selection is what an operation selects of one object type.
type selection struct{ steps []Step }

// Step writes one field of a selection.
type Step struct {
	// key has the characters before the value: a brace or a comma, the name and a colon.
	key   []byte
	write Writer // nil for __typename, whose value is part of key
	// object is what is selected of the value, objects the same for each type that it may be.
	object  *selection
	objects map[string]*selection

	resolver  Resolver
	arguments arguments
}
