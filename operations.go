package main

import "sync"

// newAdmission returns what lets at most so many operations be under way at a time. What is one too many is not kept waiting:
// a line would hold its memory, and be answered when nobody waits any more.
func newAdmission(most int) func() (leave func(), ok bool) {
	slots := make(chan struct{}, most)
	return func() (func(), bool) {
		select {
		case slots <- struct{}{}:
			return sync.OnceFunc(func() { <-slots }), true
		default:
			return nil, false
		}
	}
}
