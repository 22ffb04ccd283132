package auth

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

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

func TestLogin_AllFailuresAreAlike(t *testing.T) {
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
		{"empty password of an empty hash", "empty", ""},
		{"73 bytes, of which 72 are correct", "long", long + "a"},
		{"very long", "long", strings.Repeat(long, 100)},
		// bcrypt alone accepts these two.
		{"password, NUL, password", "ana", anasPassword + "\x00" + anasPassword},
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
		t.Errorf("Login(all 72 bytes) = %v, want nil", err)
	}
}

func TestLogin_UnknownUserComparesWithDummy(t *testing.T) {
	t.Parallel()
	service := newService(t)
	service.compare = func(hash, _ []byte) error {
		if string(hash) != string(service.users.Load().dummies[bcrypt.MinCost]) {
			t.Error("Login(unknown user) compared with a real hash, want the dummy")
		}
		return nil // even the password of the dummy must fail
	}
	if _, err := service.Login(t.Context(), "eva", "guessed"); !errors.Is(err, ErrBadCredentials) {
		t.Errorf("Login(unknown user) = %v, want %v", err, ErrBadCredentials)
	}
}

// TestLogin_UserRemovedMeanwhile expects no token: it would be valid once the user is added again.
func TestLogin_UserRemovedMeanwhile(t *testing.T) {
	t.Parallel()
	service := newService(t)
	others := newUsers(t, User{Username: "eva", PasswordHash: hashOf(t, "x")})
	service.compare = func(_, _ []byte) error {
		service.SetUsers(others)
		return nil
	}
	if token, err := service.Login(t.Context(), "ana", anasPassword); !errors.Is(err, ErrBadCredentials) || token.AccessToken != "" {
		t.Errorf("Login = %v, want %v and no token", err, ErrBadCredentials)
	}
}
