package auth

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// renew returns a renewal of a token.
func renew(t *testing.T, service *Service, token string) string {
	t.Helper()
	renewed, err := service.Renew(requestContext(t, service, token))
	if err != nil {
		t.Fatal(err)
	}
	return renewed.AccessToken
}

// wantValid checks that the token is valid.
func wantValid(t *testing.T, name string, service *Service, token string) {
	t.Helper()
	if _, err := service.Verify(token); err != nil {
		t.Errorf("%s: Verify = %v, want nil", name, err)
	}
}

// restarted returns a service as after a restart with CACHE_DIR.
func restarted(t *testing.T, service *Service, tokens *Tokens) *Service {
	t.Helper()
	next := NewService(service.users.Load(), tokens, nil)
	if err := next.ApplySnapshot(service.Snapshot()); err != nil {
		t.Fatal(err)
	}
	return next
}

// tokenWithoutSession returns a token of ana as an older version issued it.
func tokenWithoutSession(t *testing.T, service *Service) string {
	t.Helper()
	_, caller := login(t, service)
	claims := validClaims()
	claims["pwd"], claims["jti"] = caller.password, "old"
	return sign(t, jwt.SigningMethodHS256, claims, nil, testSecret)
}

// Test15_10_LogoutEndsTheSession logs out with each token of a session.
func Test15_10_LogoutEndsTheSession(t *testing.T) {
	t.Parallel()
	for _, first := range []func(*testing.T, *Service) string{
		func(t *testing.T, service *Service) string { return loginAs(t, service, "ana") },
		tokenWithoutSession,
	} {
		for used := range 4 {
			synctest.Test(t, func(t *testing.T) {
				service := newService(t)
				tokens := []string{first(t, service)}
				for range 2 {
					time.Sleep(time.Second)
					tokens = append(tokens, renew(t, service, tokens[len(tokens)-1]))
				}
				tokens = append(tokens, renew(t, service, tokens[0])) // a second branch
				other, _ := login(t, service)
				var ended atomic.Int32
				for _, token := range tokens {
					defer service.OnRevoked(FromContext(requestContext(t, service, token)), func() { ended.Add(1) })()
				}
				if !service.Logout(requestContext(t, service, tokens[used])) {
					t.Error("Logout = false, want true")
				}
				synctest.Wait()
				if ended.Load() != int32(len(tokens)) {
					t.Errorf("streams of %d tokens ended, want %d", ended.Load(), len(tokens))
				}
				for _, at := range []*Service{service, restarted(t, service, service.tokens)} {
					for _, token := range tokens {
						wantRevoked(t, "token of the session", at, token)
					}
					wantValid(t, "token of another session", at, other)
				}
			})
		}
	}
}

// Test15_10_OlderReplicasRefuseTheToken expects the snapshot to name the token of a logout where an
// older version looks for it. Such a version knows no session.
func Test15_10_OlderReplicasRefuseTheToken(t *testing.T) {
	t.Parallel()
	service := newService(t)
	token, caller := login(t, service)
	renewed := FromContext(requestContext(t, service, renew(t, service, token)))
	for _, used := range []*Caller{caller, renewed} {
		fresh := restarted(t, service, service.tokens)
		fresh.Logout(NewContext(t.Context(), used))
		var state struct {
			Ended []struct {
				User, ID string
				Until    time.Time
			}
		}
		if err := json.Unmarshal(fresh.Snapshot(), &state); err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(state.Ended, func(e struct {
			User, ID string
			Until    time.Time
		}) bool {
			return e.User == "ana" && e.ID == used.TokenID && !e.Until.Before(used.ExpiresAt)
		}) {
			t.Errorf("ended = %+v, want the token %s in it until it expires", state.Ended, used.TokenID)
		}
	}
}

// Test15_10_RevokedUntilTheLastTokenExpires logs out with a token that expires long before another of
// its session, which was issued when tokens lived longer.
func Test15_10_RevokedUntilTheLastTokenExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		service.tokens = newTokens(t, TokenConfig{Lifetime: maxTokenLifetime})
		token, _ := login(t, service)
		long := renew(t, service, token)
		short := restarted(t, service, newTokens(t, TokenConfig{Lifetime: time.Minute}))
		ctx := requestContext(t, short, renew(t, short, token))
		short.Logout(ctx)
		time.Sleep(maxTokenLifetime - time.Second)
		short.revoked.dropExpired()
		if _, err := short.tokens.Verify(long); err != nil {
			t.Fatal(err)
		}
		wantRevoked(t, "the longer token", short, long)
	})
}

// Test15_10_LogoutEverywhere ends all sessions of one user, again and again within a millisecond.
func Test15_10_LogoutEverywhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hash := newService(t).users.Load().byName["ana"].PasswordHash
		eva := User{Username: "eva", PasswordHash: hash, Scopes: ana.Scopes}
		service := NewService(newUsers(t, User{Username: "ana", PasswordHash: hash}, eva), newTokens(t, TokenConfig{}), nil)
		log, _ := withAudit(t, service)
		evas := loginAs(t, service, "eva")
		if service.LogoutEverywhere(t.Context()) {
			t.Error("LogoutEverywhere without a caller = true, want false")
		}
		var earlier []string
		for range 3 {
			token := loginAs(t, service, "ana")
			wantValid(t, "a login in the same millisecond", service, token)
			wantValid(t, "the same after a restart", restarted(t, service, service.tokens), token)
			earlier = append(earlier, token, renew(t, service, token), loginAs(t, service, "ana"))
			if !service.LogoutEverywhere(requestContext(t, service, token)) {
				t.Error("LogoutEverywhere = false, want true")
			}
			for _, token := range earlier {
				wantRevoked(t, "an earlier session", service, token)
				wantRevoked(t, "an earlier session after a restart", restarted(t, service, service.tokens), token)
			}
		}
		wantValid(t, "another user", service, evas)
		saved, err := service.EndSessions(requestContext(t, service, loginAs(t, service, "ana")), "eva")
		if !saved || err != nil {
			t.Errorf("EndSessions(eva) = %t, %v, want true", saved, err)
		}
		wantRevoked(t, "eva's session", service, evas)
		if _, err := service.EndSessions(t.Context(), "my password"); !errors.Is(err, ErrUnknownUser) {
			t.Errorf("EndSessions(unknown) = %v, want %v", err, ErrUnknownUser)
		}
		for _, want := range []string{
			"action=logoutEverywhere user=ana address=192.0.2.7 ids=[] outcome=ok request_id=abc",
			"action=endSessions user=ana address=192.0.2.7 ids=[user:eva] outcome=ok request_id=abc",
			`action=endSessions user=unknown address="" ids=[user:unknown] outcome="no such user"`,
		} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("audit = %s, want %s in it", log, want)
			}
		}
	})
}

// Test15_10_ReplicaWithAClockAhead expects a session that another replica dated some seconds ahead to
// be ended, and a later login to be valid there, and here.
func Test15_10_ReplicaWithAClockAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		_, caller := login(t, service)
		user := service.users.Load().byName["ana"]
		ahead, err := service.tokens.issueFirst(user, time.Now().Add(clockLeeway))
		if err != nil {
			t.Fatal(err)
		}
		service.LogoutEverywhere(NewContext(t.Context(), caller))
		wantRevoked(t, "a session of the replica that is ahead", service, ahead.AccessToken)
		other := restarted(t, service, service.tokens)
		wantValid(t, "a later login at the other replica", service, loginAs(t, other, "ana"))
		wantValid(t, "a later login", other, loginAs(t, service, "ana"))
	})
}

// Test15_10_UserRemovedAndAddedInASecond expects a login after that to be valid at once.
func Test15_10_UserRemovedAndAddedInASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		token, _ := login(t, service)
		withAna := service.users.Load()
		if !service.SetUsers(newUsers(t, User{Username: "eva", PasswordHash: hashOf(t, "x")})) || !service.SetUsers(withAna) {
			t.Error("SetUsers = false, want true")
		}
		wantRevoked(t, "old token", service, token)
		wantValid(t, "new token", service, loginAs(t, service, "ana"))
	})
}

// Test15_10_NotSaved expects the callers to learn that a session has ended on this server only.
func Test15_10_NotSaved(t *testing.T) {
	t.Parallel()
	service := newService(t)
	log, _ := withAudit(t, service)
	service.OnChange(func() func() error { return func() error { return errors.New("the disk is full") } })
	token, _ := login(t, service)
	if service.Logout(requestContext(t, service, token)) {
		t.Error("Logout = true, want false")
	}
	wantRevoked(t, "token", service, token)
	if !strings.Contains(log.String(), `action=logout user=ana address=192.0.2.7 ids=[] outcome="ok, not saved"`) {
		t.Errorf("audit = %s, want that it is not saved", log)
	}
	if service.SetUsers(newUsers(t, User{Username: "eva", PasswordHash: hashOf(t, "x")})) {
		t.Error("SetUsers = true, want false")
	}
}

// Test15_10_LoginDoesNotWait expects a login from a new address not to wait until that is saved.
func Test15_10_LoginDoesNotWait(t *testing.T) {
	t.Parallel()
	service := newService(t)
	began := 0
	service.OnChange(func() func() error {
		began++
		return func() error { t.Error("a login waits for the disk"); return nil }
	})
	ctx := WithSource(context.Background(), Source{Address: office})
	if _, err := service.Login(ctx, "ana", anasPassword); err != nil || began != 1 {
		t.Errorf("Login = %v, and began %d saves, want nil and 1", err, began)
	}
}

// Test15_10_BusyBot logs in and out every minute for three days. The sessions of others who share the
// account stay.
func Test15_10_BusyBot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		service.tokens = newTokens(t, TokenConfig{Lifetime: 4 * 24 * time.Hour})
		bystander, _ := login(t, service)
		user := service.users.Load().byName["ana"]
		for range 3 * 24 * 60 {
			token, err := service.tokens.Issue(user)
			if err != nil {
				t.Fatal(err)
			}
			service.Logout(requestContext(t, service, token.AccessToken))
			time.Sleep(time.Minute)
		}
		wantValid(t, "another session of the account", service, bystander)
	})
}
