// Package shared gives replicas of one service a common store, a Valkey or
// Redis server: values, messages, leases, locks, a member count and a log of
// calls.
//
// The store is optional at all times. While it is unreachable every call fails
// at once with [ErrStoreLost], and a background goroutine reconnects. Callers
// are expected to continue with what they know, and to catch up on
// [TopicReconnected].
package shared
