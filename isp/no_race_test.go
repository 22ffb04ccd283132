//go:build !race

package isp

const (
	// benchClients is the largest provider in the design.
	benchClients = 20_000
	// propertyChecks is how many random cases a property has, unless -rapid.checks says so.
	propertyChecks = "100"
	// manyRefreshes are enough to show that memory grows.
	manyRefreshes = 50
	// maxEncodingMemory is how much memory the encoding of a directory may take, in sizes of the result.
	maxEncodingMemory = 2
)
