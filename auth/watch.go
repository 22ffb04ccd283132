package auth

import "sync"

// WhenEnded has ended called once the caller's token is no longer good, or not for all of the caller's scopes; that it expires
// is for the caller's ExpiresAt to tell. Ended is called once, on a goroutine of its own, at once if it is so already. Stop
// must be called when that is no longer of interest; a call may still be under way then.
func (s *Service) WhenEnded(caller *Caller, ended func()) (stop func()) {
	w := &watch{caller: caller, ended: ended}
	s.watches.add(w)
	if !s.stillGood(caller) && s.watches.remove(w) { // since the caller was verified
		go ended()
	}
	return func() { s.watches.remove(w) }
}

// tellEnded tells all those whose caller is no longer who he was.
func (s *Service) tellEnded() {
	for _, w := range s.watches.take(func(w *watch) bool { return !s.stillGood(w.caller) }) {
		go w.ended()
	}
}

func (s *Service) stillGood(caller *Caller) bool {
	user, err := s.check(caller)
	return err == nil && len(intersection(caller.Scopes, user.Scopes)) == len(caller.Scopes)
}

// watch is somebody who wants to know when a token is no longer good.
type watch struct {
	caller *Caller
	ended  func()
}

// watches is a set. It is safe for concurrent use.
type watches struct {
	mu  sync.Mutex
	all map[*watch]struct{} // guarded by mu
}

func (ws *watches) add(w *watch) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.all[w] = struct{}{}
}

// remove reports whether it was there.
func (ws *watches) remove(w *watch) bool {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	_, there := ws.all[w]
	delete(ws.all, w)
	return there
}

// take removes and returns those that are so.
func (ws *watches) take(so func(*watch) bool) (taken []*watch) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for w := range ws.all {
		if so(w) {
			delete(ws.all, w)
			taken = append(taken, w)
		}
	}
	return taken
}
