package auth

import (
	"sync"
	"time"
)

const (
	// maxRevokedPerUser limits how many unexpired revoked tokens are stored for a user. Beyond it,
	// all tokens of the user are revoked.
	maxRevokedPerUser = 1000
	// maxTokenLifetime is the longest lifetime that any token can have been issued with.
	maxTokenLifetime = 7 * 24 * time.Hour
)

// revokedTokens stores tokens that were revoked before they expired. It is safe for concurrent
// use.
type revokedTokens struct {
	mu     sync.RWMutex
	byUser map[string]*userRevocations // guarded by mu
}

// userRevocations are the revoked tokens of one user.
type userRevocations struct {
	tokens map[string]time.Time // expiry by token ID
	before time.Time            // tokens issued until then are revoked; zero for none
	until  time.Time            // when the last of those expires
	ahead  time.Time            // the last before that lay in the future; see addBefore
	// corrected is the last ahead whose snapshot was to be replaced; see correctsOnce.
	corrected time.Time
}

func newRevokedTokens() *revokedTokens {
	return &revokedTokens{byUser: map[string]*userRevocations{}}
}

// contains reports whether the caller's token was revoked.
func (r *revokedTokens) contains(caller *Caller) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	user, ok := r.byUser[caller.Username]
	if !ok {
		return false
	}
	_, listed := user.tokens[caller.TokenID]
	return listed || !caller.issuedAt.After(user.before)
}

// add revokes one token, which expires at until.
func (r *revokedTokens) add(username, tokenID string, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if !now.Before(until) {
		return
	}
	user := r.ofUser(username)
	user.tokens[tokenID] = until
	if len(user.tokens) <= maxRevokedPerUser {
		return
	}
	if user.dropExpired(now); len(user.tokens) > maxRevokedPerUser {
		user.tokens = map[string]time.Time{}
		user.revokeBefore(now, now.Add(maxTokenLifetime))
	}
}

// addBefore revokes all tokens of a user that were issued until before. The last of them expires
// at until.
//
// A before in the future was written while a clock was wrong. It counts as now, and only once: it
// would otherwise revoke each new token until that time comes.
func (r *revokedTokens) addBefore(username string, before, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if !now.Before(until) {
		return
	}
	user := r.ofUser(username)
	if before.After(now.Add(clockLeeway)) {
		if before.Equal(user.ahead) {
			return
		}
		user.ahead, before = before, now
	}
	user.revokeBefore(before, until)
}

// correctsOnce reports whether a before in the future, of a snapshot that was applied, must be replaced
// there: a process that starts later would take it as its own now. It does so once for each date. A
// replica whose clock is still ahead would otherwise publish in turns with this one.
func (r *revokedTokens) correctsOnce(all []revokedBefore) (corrects bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range all {
		user := r.byUser[a.User]
		if user != nil && !user.ahead.IsZero() && a.Before.Equal(user.ahead) && !user.corrected.Equal(user.ahead) {
			user.corrected, corrects = user.ahead, true
		}
	}
	return corrects
}

func (u *userRevocations) revokeBefore(before, until time.Time) {
	if before.After(u.before) {
		u.before = before
	}
	if until.After(u.until) {
		u.until = until
	}
}

// ofUser returns the revocations of a user. The caller must hold mu.
func (r *revokedTokens) ofUser(username string) *userRevocations {
	if r.byUser[username] == nil {
		r.byUser[username] = &userRevocations{tokens: map[string]time.Time{}}
	}
	return r.byUser[username]
}

// dropExpired frees the memory of tokens that have expired since they were revoked.
func (r *revokedTokens) dropExpired() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	for username, user := range r.byUser {
		if user.dropExpired(now); len(user.tokens) == 0 && !now.Before(user.until) {
			delete(r.byUser, username)
		}
	}
}

func (u *userRevocations) dropExpired(now time.Time) {
	for id, until := range u.tokens {
		if !now.Before(until) {
			delete(u.tokens, id)
		}
	}
}
