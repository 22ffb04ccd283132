//go:build !race

package buffer

// spoil does nothing: only tests with the race detector need it.
func spoil([]byte) {}
