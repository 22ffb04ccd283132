package auth

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const anasPassword = "correct horse"

// newService returns a service whose only user is ana.
func newService(t testing.TB) *Service {
	t.Helper()
	users := newUsers(t, User{Username: "ana", PasswordHash: hashOf(t, anasPassword), Scopes: ana.Scopes})
	return NewService(users, newTokens(t, TokenConfig{}), nil)
}

func TestVerify_DropsScopesTheUserLost(t *testing.T) {
	t.Parallel()
	token, err := newTokens(t, TokenConfig{}).Issue(
		User{Username: "ana", Scopes: []Scope{ScopeRead, ScopeSupport, ScopeAdmin}})
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

func TestVerify_RemovedUser(t *testing.T) {
	t.Parallel()
	token := issue(t, newTokens(t, TokenConfig{}))
	users := newUsers(t, User{Username: "eva", PasswordHash: hashOf(t, "x")})
	service := NewService(users, newTokens(t, TokenConfig{}), nil)
	if caller, err := service.Verify(token.AccessToken); caller != nil || !errors.Is(err, ErrInvalidToken) {
		t.Errorf("Verify(token of a removed user) = %v, %v, want %v", caller, err, ErrInvalidToken)
	}
}

// TestVerify_TokenOfAnOlderVersion expects tokens without a password fingerprint to be valid.
func TestVerify_TokenOfAnOlderVersion(t *testing.T) {
	t.Parallel()
	service := newService(t)
	if _, err := service.Verify(issue(t, service.tokens).AccessToken); err != nil {
		t.Errorf("Verify(token without a fingerprint) = %v, want nil", err)
	}
}

func TestSetUsers_RevokesTokens(t *testing.T) {
	t.Parallel()
	anaWith := func(hash string, scopes ...Scope) User {
		return User{Username: "ana", PasswordHash: hash, Scopes: scopes}
	}
	eva := User{Username: "eva", PasswordHash: hashOf(t, anasPassword)}
	for _, test := range []struct {
		name    string
		change  func(hash string) []User // ana had READ and SUPPORT
		revoked bool                     // according to OnRevoked
		valid   bool                     // according to Verify
	}{
		{"no change", func(hash string) []User { return []User{anaWith(hash, ana.Scopes...)} }, false, true},
		{"user added", func(hash string) []User { return []User{eva, anaWith(hash, ana.Scopes...)} }, false, true},
		{"scope added", func(hash string) []User { return []User{anaWith(hash, AllScopes()...)} }, false, true},
		{"scope removed", func(hash string) []User { return []User{anaWith(hash)} }, true, true},
		{"user removed", func(string) []User { return []User{eva} }, true, false},
		{"new password", func(string) []User { return []User{anaWith(hashOf(t, "new"), ana.Scopes...)} }, true, false},
		{"new hash of the same password", func(string) []User {
			return []User{anaWith(hashOf(t, anasPassword), ana.Scopes...)}
		}, true, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			service := newService(t)
			token, caller := login(t, service)
			var calls, stopped, late atomic.Int32
			defer service.OnRevoked(caller, func() { calls.Add(1) })()
			service.OnRevoked(caller, func() { stopped.Add(1) })()
			synctest.Wait()
			if calls.Load() != 0 {
				t.Errorf("%s: OnRevoked called before the change", test.name)
			}
			users := newUsers(t, test.change(service.users.Load().byName["ana"].PasswordHash)...)
			service.SetUsers(users)
			service.SetUsers(users)
			defer service.OnRevoked(caller, func() { late.Add(1) })()
			synctest.Wait()
			want := int32(0)
			if test.revoked {
				want = 1
			}
			if calls.Load() != want || stopped.Load() != 0 || late.Load() != want {
				t.Errorf("%s: calls = %d, after stop %d, of a late subscription %d, want %d, 0, %d",
					test.name, calls.Load(), stopped.Load(), late.Load(), want, want)
			}
			_, err := service.Verify(token)
			if (err == nil) != test.valid || err != nil && !errors.Is(err, ErrInvalidToken) {
				t.Errorf("%s: Verify = %v, want it valid: %t", test.name, err, test.valid)
			}
		})
	}
}

// TestSetUsers_UserRemovedAndAddedAgain expects the old tokens to stay revoked, on this replica and
// on others.
func TestSetUsers_UserRemovedAndAddedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		var saved []byte
		service.OnChange(func() func() error {
			saved = service.Snapshot()
			return func() error { return nil }
		})
		token, _ := login(t, service)
		withAna := service.users.Load()
		service.SetUsers(newUsers(t, User{Username: "eva", PasswordHash: hashOf(t, "x")}))
		time.Sleep(time.Second)
		service.SetUsers(withAna)
		wantRevoked(t, "old token", service, token)
		other := NewService(withAna, service.tokens, nil)
		if err := other.ApplySnapshot(saved); err != nil {
			t.Fatal(err)
		}
		wantRevoked(t, "old token on another replica", other, token)
		if again, err := service.Login(t.Context(), "ana", anasPassword); err != nil {
			t.Error(err)
		} else if _, err := service.Verify(again.AccessToken); err != nil {
			t.Errorf("Verify(new token) = %v, want nil", err)
		}
	})
}

func TestSetUsers_ReplacesScopesAndPasswords(t *testing.T) {
	t.Parallel()
	service := newService(t)
	token, _ := login(t, service)
	hash := service.users.Load().byName["ana"].PasswordHash
	service.SetUsers(newUsers(t, User{Username: "ana", PasswordHash: hash}))
	caller, err := service.Verify(token)
	if err != nil || !slices.Equal(caller.Scopes, []Scope{ScopeRead}) {
		t.Errorf("Verify = %+v, %v, want READ alone", caller, err)
	}
	service.SetUsers(newUsers(t, User{Username: "eva", PasswordHash: hash}))
	wantLogin(t, service, "", "ana", anasPassword, ErrBadCredentials)
	wantLogin(t, service, "", "eva", anasPassword, nil)
}
