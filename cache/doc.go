// Package cache keeps values that are slow or costly to read, and reads them
// again when they have grown old.
//
// A [Cache] loads a missing value once, however many ask for it, and answers
// from memory until the value is past its time to live. From then on it serves
// the old value while one refresh runs behind it, and goes on serving it when
// the refresh fails, up to a limit. It remembers for a while that something
// does not exist. Each answer carries its age.
//
// [Cache.Persist] lets values leave the process. In a [Folder] they outlive it:
// what [Cache.Save] wrote, [Cache.Restore] brings back as stale, to be served
// until it has been read again.
//
// Through a [Shared] store, a Valkey or Redis server, replicas read for each
// other. One of them reads a key, under a [Lease]; the others wait for it, take
// over what it publishes, and hear of each refresh, [Cache.Invalidate] and
// [Cache.Expire]. A reading that failed is not repeated by the next replica
// before a pause is over. A replica that vanishes is succeeded when its lease
// ends. A [Ledger] counts what all of them spend.
//
// The store is a help and never a need. While it is lost each replica reads for
// itself, and answers from its memory as ever; nothing waits for the store
// longer than a moment, and it is looked for behind the scenes. What the others
// have published meanwhile is taken over when it is back. What they have
// invalidated or expired meanwhile is missed: such a value is served until it
// is past its time to live. Ledgers refuse until [Ledger.Merge] has told the
// store, which may have forgotten everything, what was spent without it.
//
// Replicas tell the age of values by their own clocks, which must agree to
// within a second. One whose clock is further ahead is not believed.
//
// The package does not know what it holds. Values are shared by all readers
// and must not be changed once they are in a cache.
package cache
