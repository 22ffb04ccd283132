package auth

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/bcrypt"
)

const (
	// maxWaitingLogins and maxLoginWait bound the queue for the cores that compare passwords.
	maxWaitingLogins = 32
	maxLoginWait     = 10 * time.Second
	// busyPause is when a login that found all cores busy may come again.
	busyPause = time.Second
)

var (
	// ErrBadCredentials is returned for a wrong password and for an unknown user, and does not tell which.
	ErrBadCredentials = errors.New("incorrect username or password")
	// ErrTooManyAttempts is returned when the account or the address has failed too often, and when so many logins are waiting
	// that another would not be answered in time. It is a [*TooManyAttemptsError].
	ErrTooManyAttempts = errors.New("too many login attempts")
)

var errBusy = &TooManyAttemptsError{RetryAfter: busyPause}

// Service joins users and tokens: it logs users in and recognises them by their tokens. It is safe for concurrent use.
type Service struct {
	users    atomic.Pointer[Users]
	tokens   *Tokens
	audit    *Audit
	gate     gate
	compare  func(hash, password []byte) error
	digests  digester
	throttle *throttle
	homes    *homes
	replicas Replicas // nil for none
	watches  watches
	ended    *ended
	keep     func(ctx context.Context)
}

// NewService returns a service for these users and tokens, which are required, and an audit of the logins, which may be nil.
func NewService(users *Users, tokens *Tokens, audit *Audit) *Service {
	// Half of the cores stay free for everybody who has a token already.
	cores := max(1, runtime.GOMAXPROCS(0)/2)
	s := &Service{
		tokens:   tokens,
		audit:    audit,
		gate:     newGate(cores, maxWaitingLogins),
		compare:  bcrypt.CompareHashAndPassword,
		digests:  newDigester(tokens.keys.signing),
		throttle: newThrottle(),
		homes:    newHomes(),
		watches:  watches{all: map[*watch]struct{}{}},
		ended:    newEnded(),
		keep:     func(context.Context) {},
	}
	s.users.Store(users)
	return s
}

// Login returns a new token for the user. Its error is [ErrBadCredentials]; a [*TooManyAttemptsError], in which case nothing
// was compared; or that of a context which ended while the login was waiting for its turn. Each call is audited.
func (s *Service) Login(ctx context.Context, username, password string) (Token, error) {
	users := s.users.Load()
	token, moved, err := s.login(ctx, users, username, password)
	outcome := loginOutcome(ctx, err)
	if moved {
		outcome = "ok, new address"
		s.keep(ctx)
	}
	s.audit.Record(ctx, Event{Action: "login", User: users.auditName(username), Outcome: outcome})
	return token, err
}

// login also reports whether it is the user's first from this address.
func (s *Service) login(ctx context.Context, users *Users, username, password string) (token Token, moved bool, err error) {
	l := s.tryOf(ctx, users, username)
	if err := s.hold(l); err != nil { // before the queue, so that whoever has to wait takes no place in it
		return Token{}, false, err
	}
	if err := s.gate.enter(ctx); err != nil {
		return Token{}, false, err
	}
	defer s.gate.leave()
	if err := s.hold(l); err != nil { // those ahead in the queue may have failed
		return Token{}, false, err
	}
	matches := s.passwordMatches(users, username, password)
	moved = s.settle(ctx, outcome{try: l, Failed: !matches})
	if !matches {
		return Token{}, false, ErrBadCredentials
	}
	token, err = s.tokens.Issue(users.byName[username])
	return token, moved && err == nil, err
}

// tryOf describes a login to the throttle.
func (s *Service) tryOf(ctx context.Context, users *Users, username string) try {
	_, known := users.hashOf(username)
	l := try{Account: s.digests.account(username), Address: s.digests.address(SourceFrom(ctx)), User: known}
	l.Counted = l.Account
	if s.homes.has(l.Account, l.Address) {
		l.Counted = s.digests.pair(l.Account, l.Address)
	}
	return l
}

// hold returns the error of a login that has to wait.
func (s *Service) hold(l try) error {
	if wait := s.throttle.wait(l); wait > 0 {
		return &TooManyAttemptsError{RetryAfter: wait}
	}
	return nil
}

// loginOutcome is the audit's word for what came of a login.
func loginOutcome(ctx context.Context, err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, ErrBadCredentials):
		return "bad credentials"
	case errors.Is(err, ErrTooManyAttempts):
		return "too many attempts"
	case ctx.Err() != nil: // the error may be a cause of the caller's own
		return "gave up"
	}
	return "failed" // the password was right, and no token could be made
}

// passwordMatches always compares once, and only then looks at what else is wrong: a way out before the compare would
// tell by its speed which usernames exist.
func (s *Service) passwordMatches(users *Users, username, password string) bool {
	hash, known := users.hashOf(username)
	mismatch := s.compare(hash, []byte(password))
	return mismatch == nil && known && checkPassword(password) == nil
}

// Verify returns whom the token names, or an error that wraps [ErrInvalidToken]. The caller's scopes are those of the token
// that the user still has; the token of a user who is gone, or has another password since, is refused.
func (s *Service) Verify(raw string) (*Caller, error) {
	caller, err := s.tokens.Verify(raw)
	if err != nil {
		return nil, err
	}
	user, err := s.check(caller)
	if err != nil {
		return nil, err
	}
	caller.Scopes = intersection(caller.Scopes, user.Scopes)
	return caller, nil
}

// gate lets a few in at once, has some more wait, and turns the rest away.
type gate struct {
	inside   chan struct{}
	admitted chan struct{} // inside or waiting
}

func newGate(inside, waiting int) gate {
	return gate{
		inside:   make(chan struct{}, inside),
		admitted: make(chan struct{}, inside+waiting),
	}
}

// enter waits for a turn. After nil, and only then, leave must be called.
func (g gate) enter(ctx context.Context) error {
	select {
	case g.admitted <- struct{}{}:
	default:
		return errBusy
	}
	ctx, cancel := context.WithTimeoutCause(ctx, maxLoginWait, errBusy)
	defer cancel()
	select {
	case g.inside <- struct{}{}:
		return nil
	case <-ctx.Done():
		<-g.admitted
		return fmt.Errorf("wait to log in: %w", context.Cause(ctx))
	}
}

func (g gate) leave() {
	<-g.inside
	<-g.admitted
}
