package auth

import (
	"crypto/rand"
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestApplySnapshot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hash := newService(t).users.Load().byName["ana"].PasswordHash
		newPair := func() *Service {
			users := newUsers(t,
				User{Username: "ana", PasswordHash: hash}, User{Username: "eva", PasswordHash: hash})
			return NewService(users, newTokens(t, TokenConfig{}), nil)
		}
		one, other := newPair(), newPair()
		token, caller := login(t, one)
		wantLogin(t, one, office, "ana", anasPassword, nil)
		one.Logout(requestContext(t, one, token))
		var evas string
		for range maxRevokedPerUser {
			one.revoked.add("eva", rand.Text(), time.Now(), time.Now().Add(time.Hour))
		}
		evas = loginAs(t, one, "eva")
		one.Logout(requestContext(t, one, evas))
		var calls atomic.Int32
		defer other.OnRevoked(caller, func() { calls.Add(1) })()
		snapshot := one.Snapshot()
		for _, secret := range []string{token, evas, hash, office} {
			if strings.Contains(string(snapshot), secret) {
				t.Errorf("Snapshot contains %s", secret)
			}
		}
		for range 2 {
			if err := other.ApplySnapshot(snapshot); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		wantRevoked(t, "ana's token on the other replica", other, token)
		wantRevoked(t, "eva's tokens on the other replica", other, evas)
		if calls.Load() != 1 {
			t.Errorf("calls of OnRevoked = %d, want 1", calls.Load())
		}
		fail(t, other, elsewhere, "ana", freeAccountFailures)
		wantLogin(t, other, office, "ana", anasPassword, nil)
		if again := other.Snapshot(); len(again) != len(snapshot) {
			t.Errorf("Snapshot after applying one twice =\n%s, want\n%s", again, snapshot)
		}
		time.Sleep(knownAddressLifetime)
		if got := string(one.Snapshot()); got != "{}" {
			t.Errorf("Snapshot after everything expired = %s, want {}", got)
		}
		if err := newPair().ApplySnapshot(snapshot); err != nil {
			t.Errorf("ApplySnapshot(expired) = %v, want nil", err)
		}
	})
}

func TestApplySnapshot_Malformed(t *testing.T) {
	t.Parallel()
	service := newService(t)
	token, _ := login(t, service)
	service.Logout(requestContext(t, service, token))
	for _, text := range []string{"", "{", "[]", `{"ended":7}`, `{"ended":[{"until":"canary"}]}`} {
		if err := service.ApplySnapshot([]byte(text)); err == nil {
			t.Errorf("ApplySnapshot(%q) = nil, want an error", text)
		}
	}
	wantRevoked(t, "after malformed snapshots", service, token)
}

func FuzzApplySnapshot(f *testing.F) {
	service := newService(f)
	token, err := service.Login(f.Context(), "ana", anasPassword)
	if err != nil {
		f.Fatal(err)
	}
	caller, err := service.Verify(token.AccessToken)
	if err != nil {
		f.Fatal(err)
	}
	service.Logout(NewContext(f.Context(), caller))
	f.Add(string(service.Snapshot()))
	f.Add(`{"before":[{"user":"eva","before":"2026-01-02T03:04:05Z","until":"2999-01-02T03:04:05Z"}],"homes":[{}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		_ = service.ApplySnapshot([]byte(text))
		if err := service.ApplySnapshot(service.Snapshot()); err != nil {
			t.Errorf("ApplySnapshot(Snapshot()) after ApplySnapshot(%q) = %v, want nil", text, err)
		}
		if _, err := service.Verify(token.AccessToken); err == nil {
			t.Errorf("Verify(revoked token) after ApplySnapshot(%q) = nil, want an error", text)
		}
	})
}

// Test14_9_Lacks expects a service to miss what a snapshot lacks, and nothing that has expired.
func Test14_9_Lacks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		token, _ := login(t, service)
		empty := []byte("{}")
		want := func(what string, snapshot []byte, want bool) {
			t.Helper()
			if got := service.Lacks(snapshot); got != want {
				t.Errorf("%s: Lacks = %t, want %t", what, got, want)
			}
		}
		want("nothing happened", empty, false)
		service.Logout(requestContext(t, service, token))
		loggedOut := service.Snapshot()
		want("a logout", empty, true)
		want("a malformed snapshot", []byte("{"), true)
		want("its own snapshot", loggedOut, false)
		ana := service.users.Load()
		service.SetUsers(newUsers(t, User{Username: "eva", PasswordHash: ana.byName["ana"].PasswordHash}))
		removed := service.Snapshot()
		want("a removed user", loggedOut, true)
		want("its own snapshot with the removal", removed, false)
		service.SetUsers(ana)
		time.Sleep(time.Second)
		service.SetUsers(newUsers(t, User{Username: "eva", PasswordHash: ana.byName["ana"].PasswordHash}))
		want("a user removed again", removed, true)
		service.SetUsers(ana)
		wantLogin(t, service, office, "ana", anasPassword, nil)
		want("a login from a new address", removed, true)
		time.Sleep(knownAddressLifetime)
		want("everything has expired", empty, false)
	})
}

// Test14_15_SnapshotOfAClockThatWasAhead expects a revocation that was dated in the future to be
// corrected in the store, once: a replica that starts later would revoke newer tokens.
func Test14_15_SnapshotOfAClockThatWasAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		apply := func(service *Service, stored []byte) {
			t.Helper()
			if err := service.ApplySnapshot(stored); err != nil {
				t.Fatal(err)
			}
		}
		ahead := time.Now().Add(48 * time.Hour)
		wrong, err := json.Marshal(snapshot{RevokedBefore: []revokedBefore{{"ana", ahead, ahead.Add(maxTokenLifetime)}}})
		if err != nil {
			t.Fatal(err)
		}
		first, second := newService(t), newService(t)
		apply(first, wrong)
		if !first.Lacks(wrong) {
			t.Error("Lacks = false for a snapshot of a clock that was ahead, want it replaced")
		}
		stored := first.Snapshot()
		if first.Lacks(stored) || first.Lacks(wrong) {
			t.Error("Lacks = true again, want one correction")
		}
		time.Sleep(time.Minute)
		newer := &Caller{Username: "ana", TokenID: "newer", session: session{"newer", time.Now()}}
		time.Sleep(time.Minute)
		apply(second, stored)
		if first.revoked.contains(newer) || second.revoked.contains(newer) {
			t.Error("a token that was issued after the correction is revoked")
		}
	})
}
