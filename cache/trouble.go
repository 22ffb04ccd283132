package cache

import "sync"

// Trouble notices when failures begin and when they end, so that each is logged
// once. The zero value is ready, and it is safe for concurrent use.
type Trouble struct {
	mu      sync.Mutex
	failing bool // guarded by mu
}

// Changed takes the result of a try. It reports whether err is the first failure
// in a row, or nil after a failure.
func (t *Trouble) Changed(err error) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	changed := t.failing != (err != nil)
	t.failing = err != nil
	return changed
}

// Failing reports whether the last try failed.
func (t *Trouble) Failing() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failing
}
