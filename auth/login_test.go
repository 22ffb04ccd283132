package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/bcrypt"
)

const anasPassword = "correct horse"

// newService returns a service that knows ana alone.
func newService(t testing.TB) *Service {
	t.Helper()
	users := newUsers(t, User{Username: "ana", PasswordHash: hashOf(t, anasPassword), Scopes: ana.Scopes})
	return NewService(users, newTokens(t, TokenConfig{}), nil)
}

func TestLogin(t *testing.T) {
	t.Parallel()
	service := newService(t)
	token, err := service.Login(t.Context(), "ana", anasPassword)
	if err != nil {
		t.Fatalf("Login = %v", err)
	}
	caller, err := service.Verify(token.AccessToken)
	if err != nil || caller.Username != "ana" || !slices.Equal(caller.Scopes, ana.Scopes) {
		t.Errorf("Verify(token of a login) = %+v, %v, want ana with %v", caller, err, ana.Scopes)
	}
}

func TestLoginRefusesEverythingAlike(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 72)
	service := NewService(newUsers(t,
		User{Username: "ana", PasswordHash: hashOf(t, anasPassword)},
		User{Username: "long", PasswordHash: hashOf(t, long)},
		User{Username: "empty", PasswordHash: hashOf(t, "")},
	), newTokens(t, TokenConfig{}), nil)
	var hashes []string
	service.compare = func(hash, password []byte) error {
		hashes = append(hashes, string(hash))
		return bcrypt.CompareHashAndPassword(hash, password)
	}
	for _, test := range []struct{ name, username, password string }{
		{"wrong password", "ana", "wrong"},
		{"unknown user", "eva", anasPassword},
		{"username in another case", "Ana", anasPassword},
		{"username with a space", "ana ", anasPassword},
		{"no username", "", anasPassword},
		{"empty password", "ana", ""},
		{"empty password that was hashed", "empty", ""},
		{"73 bytes, of which 72 are right", "long", long + "a"},
		{"very long", "long", strings.Repeat(long, 100)},
		// bcrypt alone takes these two for the right ones.
		{"NUL and the password again", "ana", anasPassword + "\x00" + anasPassword},
		{"NUL for an empty password", "empty", "\x00"},
	} {
		hashes = nil
		token, err := service.Login(t.Context(), test.username, test.password)
		if err != ErrBadCredentials || token.AccessToken != "" {
			t.Errorf("%s: Login = %v, want %v itself", test.name, err, ErrBadCredentials)
		}
		hash, _ := service.users.Load().hashOf(test.username)
		if want := []string{string(hash)}; !slices.Equal(hashes, want) {
			t.Errorf("%s: Login compared %d times, want once with the user's hash or the dummy", test.name, len(hashes))
		}
	}
	if _, err := service.Login(t.Context(), "long", long); err != nil {
		t.Errorf("Login with all 72 bytes = %v, want nil", err)
	}
}

func TestLoginOfUnknownUserComparesWithTheDummy(t *testing.T) {
	t.Parallel()
	service := newService(t)
	service.compare = func(hash, _ []byte) error {
		if string(hash) != string(service.users.Load().dummies[bcrypt.MinCost]) {
			t.Error("Login(unknown user) compared with a real hash, want the dummy")
		}
		return nil // even the dummy's own password must not let anybody in
	}
	if _, err := service.Login(t.Context(), "eva", "guessed"); !errors.Is(err, ErrBadCredentials) {
		t.Errorf("Login(unknown user) = %v, want %v", err, ErrBadCredentials)
	}
}

func TestVerifyGivesOnlyScopesThatTheUserStillHas(t *testing.T) {
	t.Parallel()
	token, err := newTokens(t, TokenConfig{}).Issue(User{Username: "ana", Scopes: []Scope{ScopeRead, ScopeSupport, ScopeAdmin}})
	if err != nil {
		t.Fatal(err)
	}
	service := NewService(newUsers(t,
		User{Username: "ana", PasswordHash: hashOf(t, anasPassword), Scopes: []Scope{ScopeSupport, ScopeOperate}},
	), newTokens(t, TokenConfig{}), nil)
	caller, err := service.Verify(token.AccessToken)
	if want := []Scope{ScopeRead, ScopeSupport}; err != nil || !slices.Equal(caller.Scopes, want) {
		t.Errorf("Verify = %+v, %v, want scopes %v", caller, err, want)
	}
}

func TestVerifyRefusesUsersWhoAreGone(t *testing.T) {
	t.Parallel()
	token := issue(t, newTokens(t, TokenConfig{}))
	service := NewService(newUsers(t, User{Username: "eva", PasswordHash: hashOf(t, "x")}), newTokens(t, TokenConfig{}), nil)
	if caller, err := service.Verify(token.AccessToken); caller != nil || !errors.Is(err, ErrInvalidToken) {
		t.Errorf("Verify(token of a removed user) = %v, %v, want %v", caller, err, ErrInvalidToken)
	}
}

// heldService returns a service with one place to compare at and one to wait in, whose compares last a minute.
func heldService(t *testing.T) *Service {
	t.Helper()
	service := newService(t)
	service.gate = newGate(1, 0, 1)
	service.compare = func(_, _ []byte) error {
		time.Sleep(time.Minute)
		return nil
	}
	return service
}

func TestLoginTurnsAwayWhoDoesNotFitIntoTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := heldService(t)
		go service.Login(t.Context(), "ana", anasPassword) // compares
		go service.Login(t.Context(), "ana", anasPassword) // waits
		synctest.Wait()
		start := time.Now()
		if _, err := service.Login(t.Context(), "ana", anasPassword); !errors.Is(err, ErrTooManyAttempts) {
			t.Errorf("Login with a full queue = %v, want %v", err, ErrTooManyAttempts)
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("Login with a full queue took %s, want an answer at once", waited)
		}
		time.Sleep(time.Minute) // let the first end
	})
}

func TestLoginWaitsOnlySoLong(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		timeout time.Duration
		wait    time.Duration
		want    error
	}{
		{"its own patience", time.Hour, maxLoginWait, ErrTooManyAttempts},
		{"the caller's", time.Second, time.Second, context.DeadlineExceeded},
	} {
		synctest.Test(t, func(t *testing.T) {
			service := heldService(t)
			go service.Login(t.Context(), "ana", anasPassword)
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), test.timeout)
			defer cancel()
			start := time.Now()
			_, err := service.Login(ctx, "ana", anasPassword)
			if waited := time.Since(start); !errors.Is(err, test.want) || waited != test.wait {
				t.Errorf("%s: Login = %v after %s, want %v after %s", test.name, err, waited, test.want, test.wait)
			}
			time.Sleep(time.Minute)
			others := service.gate.others
			if len(service.gate.inside) != 0 || others.free != 1 || len(others.byAddress) != 0 {
				t.Errorf("%s: places are still taken when all is over, want none", test.name)
			}
		})
	}
}

func TestLoginComparesAFewAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		service.gate = newGate(2, 0, 8)
		var now, most atomic.Int32
		service.compare = func(_, _ []byte) error {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Second)
			now.Add(-1)
			return nil
		}
		var logins sync.WaitGroup
		for range 10 {
			logins.Go(func() {
				if _, err := service.Login(t.Context(), "ana", anasPassword); err != nil {
					t.Errorf("Login = %v, want nil", err)
				}
			})
		}
		logins.Wait()
		if got := most.Load(); got != 2 {
			t.Errorf("%d logins compared at once, want 2", got)
		}
	})
}

// TestFloodOfLoginsLeavesRoomForUsersAtHome: from many networks it fills the line of strangers, from one address two places of
// it, and whoever is in line is answered in time by one core.
func TestFloodOfLoginsLeavesRoomForUsersAtHome(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		homes := []string{"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"}
		for _, home := range homes {
			wantLogin(t, service, home, "ana", anasPassword, nil)
		}
		service.gate = newGate(1, maxWaitingHomes, maxWaitingOthers)
		service.compare = func(_, _ []byte) error {
			time.Sleep(250 * time.Millisecond)
			return nil
		}
		var logins sync.WaitGroup
		enqueue := func(address, name string, want error) {
			logins.Go(func() {
				start := time.Now()
				_, err := service.Login(WithSource(t.Context(), Source{Address: address}), name, anasPassword)
				if waited := time.Since(start); !errors.Is(err, want) || waited >= maxLoginWait {
					t.Errorf("Login of %s from %s = %v after %s, want %v", name, address, err, waited, want)
				}
			})
			synctest.Wait()
		}
		enqueue("198.51.100.1", "eva", ErrBadCredentials) // compares
		for n := range maxWaitingAddress {
			enqueue(fmt.Sprintf("2001:db8::%d", n), "eva", ErrBadCredentials)
		}
		enqueue("2001:db8::9", "eva", ErrTooManyAttempts)
		for n := range maxWaitingOthers - maxWaitingAddress {
			enqueue(fmt.Sprintf("203.0.113.%d", n), fmt.Sprint("name ", n), ErrBadCredentials)
		}
		enqueue("203.0.113.200", "ana", ErrTooManyAttempts)
		for _, home := range homes {
			enqueue(home, "eva", ErrTooManyAttempts)
			enqueue(home, "ana", nil)
			enqueue(home, "ana", nil)
			enqueue(home, "ana", ErrTooManyAttempts)
		}
		logins.Wait()
	})
}
