package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"
)

// sessionLasts is how long after a login its tokens can be renewed.
const sessionLasts = 7 * 24 * time.Hour

// ErrSessionTooOld is returned by [Service.Renew] when the login is too long ago: who has found a token cannot keep it alive for
// ever.
var ErrSessionTooOld = errors.New("the session is too old to be renewed")

// Renew returns a new token for the context's [Caller], for the scopes that both the caller's token and its user have. The old
// token stays good until it expires. The error is [ErrSessionTooOld], or wraps [ErrInvalidToken] when the token has been ended
// meanwhile. Each call is audited.
func (s *Service) Renew(ctx context.Context) (Token, error) {
	token, err := s.renew(FromContext(ctx))
	s.audit.Record(ctx, Event{Action: "renewToken", Outcome: renewOutcome(err)})
	return token, err
}

func (s *Service) renew(caller *Caller) (Token, error) {
	if caller == nil {
		return Token{}, ErrInvalidToken
	}
	user, err := s.check(caller)
	if err != nil {
		return Token{}, err
	}
	if time.Since(caller.loggedIn) >= sessionLasts {
		return Token{}, ErrSessionTooOld
	}
	user.Scopes = intersection(caller.Scopes, user.Scopes)
	return s.tokens.issue(user, caller.loggedIn)
}

// renewOutcome is the audit's word for what came of a renewal.
func renewOutcome(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, ErrSessionTooOld):
		return "session too old"
	case errors.Is(err, ErrInvalidToken):
		return "session ended"
	}
	return "failed"
}

// Logout ends the token of the context's [Caller] at once, here and wherever [Service.KeepWith] tells of it. Other tokens of the
// same login, renewed ones too, stay good. Without a caller it does nothing. It is audited.
func (s *Service) Logout(ctx context.Context) {
	caller := FromContext(ctx)
	if caller == nil {
		return
	}
	s.ended.forget()
	s.ended.add(caller.Username, caller.TokenID, caller.ExpiresAt.Add(clockLeeway))
	s.tellEnded()
	s.keep(ctx)
	s.audit.Record(ctx, Event{Action: "logout", Outcome: "ok"})
}

// check returns the user of a caller whose token has been verified, or why it is no longer good, wrapping [ErrInvalidToken].
func (s *Service) check(caller *Caller) (User, error) {
	user, known := s.users.Load().byName[caller.Username]
	switch {
	case !known:
		return User{}, fmt.Errorf("%w: its user is gone", ErrInvalidToken)
	case caller.password != "" && caller.password != fingerprint(user.PasswordHash):
		return User{}, fmt.Errorf("%w: its user has another password", ErrInvalidToken)
	case s.ended.has(caller):
		return User{}, fmt.Errorf("%w: it was ended", ErrInvalidToken)
	}
	return user, nil
}

// fingerprint tells one hash from another, in a token. It gives nothing away: a hash has 128 bits of salt, which nobody
// can guess.
func fingerprint(hash string) string {
	if hash == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(hash))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// SetUsers has these users, and no others, log in and be recognised from now on. The tokens of those who are gone or have
// another password are good no more, nor are scopes that were taken away; who waits for that is told, see [Service.WhenEnded].
// Who is gone and comes again does not get the old tokens back.
func (s *Service) SetUsers(users *Users) {
	before := s.users.Swap(users)
	now, gone := time.Now(), false
	for name := range before.byName {
		if _, stays := users.byName[name]; !stays {
			s.ended.addBefore(name, now, now.Add(longestToken))
			gone = true
		}
	}
	s.tellEnded()
	if gone {
		s.keep(context.Background())
	}
}
