//go:build !race

package isp

// maxEncodingMemory is how much memory the encoding of a directory may take, in sizes of the result.
const maxEncodingMemory = 2
