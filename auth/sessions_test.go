package auth

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
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

// TestUserWhoComesAgain is not let in by the tokens of before, here, after a restart and at other replicas.
func TestUserWhoComesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		var kept []byte
		service.KeepWith(func(context.Context) { kept = service.Snapshot() })
		token, _ := login(t, service)
		with := service.users.Load()
		service.SetUsers(newUsers(t, User{Username: "eva", PasswordHash: hashOf(t, "x")}))
		time.Sleep(time.Second)
		service.SetUsers(with)
		wantEnded(t, "of before", service, token)
		other := NewService(with, service.tokens, nil)
		if err := other.Merge(kept); err != nil {
			t.Fatal(err)
		}
		wantEnded(t, "of before, at another replica", other, token)
		if again, err := service.Login(t.Context(), "ana", anasPassword); err != nil {
			t.Error(err)
		} else if _, err := service.Verify(again.AccessToken); err != nil {
			t.Errorf("Verify(a token of afterwards) = %v, want nil", err)
		}
	})
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

// asked returns a context as a request with the token has it.
func asked(t *testing.T, service *Service, token string) (ctx context.Context) {
	t.Helper()
	caller, err := service.Verify(token)
	if err != nil {
		t.Fatal(err)
	}
	return NewContext(WithSource(t.Context(), Source{Address: office, RequestID: "abc"}), caller)
}

// wantEnded checks that nobody is recognised by the token any more.
func wantEnded(t *testing.T, name string, service *Service, token string) {
	t.Helper()
	if caller, err := service.Verify(token); caller != nil || !errors.Is(err, ErrInvalidToken) {
		t.Errorf("%s: Verify = %v, %v, want %v", name, caller, err, ErrInvalidToken)
	}
}

func TestLogoutEndsOneToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		log, _ := audited(t, service)
		token, caller := login(t, service)
		other, _ := login(t, service)
		ctx := asked(t, service, token)
		var told, kept atomic.Int32
		defer service.WhenEnded(caller, func() { told.Add(1) })()
		service.KeepWith(func(context.Context) { kept.Add(1) })
		service.Logout(t.Context()) // nobody
		log.Reset()
		service.Logout(ctx)
		synctest.Wait()
		wantEnded(t, "logged out", service, token)
		if told.Load() != 1 || kept.Load() != 1 {
			t.Errorf("told %d times, kept %d times, want each once", told.Load(), kept.Load())
		}
		if _, err := service.Verify(other); err != nil {
			t.Errorf("Verify(the other token) = %v, want nil", err)
		}
		if _, err := service.Renew(ctx); !errors.Is(err, ErrInvalidToken) {
			t.Errorf("Renew after Logout = %v, want %v", err, ErrInvalidToken)
		}
		const want = "level=INFO msg=audit action=logout user=ana address=192.0.2.7 ids=[] outcome=ok request_id=abc\n" +
			"level=INFO msg=audit action=renewToken user=ana address=192.0.2.7 ids=[] outcome=\"session ended\" request_id=abc\n"
		if log.String() != want {
			t.Errorf("audit = %s, want %s", log, want)
		}
		time.Sleep(time.Hour + clockLeeway)
		third, _ := login(t, service)
		service.Logout(asked(t, service, third))
		if n := len(service.ended.byUser["ana"].tokens); n != 1 {
			t.Errorf("%d ended tokens are remembered when the first has expired, want 1", n)
		}
	})
}

// TestWhoRenewsAndLogsOutOften stays logged in elsewhere, also when as many have been ended before and have expired.
func TestWhoRenewsAndLogsOutOften(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		for range 2 {
			bystander, _ := login(t, service)
			token, _ := login(t, service)
			ctx := asked(t, service, token)
			for range 1000 {
				renewed, err := service.Renew(ctx)
				if err != nil {
					t.Fatal(err)
				}
				next := asked(t, service, renewed.AccessToken)
				service.ended.add("ana", FromContext(ctx).TokenID, FromContext(ctx).ExpiresAt.Add(clockLeeway)) // Logout forgets first
				ctx = next
			}
			if _, err := service.Verify(bystander); err != nil {
				t.Errorf("Verify(another session) = %v, want nil", err)
			}
			time.Sleep(time.Hour + clockLeeway)
		}
	})
}

func TestWhoEndsManyTokensEndsThemAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		bystander, _ := login(t, service)
		for range maxEndings {
			token, _ := login(t, service)
			service.Logout(asked(t, service, token))
		}
		if _, err := service.Verify(bystander); err != nil {
			t.Fatalf("Verify before there are too many = %v", err)
		}
		token, _ := login(t, service)
		service.Logout(asked(t, service, token))
		wantEnded(t, "the last", service, token)
		wantEnded(t, "one too many", service, bystander)
		if n := len(service.ended.byUser["ana"].tokens); n != 0 {
			t.Errorf("%d are remembered one by one, want none", n)
		}
		time.Sleep(time.Second)
		later, _ := login(t, service)
		if _, err := service.Verify(later); err != nil {
			t.Errorf("Verify(a later login) = %v, want nil", err)
		}
		time.Sleep(longestToken)
		service.Snapshot()
		if n := len(service.ended.byUser); n != 0 {
			t.Errorf("%d users are remembered when all has expired, want none", n)
		}
	})
}

func TestRenew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		log, _ := audited(t, service)
		first, _ := login(t, service)
		log.Reset()
		token := first
		began := time.Now()
		for time.Since(began) < sessionLasts {
			time.Sleep(50 * time.Minute)
			renewed, err := service.Renew(asked(t, service, token))
			if time.Since(began) >= sessionLasts {
				if !errors.Is(err, ErrSessionTooOld) || renewed.AccessToken != "" {
					t.Errorf("Renew after %v = %v, want %v", time.Since(began), err, ErrSessionTooOld)
				}
				break
			}
			if err != nil || renewed.ExpiresIn != 3600 {
				t.Fatalf("Renew after %v = %+v, %v", time.Since(began), renewed, err)
			}
			if _, err := service.Verify(token); err != nil {
				t.Fatalf("the old token after Renew: %v, want it good", err)
			}
			token = renewed.AccessToken
		}
		if !strings.Contains(log.String(), "action=renewToken user=ana address=192.0.2.7 ids=[] outcome=ok") ||
			!strings.HasSuffix(log.String(), "outcome=\"session too old\" request_id=abc\n") {
			t.Errorf("audit = %s, want a line each", log)
		}
		if _, err := service.Renew(t.Context()); !errors.Is(err, ErrInvalidToken) {
			t.Errorf("Renew of nobody = %v, want %v", err, ErrInvalidToken)
		}
	})
}

// TestRenewGivesNothingNew: no scope that the token did not have, nor one that the user has lost.
func TestRenewGivesNothingNew(t *testing.T) {
	t.Parallel()
	service := newService(t)
	token, _ := login(t, service)
	hash := service.users.Load().byName["ana"].PasswordHash
	for _, test := range []struct{ user, want []Scope }{
		{AllScopes(), ana.Scopes},
		{[]Scope{ScopeRead, ScopeAdmin}, []Scope{ScopeRead}},
	} {
		ctx := asked(t, service, token)
		service.SetUsers(newUsers(t, User{Username: "ana", PasswordHash: hash, Scopes: test.user}))
		renewed, err := service.Renew(ctx)
		if err != nil {
			t.Fatal(err)
		}
		service.SetUsers(newUsers(t, User{Username: "ana", PasswordHash: hash, Scopes: AllScopes()}))
		caller, err := service.Verify(renewed.AccessToken)
		if err != nil || !slices.Equal(caller.Scopes, test.want) {
			t.Errorf("Renew of a user with %v = %+v, %v, want scopes %v", test.user, caller, err, test.want)
		}
	}
}

// TestTokensOfOlderVersionsAreRenewed from when they were issued.
func TestTokensOfOlderVersionsAreRenewed(t *testing.T) {
	t.Parallel()
	service := newService(t)
	for _, test := range []struct {
		age  time.Duration
		want error
	}{{0, nil}, {sessionLasts - time.Hour, nil}, {sessionLasts, ErrSessionTooOld}} {
		claims := goodClaims()
		claims["iat"] = time.Now().Add(-test.age).Unix()
		_, err := service.Renew(asked(t, service, sign(t, jwt.SigningMethodHS256, claims, nil, testSecret)))
		if !errors.Is(err, test.want) {
			t.Errorf("Renew of a token of %v ago = %v, want %v", test.age, err, test.want)
		}
	}
}
