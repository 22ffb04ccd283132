//go:build race

package isp

// The race detector makes code ten times as slow. It needs each path once or twice: what only more
// clients or more random cases would show, the tests without it do.
const (
	benchClients   = 3_000
	propertyChecks = "25"
	// manyRefreshes are enough to show that memory grows.
	manyRefreshes = 5
	// maxEncodingMemory is higher than without the race detector, which drops buffers that are kept
	// for later, at random.
	maxEncodingMemory = 5
)
