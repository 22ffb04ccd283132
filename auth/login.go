package auth

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/bcrypt"
)

const (
	// maxWaitingHomes and maxWaitingOthers bound the line for the cores that compare passwords: who comes from an address that
	// has logged in to the account before has places of his own, which no flood from elsewhere can take. At a quarter of a
	// second a compare even one core is through with all of them within maxLoginWait.
	maxWaitingHomes  = 8
	maxWaitingOthers = 24
	// maxWaitingAddress is how many of either's places one address can take.
	maxWaitingAddress = 2
	maxLoginWait      = 10 * time.Second
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
		gate:     newGate(cores, maxWaitingHomes, maxWaitingOthers),
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
	if err := s.gate.enter(ctx, l); err != nil {
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

// passwordMatches always compares for as long as the costliest hash takes, and only then looks at what else is wrong: a way out
// before that would tell by its speed which usernames exist.
func (s *Service) passwordMatches(users *Users, username, password string) bool {
	hash, known := users.hashOf(username)
	mismatch := s.compare(hash, []byte(password))
	for _, dummy := range users.padding(hash) {
		_ = s.compare(dummy, []byte(password))
	}
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

// gate lets a few in at once, has some more wait in line, and turns the rest away.
type gate struct {
	inside chan struct{} // those who wait to send are served in their order
	homes  *places
	others *places
}

func newGate(inside, homes, others int) gate {
	return gate{inside: make(chan struct{}, inside), homes: newPlaces(homes), others: newPlaces(others)}
}

// enter waits for a turn. After nil, and only then, leave must be called.
func (g gate) enter(ctx context.Context, l try) error {
	select {
	case g.inside <- struct{}{}: // nobody waits, or it would be theirs
		return nil
	default:
	}
	line := g.others
	if l.atHome() {
		line = g.homes
	}
	if !line.take(l.Address) {
		return errBusy
	}
	defer line.release(l.Address)
	ctx, cancel := context.WithTimeoutCause(ctx, maxLoginWait, errBusy)
	defer cancel()
	select {
	case g.inside <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait to log in: %w", context.Cause(ctx))
	}
}

func (g gate) leave() { <-g.inside }

// places are those where some wait. It is safe for concurrent use.
type places struct {
	mu        sync.Mutex
	free      int            // guarded by mu
	byAddress map[digest]int // how many are taken, guarded by mu
}

func newPlaces(count int) *places { return &places{free: count, byAddress: map[digest]int{}} }

// take reports whether there was a place. After true, and only then, release must be called.
func (p *places) take(address digest) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.free == 0 || address != "" && p.byAddress[address] >= maxWaitingAddress {
		return false
	}
	p.free--
	p.byAddress[address]++
	return true
}

func (p *places) release(address digest) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free++
	if p.byAddress[address]--; p.byAddress[address] == 0 {
		delete(p.byAddress, address)
	}
}
