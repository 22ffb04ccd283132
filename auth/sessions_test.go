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

// login returns a new token of ana and its caller.
func login(t *testing.T, service *Service) (token string, caller *Caller) {
	t.Helper()
	token = loginAs(t, service, "ana")
	caller, err := service.Verify(token)
	if err != nil {
		t.Fatal(err)
	}
	return token, caller
}

// loginAs returns a new token of a user whose password is ana's.
func loginAs(t *testing.T, service *Service, username string) string {
	t.Helper()
	token, err := service.Login(t.Context(), username, anasPassword)
	if err != nil {
		t.Fatal(err)
	}
	return token.AccessToken
}

// requestContext returns the context of a request with the token.
func requestContext(t *testing.T, service *Service, token string) context.Context {
	t.Helper()
	caller, err := service.Verify(token)
	if err != nil {
		t.Fatal(err)
	}
	return NewContext(WithSource(t.Context(), Source{Address: office, RequestID: "abc"}), caller)
}

// wantRevoked checks that the token is invalid.
func wantRevoked(t *testing.T, name string, service *Service, token string) {
	t.Helper()
	if caller, err := service.Verify(token); caller != nil || !errors.Is(err, ErrInvalidToken) {
		t.Errorf("%s: Verify = %v, %v, want %v", name, caller, err, ErrInvalidToken)
	}
}

func TestLogout_RevokesOneSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		log, _ := withAudit(t, service)
		token, caller := login(t, service)
		other, _ := login(t, service)
		ctx := requestContext(t, service, token)
		var revoked, changed atomic.Int32
		defer service.OnRevoked(caller, func() { revoked.Add(1) })()
		service.OnChange(func() func() error {
			return func() error { changed.Add(1); return nil }
		})
		service.Logout(t.Context()) // without a caller
		log.Reset()
		service.Logout(ctx)
		synctest.Wait()
		wantRevoked(t, "logged out", service, token)
		if revoked.Load() != 1 || changed.Load() != 1 {
			t.Errorf("calls of OnRevoked, OnChange = %d, %d, want 1, 1", revoked.Load(), changed.Load())
		}
		if _, err := service.Verify(other); err != nil {
			t.Errorf("Verify(other token) = %v, want nil", err)
		}
		if _, err := service.Renew(ctx); !errors.Is(err, ErrInvalidToken) {
			t.Errorf("Renew after Logout = %v, want %v", err, ErrInvalidToken)
		}
		const want = "level=INFO msg=audit action=logout user=ana address=192.0.2.7 ids=[] outcome=ok request_id=abc\n" +
			"level=INFO msg=audit action=renewToken user=ana address=192.0.2.7 ids=[] outcome=\"session ended\" request_id=abc\n"
		if log.String() != want {
			t.Errorf("audit = %s, want %s", log, want)
		}
		time.Sleep(lateTime + maxTokenLifetime + clockLeeway)
		third, _ := login(t, service)
		service.Logout(requestContext(t, service, third))
		if n := len(service.revoked.byUser["ana"].ids); n != 1 || service.revoked.total != 1 {
			t.Errorf("stored sessions = %d, in all %d, after the first expired, want 1", n, service.revoked.total)
		}
	})
}

func TestRenew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		log, _ := withAudit(t, service)
		token, _ := login(t, service)
		log.Reset()
		began := time.Now()
		for time.Since(began) < sessionLifetime {
			time.Sleep(50 * time.Minute)
			renewed, err := service.Renew(requestContext(t, service, token))
			if time.Since(began) >= sessionLifetime {
				if !errors.Is(err, ErrSessionTooOld) || renewed.AccessToken != "" {
					t.Errorf("Renew after %v = %v, want %v", time.Since(began), err, ErrSessionTooOld)
				}
				break
			}
			if err != nil || renewed.ExpiresIn != 3600 {
				t.Fatalf("Renew after %v = %+v, %v, want a token for an hour", time.Since(began), renewed, err)
			}
			if _, err := service.Verify(token); err != nil {
				t.Fatalf("Verify(old token) after Renew = %v, want nil", err)
			}
			token = renewed.AccessToken
		}
		if !strings.Contains(log.String(), "action=renewToken user=ana address=192.0.2.7 ids=[] outcome=ok") ||
			!strings.HasSuffix(log.String(), "outcome=\"session too old\" request_id=abc\n") {
			t.Errorf("audit = %s, want a line for each call", log)
		}
		if _, err := service.Renew(t.Context()); !errors.Is(err, ErrInvalidToken) {
			t.Errorf("Renew without a caller = %v, want %v", err, ErrInvalidToken)
		}
	})
}

// TestRenew_AddsNoScopes: the new token lacks scopes that the old token or the user lacks.
func TestRenew_AddsNoScopes(t *testing.T) {
	t.Parallel()
	service := newService(t)
	token, _ := login(t, service)
	hash := service.users.Load().byName["ana"].PasswordHash
	anaWith := func(scopes []Scope) *Users {
		return newUsers(t, User{Username: "ana", PasswordHash: hash, Scopes: scopes})
	}
	for _, test := range []struct{ user, want []Scope }{
		{AllScopes(), ana.Scopes},
		{[]Scope{ScopeRead, ScopeAdmin}, []Scope{ScopeRead}},
	} {
		ctx := requestContext(t, service, token)
		service.SetUsers(anaWith(test.user))
		renewed, err := service.Renew(ctx)
		if err != nil {
			t.Fatal(err)
		}
		service.SetUsers(anaWith(AllScopes()))
		caller, err := service.Verify(renewed.AccessToken)
		if err != nil || !slices.Equal(caller.Scopes, test.want) {
			t.Errorf("Renew with user scopes %v = %+v, %v, want scopes %v", test.user, caller, err, test.want)
		}
	}
}

// TestRenew_TokenOfAnOlderVersion: a token without auth_time counts from its issue.
func TestRenew_TokenOfAnOlderVersion(t *testing.T) {
	t.Parallel()
	service := newService(t)
	for _, test := range []struct {
		age  time.Duration
		want error
	}{{0, nil}, {sessionLifetime - time.Hour, nil}, {sessionLifetime, ErrSessionTooOld}} {
		claims := validClaims()
		claims["iat"] = time.Now().Add(-test.age).Unix()
		token := sign(t, jwt.SigningMethodHS256, claims, nil, testSecret)
		if _, err := service.Renew(requestContext(t, service, token)); !errors.Is(err, test.want) {
			t.Errorf("Renew of a token issued %v ago = %v, want %v", test.age, err, test.want)
		}
	}
}
