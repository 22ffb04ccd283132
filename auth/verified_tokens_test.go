package auth

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"pgregory.net/rapid"
)

// tokenStep is one event in the life of two replicas. Its numbers choose among what there is.
type tokenStep struct{ Kind, Replica, Other, Token, Users, Seconds int }

// replicas are two services for the same users, and all tokens that were ever made.
type replicas struct {
	services []*Service
	users    []*Users // that they may have
	tokens   []string
}

// usersInTurn returns what an operator may make of ana: other scopes, another password, no account.
func usersInTurn(t *testing.T) []*Users {
	first, second := hashOf(t, anasPassword), hashOf(t, anasPassword)
	eva := User{Username: "eva", PasswordHash: first, Scopes: []Scope{ScopeAdmin}}
	with := func(hash string, scopes ...Scope) *Users {
		return newUsers(t, eva, User{Username: "ana", PasswordHash: hash, Scopes: scopes})
	}
	return []*Users{
		with(first, ScopeSupport), with(first, ScopeSupport, ScopeBilling), with(first), with(second, ScopeSupport), newUsers(t, eva),
	}
}

// apply returns an error if a step is impossible.
func (r *replicas) apply(ctx context.Context, step tokenStep) (err error) {
	s := r.services[step.Replica]
	if len(r.tokens) > 0 { // without a caller, nothing is logged out
		caller, _ := s.Verify(r.tokens[step.Token%len(r.tokens)])
		ctx = NewContext(ctx, caller)
	}
	switch step.Kind {
	case 0:
		s.Logout(ctx)
	case 1:
		s.LogoutEverywhere(ctx)
	case 2:
		_, _ = s.EndSessions(ctx, "ana") // who may be unknown
	case 3:
		s.SetUsers(r.users[step.Users])
	case 4:
		err = s.ApplySnapshot(r.services[step.Other].Snapshot())
	case 5, 6:
		time.Sleep(time.Duration(step.Seconds) * time.Second)
	default:
		err = r.issue(s, step)
	}
	return err
}

// issue adds a token of each user, what an attacker makes of it, and one that is valid at another
// time.
func (r *replicas) issue(s *Service, step tokenStep) error {
	for _, user := range s.users.Load().byName {
		token, err := s.beginSession(user)
		if err != nil {
			return err
		}
		raw := token.AccessToken
		at := step.Token % len(raw)
		changed := raw[:at] + string("AB."[at%3]) + raw[at+1:]
		other, begins := validClaims(), time.Now().Unix()+int64(step.Seconds-20)
		other["iat"], other["nbf"], other["exp"], other["jti"] = begins, begins, begins+60, fmt.Sprint(len(r.tokens))
		signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, other).SignedString(testSecret)
		if err != nil {
			return err
		}
		r.tokens = append(r.tokens, raw, changed, signed)
	}
	return nil
}

// compare compares what each replica keeps with a full verification of each token.
func (r *replicas) compare() error {
	for n, s := range r.services {
		for _, raw := range r.tokens {
			kept, err := s.Verify(raw)
			full, fullErr := s.verify(raw)
			if !reflect.DeepEqual(kept, full.caller) || fmt.Sprint(err) != fmt.Sprint(fullErr) {
				return fmt.Errorf("replica %d: Verify = %+v, %v, want %+v, %v", n, kept, err, full.caller, fullErr)
			}
		}
	}
	return nil
}

// Test16_1_VerifiedTokens: a service that keeps verified tokens never differs from one that verifies
// each of them, whatever happens to the tokens, the users and the clock.
func Test16_1_VerifiedTokens(t *testing.T) {
	t.Parallel()
	users, tokens := usersInTurn(t), newTokens(t, TokenConfig{Lifetime: time.Minute})
	step := rapid.Custom(func(rt *rapid.T) tokenStep {
		number := func(name string, most int) int { return rapid.IntRange(0, most).Draw(rt, name) }
		return tokenStep{
			Kind: number("kind", 9), Replica: number("replica", 1), Other: number("other", 1),
			Token: number("token", 600), Users: number("users", len(users)-1), Seconds: number("seconds", 50),
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(step, 2, 16).Draw(rt, "steps")
		var wrong error
		synctest.Test(t, func(t *testing.T) { // rt must stay outside: its Fatal panics in the bubble
			r := &replicas{users: users}
			for range 2 {
				r.services = append(r.services, NewService(users[0], tokens, nil))
			}
			for n := 0; n < len(steps) && wrong == nil; n++ {
				wrong = errors.Join(r.apply(t.Context(), steps[n]), r.compare())
			}
		})
		if wrong != nil {
			rt.Fatal(wrong)
		}
	})
}

// Test16_1_VerifiedTokensOfTheFuture: the clock may go back, so that a token that was valid is not yet.
func Test16_1_VerifiedTokensOfTheFuture(t *testing.T) {
	t.Parallel()
	service := newService(t)
	key := tokenKey{1}
	found := &verifiedToken{
		caller: &Caller{Username: "ana"}, users: service.users.Load(),
		notBefore: time.Now().Add(time.Minute), expires: time.Now().Add(time.Hour),
	}
	service.revoked.dropExpired()
	found.caller.session.loggedIn = time.Now()
	service.verifiedTokens.add(key, found)
	if caller := service.verified(key); caller != nil {
		t.Errorf("a token that is not valid yet = %v, want nil", caller)
	}
	found.notBefore = time.Now()
	if caller := service.verified(key); caller == nil {
		t.Error("a token that is valid now = nil, want its caller")
	}
}

// Test16_1_VerifiedTokensAreBounded expects a bound for each user and for all of them. The tokens of
// one user do not push out those of another.
func Test16_1_VerifiedTokensAreBounded(t *testing.T) {
	t.Parallel()
	kept, serial := newVerifiedTokens(), 0
	add := func(user string) (key tokenKey) {
		serial++
		key[0], key[1], key[2] = byte(serial), byte(serial>>8), byte(serial>>16)
		kept.add(key, &verifiedToken{caller: &Caller{Username: user}})
		if len(kept.byKey) > maxVerifiedTokens || len(kept.byUser[user]) > maxVerifiedOfUser {
			t.Fatalf("%d tokens are kept, %d of %s", len(kept.byKey), len(kept.byUser[user]), user)
		}
		return key
	}
	evas := add("eva")
	for range 3 * maxVerifiedTokens {
		add("ana")
	}
	if kept.get(evas) == nil {
		t.Error("ana's tokens have pushed out eva's")
	}
	for n := range 3 * maxVerifiedTokens {
		key := add(fmt.Sprint("user", n%50))
		if kept.get(key) == nil {
			t.Fatal("a token that was just verified is not kept")
		}
	}
	all := 0
	for _, own := range kept.byUser {
		all += len(own)
	}
	if all != len(kept.byKey) {
		t.Errorf("users have %d tokens, want the %d that are kept", all, len(kept.byKey))
	}
}

// Test16_1_OnlyGoodTokensAreKept also expects that tokens of an unusual length are not kept.
func Test16_1_OnlyGoodTokensAreKept(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("<", maxUsernameBytes) // JSON escapes it
	service := NewService(newUsers(t, User{Username: name, PasswordHash: hashOf(t, anasPassword)}), newTokens(t, TokenConfig{}), nil)
	long, err := service.beginSession(service.users.Load().byName[name])
	if err != nil {
		t.Fatal(err)
	}
	if caller, err := service.Verify(long.AccessToken); err != nil || caller.Username != name {
		t.Errorf("Verify(long token) = %v, %v, want its caller", caller, err)
	}
	_, _ = service.Verify(issue(t, service.tokens).AccessToken) // of ana, whom the service does not know
	_, _ = service.Verify("forged")
	if got := len(service.verifiedTokens.byKey); got != 0 {
		t.Errorf("%d tokens are kept, want 0", got)
	}
}

// BenchmarkVerify compares a token that was verified earlier with a full verification.
func BenchmarkVerify(b *testing.B) {
	service := newService(b)
	token, err := service.beginSession(service.users.Load().byName["ana"])
	if err != nil {
		b.Fatal(err)
	}
	b.Run("yardstick", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = service.verify(token.AccessToken)
		}
	})
	b.Run("verified", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = service.Verify(token.AccessToken)
		}
	})
}
