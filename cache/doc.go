// Package cache keeps values that are slow or costly to read, and reads them
// again when they have grown old.
//
// A [Cache] loads a missing value once, however many ask for it, and answers
// from memory until the value is past its time to live. From then on it serves
// the old value while one refresh runs behind it, and goes on serving it when
// the refresh fails, up to a limit. It remembers for a while that something
// does not exist. Each answer carries its age.
//
// The package does not know what it holds. Values are shared by all readers
// and must not be changed once they are in a cache.
package cache
