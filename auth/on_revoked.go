package auth

import "sync"

// OnRevoked calls revoked when the caller's token becomes invalid or loses one of the caller's
// scopes. It does not report expiry: use the caller's ExpiresAt.
//
// The call happens at most once and on a new goroutine, at once if the token is revoked already.
// Stop cancels the subscription and must be called. A call may still be running when it returns.
func (s *Service) OnRevoked(caller *Caller, revoked func()) (stop func()) {
	sub := &subscription{caller: caller, onRevoked: revoked}
	s.subscriptions.add(sub)
	// The token may have been revoked since the caller was verified.
	if !s.stillValid(caller) && s.subscriptions.remove(sub) {
		go revoked()
	}
	return func() { s.subscriptions.remove(sub) }
}

// notifyRevoked calls the subscribers whose token was revoked.
func (s *Service) notifyRevoked() {
	isRevoked := func(sub *subscription) bool { return !s.stillValid(sub.caller) }
	for _, sub := range s.subscriptions.removeIf(isRevoked) {
		go sub.onRevoked()
	}
}

func (s *Service) stillValid(caller *Caller) bool {
	user, err := s.check(caller)
	return err == nil && len(intersection(caller.Scopes, user.Scopes)) == len(caller.Scopes)
}

// subscription is one call of [Service.OnRevoked].
type subscription struct {
	caller    *Caller
	onRevoked func()
}

// subscriptions is a set. It is safe for concurrent use.
type subscriptions struct {
	mu  sync.Mutex
	all map[*subscription]struct{} // guarded by mu
}

func (ss *subscriptions) add(sub *subscription) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	ss.all[sub] = struct{}{}
}

// remove reports whether the set contained the subscription.
func (ss *subscriptions) remove(sub *subscription) bool {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	_, found := ss.all[sub]
	delete(ss.all, sub)
	return found
}

// removeIf removes and returns the subscriptions that match.
func (ss *subscriptions) removeIf(match func(*subscription) bool) (removed []*subscription) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	for sub := range ss.all {
		if match(sub) {
			delete(ss.all, sub)
			removed = append(removed, sub)
		}
	}
	return removed
}
