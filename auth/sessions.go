package auth

import (
	"context"
	"errors"
	"time"
)

// sessionLifetime is how long after a login its tokens can be renewed.
const sessionLifetime = 7 * 24 * time.Hour

// ErrSessionTooOld is returned by [Service.Renew] when the login is more than seven days ago. The
// limit keeps an attacker from renewing a stolen token forever.
var ErrSessionTooOld = errors.New("the session is too old to be renewed")

// Renew returns a new token for the context's [Caller]. It has the scopes that both the old token
// and its user have. The old token stays valid until it expires. The error is [ErrSessionTooOld],
// or wraps [ErrInvalidToken] if the token was revoked meanwhile. Each call is audited.
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
	if time.Since(caller.loggedIn) >= sessionLifetime {
		return Token{}, ErrSessionTooOld
	}
	user.Scopes = intersection(caller.Scopes, user.Scopes)
	return s.tokens.issue(user, caller.loggedIn)
}

// renewOutcome returns the outcome to audit for the result of a renewal.
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

// Logout revokes the token of the context's [Caller] at once. Other tokens of the same login stay
// valid, renewed ones too. Without a caller it does nothing. Each logout is audited.
func (s *Service) Logout(ctx context.Context) {
	caller := FromContext(ctx)
	if caller == nil {
		return
	}
	s.revoked.dropExpired()
	s.revoked.add(caller.Username, caller.TokenID, caller.ExpiresAt.Add(clockLeeway))
	s.notifyRevoked()
	s.onChange(ctx)
	s.audit.Record(ctx, Event{Action: "logout", Outcome: "ok"})
}
