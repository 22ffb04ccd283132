package httpserver

import "sync"

// NewConcurrencyLimit returns a function that acquires one of limit slots. It never blocks: ok is
// false when all slots are taken. A queue would hold memory, and answer callers that have given
// up. Calling release more than once is harmless. The function is safe for concurrent use.
func NewConcurrencyLimit(limit int) func() (release func(), ok bool) {
	slots := make(chan struct{}, limit)
	return func() (func(), bool) {
		select {
		case slots <- struct{}{}:
			return sync.OnceFunc(func() { <-slots }), true
		default:
			return nil, false
		}
	}
}
