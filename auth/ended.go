package auth

import (
	"sync"
	"time"
)

const (
	// maxEndings is how many ended tokens of a user that have not expired are remembered one by one. Who ends more is logged out
	// everywhere.
	maxEndings = 1000
	// longestToken is how long a token lives at most, whatever its lifetime was when it was issued.
	longestToken = 7 * 24 * time.Hour
)

// ended remembers the tokens that were ended before their time, until that has come. It is safe for concurrent use.
type ended struct {
	mu     sync.RWMutex
	byUser map[string]*endings // guarded by mu
}

// endings are those of one user.
type endings struct {
	tokens map[string]time.Time // by id, with the time until which the token would be good
	before time.Time            // tokens issued until then are ended; zero for none
	until  time.Time            // when the last of those has expired
}

func newEnded() *ended { return &ended{byUser: map[string]*endings{}} }

// has reports whether the caller's token was ended.
func (e *ended) has(caller *Caller) bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	of, ok := e.byUser[caller.Username]
	if !ok {
		return false
	}
	_, one := of.tokens[caller.TokenID]
	return one || !caller.issuedAt.After(of.before)
}

// add ends a token that is good until then.
func (e *ended) add(user, tokenID string, until time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	if !now.Before(until) {
		return
	}
	of := e.of(user)
	of.tokens[tokenID] = until
	if len(of.tokens) <= maxEndings {
		return
	}
	if of.forget(now); len(of.tokens) > maxEndings {
		of.tokens = map[string]time.Time{}
		of.endBefore(now, now.Add(longestToken))
	}
}

// addBefore ends all tokens of a user that were issued until then.
func (e *ended) addBefore(user string, before, until time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if time.Now().Before(until) {
		e.of(user).endBefore(before, until)
	}
}

func (of *endings) endBefore(before, until time.Time) {
	if before.After(of.before) {
		of.before = before
	}
	if until.After(of.until) {
		of.until = until
	}
}

// of returns the endings of a user. The caller must hold mu.
func (e *ended) of(user string) *endings {
	if e.byUser[user] == nil {
		e.byUser[user] = &endings{tokens: map[string]time.Time{}}
	}
	return e.byUser[user]
}

// forget drops what has expired by itself.
func (e *ended) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	for user, of := range e.byUser {
		if of.forget(now); len(of.tokens) == 0 && !now.Before(of.until) {
			delete(e.byUser, user)
		}
	}
}

func (of *endings) forget(now time.Time) {
	for id, until := range of.tokens {
		if !now.Before(until) {
			delete(of.tokens, id)
		}
	}
}
