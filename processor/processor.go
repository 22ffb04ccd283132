// Package processor says how many cores the process may use, keeps the network served while all of
// them are busy, and lets the collector of garbage use less of them.
package processor

import "runtime"

// cores is read before [Spare] changes what the runtime says.
var cores = runtime.GOMAXPROCS(0)

// Cores returns how many cores the process may use, at least one: those of the machine, of its
// container, or GOMAXPROCS.
func Cores() int { return cores }

// Spare lets the runtime schedule on twice as many threads as there are cores. Without spare ones,
// it looks at the network only every ten milliseconds while all are busy. The operating system
// shares the cores fairly among the threads. Call it once, at the start of the program.
func Spare() { runtime.GOMAXPROCS(2 * cores) }
