package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"time"
)

// sessionLifetime is how long after a login its tokens can be renewed.
const sessionLifetime = 7 * 24 * time.Hour

// lateTime is how long another replica may not know that a session has ended, and renew it, or may run
// with an earlier configuration.
const lateTime = 24 * time.Hour

// ErrUnknownUser is returned by [Service.EndSessions] when no user has the name.
var ErrUnknownUser = errors.New("there is no such user")

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
	if time.Since(caller.session.loggedIn) >= sessionLifetime {
		return Token{}, ErrSessionTooOld
	}
	user.Scopes = intersection(caller.Scopes, user.Scopes)
	return s.tokens.issue(user, caller.session, rand.Text())
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

// Logout ends the session of the context's [Caller] at once: the tokens of that login and all its
// renewals. Without a caller it does nothing. Each logout is audited.
//
// Saved is false if the session may be valid again after a restart, or still be at other replicas;
// see [Service.OnChange].
func (s *Service) Logout(ctx context.Context) (saved bool) {
	caller := FromContext(ctx)
	if caller == nil {
		return false
	}
	s.revoked.dropExpired()
	s.revoked.add(caller.Username, caller.session.id, caller.session.loggedIn, s.sessionEnd(caller))
	if caller.TokenID != caller.session.id { // replicas of an older version know tokens only
		s.revoked.add(caller.Username, caller.TokenID, caller.session.loggedIn, caller.ExpiresAt.Add(clockLeeway))
	}
	return s.saveEnded(ctx, Event{Action: "logout"})
}

// sessionEnd returns when the last token of the caller's session will have expired, if the session
// is not renewed any more. An earlier process may have issued tokens with the longest lifetime.
func (s *Service) sessionEnd(caller *Caller) time.Time {
	end := time.Now().Add(lateTime + s.tokens.lifetime)
	if caller.ExpiresAt.After(end) {
		end = caller.ExpiresAt
	}
	if settled := s.started.Add(lateTime); caller.session.loggedIn.Before(settled) {
		end = settled.Add(maxTokenLifetime)
	}
	return end.Add(clockLeeway)
}

// LogoutEverywhere ends all sessions of the context's [Caller]. Otherwise it is like
// [Service.Logout].
func (s *Service) LogoutEverywhere(ctx context.Context) (saved bool) {
	caller := FromContext(ctx)
	if caller == nil {
		return false
	}
	s.revoked.addAll(caller.Username)
	return s.saveEnded(ctx, Event{Action: "logoutEverywhere"})
}

// EndSessions ends all sessions of a user, for the context's [Caller]. Its error is [ErrUnknownUser].
// Otherwise it is like [Service.Logout].
func (s *Service) EndSessions(ctx context.Context, username string) (saved bool, err error) {
	users := s.users.Load()
	event := Event{Action: "endSessions", IDs: []string{"user:" + users.auditName(username)}}
	if _, known := users.byName[username]; !known {
		event.Outcome = "no such user"
		s.audit.Record(ctx, event)
		return false, ErrUnknownUser
	}
	s.revoked.addAll(username)
	return s.saveEnded(ctx, event), nil
}

// saveEnded ends the streams of revoked tokens, waits until the revocation is saved, and audits it.
func (s *Service) saveEnded(ctx context.Context, event Event) (saved bool) {
	s.notifyRevoked()
	event.Outcome = "ok"
	if saved = s.onChange()() == nil; !saved {
		event.Outcome = "ok, not saved"
	}
	s.audit.Record(ctx, event)
	return saved
}
