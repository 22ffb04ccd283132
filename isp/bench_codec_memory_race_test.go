//go:build race

package isp

// maxEncodingMemory is higher than without the race detector, which drops buffers that are kept for
// later, at random.
const maxEncodingMemory = 5
