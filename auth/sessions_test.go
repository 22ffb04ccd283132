package auth

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// login returns a new token of ana's and whom it names.
func login(t *testing.T, service *Service) (token string, caller *Caller) {
	t.Helper()
	got, err := service.Login(t.Context(), "ana", anasPassword)
	if err != nil {
		t.Fatal(err)
	}
	caller, err = service.Verify(got.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	return got.AccessToken, caller
}

func TestSetUsersEndsTokens(t *testing.T) {
	t.Parallel()
	anaWith := func(hash string, scopes ...Scope) User {
		return User{Username: "ana", PasswordHash: hash, Scopes: scopes}
	}
	eva := User{Username: "eva", PasswordHash: hashOf(t, anasPassword)}
	for _, test := range []struct {
		name   string
		change func(hash string) []User // ana had READ and SUPPORT
		ended  bool                     // for who asks to be told
		good   bool                     // for Verify
	}{
		{"nothing", func(hash string) []User { return []User{anaWith(hash, ana.Scopes...)} }, false, true},
		{"somebody else comes", func(hash string) []User { return []User{eva, anaWith(hash, ana.Scopes...)} }, false, true},
		{"one more scope", func(hash string) []User { return []User{anaWith(hash, AllScopes()...)} }, false, true},
		{"one scope less", func(hash string) []User { return []User{anaWith(hash)} }, true, true},
		{"she is gone", func(string) []User { return []User{eva} }, true, false},
		{"a new password", func(string) []User { return []User{anaWith(hashOf(t, "new"), ana.Scopes...)} }, true, false},
		{"the same, hashed anew", func(string) []User { return []User{anaWith(hashOf(t, anasPassword), ana.Scopes...)} }, true, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			service := newService(t)
			token, caller := login(t, service)
			var told, forgotten, late atomic.Int32
			defer service.WhenEnded(caller, func() { told.Add(1) })()
			service.WhenEnded(caller, func() { forgotten.Add(1) })()
			synctest.Wait()
			if told.Load() != 0 {
				t.Errorf("%s: told of an end before there was one", test.name)
			}
			users := newUsers(t, test.change(service.users.Load().byName["ana"].PasswordHash)...)
			service.SetUsers(users)
			service.SetUsers(users)
			defer service.WhenEnded(caller, func() { late.Add(1) })()
			synctest.Wait()
			want := int32(0)
			if test.ended {
				want = 1
			}
			if told.Load() != want || forgotten.Load() != 0 || late.Load() != want {
				t.Errorf("%s: told %d times, who has stopped %d, who asks later %d, want %d, 0, %d",
					test.name, told.Load(), forgotten.Load(), late.Load(), want, want)
			}
			if _, err := service.Verify(token); (err == nil) != test.good || err != nil && !errors.Is(err, ErrInvalidToken) {
				t.Errorf("%s: Verify = %v, want it good: %t", test.name, err, test.good)
			}
		})
	}
}

func TestSetUsersTakesScopesAndPasswords(t *testing.T) {
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

// TestTokensOfOlderVersionsAreGood: they do not tell which password their user had.
func TestTokensOfOlderVersionsAreGood(t *testing.T) {
	t.Parallel()
	service := newService(t)
	if _, err := service.Verify(issue(t, service.tokens).AccessToken); err != nil {
		t.Errorf("Verify(token without a fingerprint) = %v, want nil", err)
	}
}

// TestUserWhoGoesDuringTheLogin gets a token that is good for nothing.
func TestUserWhoGoesDuringTheLogin(t *testing.T) {
	t.Parallel()
	service := newService(t)
	others := newUsers(t, User{Username: "eva", PasswordHash: hashOf(t, "x")})
	service.compare = func(_, _ []byte) error {
		service.SetUsers(others)
		return nil
	}
	token, err := service.Login(t.Context(), "ana", anasPassword)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := service.Verify(token.AccessToken); !errors.Is(err, ErrInvalidToken) {
		t.Errorf("Verify = %v, want %v", err, ErrInvalidToken)
	}
}
