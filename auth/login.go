package auth

import (
	"context"
	"errors"
)

// ErrBadCredentials is returned for a wrong password and for an unknown user alike.
var ErrBadCredentials = errors.New("incorrect username or password")

// Login returns a new token for the user. Each call is audited. The error is one of:
//   - [ErrBadCredentials];
//   - a [*TooManyAttemptsError], in which case the password was not compared;
//   - the error of a context that ended while the login waited in the queue.
func (s *Service) Login(ctx context.Context, username, password string) (Token, error) {
	users := s.users.Load()
	token, newAddress, err := s.login(ctx, users, username, password)
	outcome := loginOutcome(ctx, err)
	if newAddress {
		outcome = "ok, new address"
		s.onChange() // a login does not wait until its address is saved
	}
	s.audit.Record(ctx, Event{Action: "login", User: users.auditName(username), Outcome: outcome})
	return token, err
}

// login also reports whether this is the user's first login from the address.
func (s *Service) login(
	ctx context.Context, users *Users, username, password string,
) (token Token, newAddress bool, err error) {
	a := s.newAttempt(ctx, users, username)
	// Check before queueing, so that a throttled login takes no place in the queue.
	if err := s.checkThrottle(a); err != nil {
		return Token{}, false, err
	}
	if err := s.queue.acquire(ctx, a); err != nil {
		return Token{}, false, err
	}
	defer s.queue.release()
	// Check again, because logins ahead in the queue may have failed.
	if err := s.checkThrottle(a); err != nil {
		return Token{}, false, err
	}
	matches := s.passwordMatches(users, username, password)
	newAddress = s.recordResult(ctx, loginResult{attempt: a, Failed: !matches})
	if !matches {
		return Token{}, false, ErrBadCredentials
	}
	token, err = s.beginSession(users.byName[username])
	return token, newAddress && err == nil, err
}

// beginSession returns the first token of a user whose password was compared. Meanwhile the user may
// have been removed, and may be added again later: the time of the login must not be after that.
func (s *Service) beginSession(user User) (Token, error) {
	loggedIn := s.revoked.loginTime(user.Username)
	if now, stays := s.users.Load().byName[user.Username]; !stays || now.PasswordHash != user.PasswordHash {
		return Token{}, ErrBadCredentials
	}
	return s.tokens.issueFirst(user, loggedIn)
}

// newAttempt describes a login to the throttle and the queue.
func (s *Service) newAttempt(ctx context.Context, users *Users, username string) attempt {
	_, known := users.hashOf(username)
	a := attempt{
		Account: s.hasher.account(username), Address: s.hasher.address(SourceFrom(ctx)), Known: known,
	}
	a.CounterKey = a.Account
	if s.knownAddresses.contains(a.Account, a.Address) {
		a.CounterKey = s.hasher.pair(a.Account, a.Address)
	}
	return a
}

// checkThrottle returns an error if the login has to wait after earlier failures.
func (s *Service) checkThrottle(a attempt) error {
	if wait := s.throttle.wait(a); wait > 0 {
		return &TooManyAttemptsError{RetryAfter: wait}
	}
	return nil
}

// loginOutcome returns the outcome to audit for the result of a login.
func loginOutcome(ctx context.Context, err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, ErrBadCredentials):
		return "bad credentials"
	case errors.Is(err, ErrTooManyAttempts):
		return "too many attempts"
	case ctx.Err() != nil: // ask the context, because err may be a custom cause
		return "gave up"
	}
	return "failed" // the password was correct, but no token could be issued
}

// passwordMatches takes as long as a compare with the costliest hash, whatever is wrong. Returning
// earlier would reveal by timing which usernames exist.
func (s *Service) passwordMatches(users *Users, username, password string) bool {
	hash, known := users.hashOf(username)
	mismatch := s.compare(hash, []byte(password))
	for _, dummy := range users.padHashes(hash) {
		_ = s.compare(dummy, []byte(password))
	}
	return mismatch == nil && known && checkPassword(password) == nil
}
