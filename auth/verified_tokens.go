package auth

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// maxVerifiedTokens bounds all users together, and maxVerifiedOfUser one user. An entry has at
	// most 2 kB, so that all of them have at most 8 MB.
	maxVerifiedTokens = 4096
	maxVerifiedOfUser = 256
	// maxVerifiedBytes is the length of the longest token that is kept. Those that name a user with a
	// usual name have about 500 bytes.
	maxVerifiedBytes = 1 << 10
)

// tokenKey identifies a token. It is a hash, so that no token stays in memory. SHA-256 has no known
// collisions, which a faster hash with a short secret does not promise.
type tokenKey [sha256.Size]byte

// verifiedTokens keeps the callers of tokens whose signature and claims were verified, because that
// takes most of the time of a small request. It keeps valid tokens only: forged ones cannot fill it.
// It is safe for concurrent use.
//
// A user with more tokens loses the oldest of its own. When all places are taken, all tokens are
// dropped: each is verified once more.
type verifiedTokens struct {
	mu     sync.RWMutex
	byKey  map[tokenKey]*verifiedToken // guarded by mu
	byUser map[string][]tokenKey       // the oldest first, guarded by mu
}

// verifiedToken is what the full verification of a token found.
type verifiedToken struct {
	caller *Caller // with the scopes that its user has in users
	users  *Users
	// notBefore and expires are those of the token, with the tolerance of clockLeeway.
	notBefore, expires time.Time
}

func newVerifiedTokens() *verifiedTokens {
	return &verifiedTokens{byKey: map[tokenKey]*verifiedToken{}, byUser: map[string][]tokenKey{}}
}

// get returns nil for a token that is not kept.
func (v *verifiedTokens) get(key tokenKey) *verifiedToken {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.byKey[key]
}

// add keeps a token that was verified, or replaces what was found earlier.
func (v *verifiedTokens) add(key tokenKey, token *verifiedToken) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, known := v.byKey[key]; known {
		v.byKey[key] = token
		return
	}
	if len(v.byKey) >= maxVerifiedTokens {
		clear(v.byKey)
		clear(v.byUser)
	}
	name := token.caller.Username
	own := v.byUser[name]
	if len(own) >= maxVerifiedOfUser {
		delete(v.byKey, own[0])
		own = own[:copy(own, own[1:])]
	}
	v.byUser[name] = append(own, key)
	v.byKey[key] = token
}

// verified returns the caller of a token that was verified earlier, if a full verification would
// find the same now. Otherwise it returns nil: the token must be verified.
func (s *Service) verified(key tokenKey) *Caller {
	token := s.verifiedTokens.get(key)
	if token == nil || token.users != s.users.Load() {
		return nil
	}
	now := time.Now()
	if now.Before(token.notBefore) || !now.Before(token.expires) || s.revoked.contains(token.caller) {
		return nil
	}
	return token.caller
}
