package auth

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/bcrypt"

	"wisphub-graphql/processor"
)

// Service logs users in and verifies their tokens. It is safe for concurrent use.
type Service struct {
	users          atomic.Pointer[Users]
	tokens         *Tokens
	audit          *Audit
	queue          loginQueue
	compare        func(hash, password []byte) error
	hasher         nameHasher
	throttle       *throttle
	knownAddresses *knownAddresses
	pubsub         PubSub // nil without other replicas
	subscriptions  subscriptions
	revoked        *revokedTokens
	onChange       func() (saved func() error)
	started        time.Time
	verifiedTokens *verifiedTokens
}

// NewService returns a service for users and tokens, which are required. The audit records logins
// and may be nil.
func NewService(users *Users, tokens *Tokens, audit *Audit) *Service {
	// Half of the cores stay free for callers who already have a token.
	cores := max(1, processor.Cores()/2)
	s := &Service{
		tokens:         tokens,
		audit:          audit,
		queue:          newLoginQueue(cores, maxQueuedKnown, maxQueuedUnknown),
		compare:        bcrypt.CompareHashAndPassword,
		hasher:         newNameHasher(tokens.keys.signing),
		throttle:       newThrottle(),
		knownAddresses: newKnownAddresses(),
		subscriptions:  subscriptions{all: map[*subscription]struct{}{}},
		revoked:        newRevokedTokens(),
		onChange:       func() func() error { return func() error { return nil } },
		started:        time.Now(),
		verifiedTokens: newVerifiedTokens(),
	}
	s.users.Store(users)
	return s
}

// Verify returns the caller that the token names, or an error that wraps [ErrInvalidToken]. The
// caller gets those scopes of the token that the user still has. A token is invalid if its user
// was removed or got another password since. Several calls may return the same caller, which must
// not be changed.
func (s *Service) Verify(raw string) (*Caller, error) {
	if len(raw) > maxVerifiedBytes {
		token, err := s.verify(raw)
		return token.caller, err
	}
	key := tokenKey(sha256.Sum256([]byte(raw)))
	if caller := s.verified(key); caller != nil {
		return caller, nil
	}
	token, err := s.verify(raw)
	if err == nil {
		s.verifiedTokens.add(key, &token)
	}
	return token.caller, err
}

// verify does the full verification of a token.
func (s *Service) verify(raw string) (verifiedToken, error) {
	users := s.users.Load()
	token, err := s.tokens.verify(raw)
	if err != nil {
		return verifiedToken{}, err
	}
	user, err := s.checkAmong(users, token.caller)
	if err != nil {
		return verifiedToken{}, &revokedError{err, token.caller.Username}
	}
	token.users = users
	token.caller.Scopes = intersection(token.caller.Scopes, user.Scopes)
	return token, nil
}

// revokedError is the error of a token that was valid once. Its signature proves the username.
type revokedError struct {
	error
	username string
}

func (e *revokedError) Unwrap() error { return e.error }

// check returns the user of a caller whose token was verified. If the token is no longer valid,
// the error wraps [ErrInvalidToken].
func (s *Service) check(caller *Caller) (User, error) { return s.checkAmong(s.users.Load(), caller) }

func (s *Service) checkAmong(users *Users, caller *Caller) (User, error) {
	user, known := users.byName[caller.Username]
	switch {
	case !known:
		return User{}, fmt.Errorf("%w: its user was removed", ErrInvalidToken)
	case caller.password != "" && caller.password != fingerprint(user.PasswordHash):
		return User{}, fmt.Errorf("%w: its user has another password", ErrInvalidToken)
	case s.revoked.contains(caller):
		return User{}, fmt.Errorf("%w: it was revoked", ErrInvalidToken)
	}
	return user, nil
}

// fingerprint identifies a password hash within a token. It reveals nothing about the hash, which
// has a salt of 128 random bits.
func fingerprint(hash string) string {
	if hash == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(hash))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// SetUsers replaces all users. Tokens of users who were removed or got another password become
// invalid, and tokens lose the scopes that their users lost; see [Service.OnRevoked]. Adding a
// removed user again does not make the old tokens valid. Saved is false if that may not hold after a
// restart, or at other replicas; see [Service.OnChange].
func (s *Service) SetUsers(users *Users) (saved bool) {
	before, removed := s.users.Swap(users), false
	for username := range before.byName {
		if _, stays := users.byName[username]; !stays {
			s.revoked.addAll(username)
			removed = true
		}
	}
	s.notifyRevoked()
	return !removed || s.onChange()() == nil
}
