// Package cache holds values that are slow or costly to read, and reads them
// again when they have become old.
//
// A [Cache] loads a missing value once for all concurrent callers, and answers
// from memory until the value exceeds its time to live. After that it serves
// the old value while one refresh runs in the background. If the refresh fails
// it goes on serving the old value, up to a limit. It remembers for a while
// that something does not exist. Each answer carries its age.
//
// [Cache.Persist] lets values leave the process. A [Folder] keeps them on disk:
// [Cache.Restore] brings back as stale what [Cache.Save] wrote, to be served
// until it has been read again.
//
// With a [shared.Store] the replicas of a service load for each other. One
// replica loads a key under a [shared.Lease] while the others wait and then use
// the published value. Each refresh, [Cache.Invalidate] and [Cache.Expire]
// reaches all replicas. After a failed load no replica repeats it before a
// pause is over. If a replica crashes, another loads once the lease ends.
//
// The store is optional at all times. While it is lost each replica loads for
// itself and answers from its memory; no call waits for the store for more than
// a moment. Values that others published meanwhile are used once the store is
// back. Keys that others invalidated or expired meanwhile are missed: their old
// values are served until they exceed their time to live.
//
// Replicas date values by their own clocks, which must agree to within a
// second. A value dated further in the future is ignored.
//
// The package does not know what it holds. All readers share the values, which
// must not be changed once they are in a cache.
package cache
