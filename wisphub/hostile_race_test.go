//go:build race

package wisphub

// maxHostileMB is higher than without the race detector, which drops buffers that are kept for later,
// at random.
const maxHostileMB = 240
