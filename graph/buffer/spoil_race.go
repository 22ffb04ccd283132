//go:build race

package buffer

// spoil overwrites bytes that were given back, so that tests with the race detector find who still
// reads them.
func spoil(bytes []byte) {
	all := bytes[:cap(bytes)]
	all[0] = 0xAA
	for n := 1; n < len(all); n *= 2 {
		copy(all[n:], all[:n])
	}
}
