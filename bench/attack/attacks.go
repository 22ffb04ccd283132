package main

import "slices"

// attacks returns all attacks, in the order of the report.
func attacks() []attack {
	return slices.Concat(requestAttacks(), connectionAttacks(), socketAttacks(), documentAttacks())
}
