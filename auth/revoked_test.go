package auth

import (
	"crypto/rand"
	"testing"
	"testing/synctest"
	"time"
)

// TestRevokedTokens_ExpiredDoNotCount: a user may log out up to the limit again once the earlier
// tokens have expired, without losing other sessions.
func TestRevokedTokens_ExpiredDoNotCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		for range 2 {
			bystander, _ := login(t, service)
			for range maxRevokedPerUser { // not Logout, which drops expired ones first
				service.revoked.add("ana", rand.Text(), time.Now(), time.Now().Add(time.Hour))
			}
			if _, err := service.Verify(bystander); err != nil {
				t.Errorf("Verify(another session) = %v, want nil", err)
			}
			time.Sleep(time.Hour)
		}
	})
}

func TestRevokedTokens_BeyondLimitAllAreRevoked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		bystander, _ := login(t, service)
		for range maxRevokedPerUser {
			service.revoked.add("ana", rand.Text(), time.Now(), time.Now().Add(time.Hour))
		}
		if _, err := service.Verify(bystander); err != nil {
			t.Fatalf("Verify(another session) at the limit = %v, want nil", err)
		}
		token, _ := login(t, service)
		service.Logout(requestContext(t, service, token))
		wantRevoked(t, "last token", service, token)
		wantRevoked(t, "another session", service, bystander)
		if n := len(service.revoked.byUser["ana"].ids); n != 0 || service.revoked.total != 0 {
			t.Errorf("stored sessions = %d, in all %d, beyond the limit, want 0", n, service.revoked.total)
		}
		later, _ := login(t, service)
		if _, err := service.Verify(later); err != nil {
			t.Errorf("Verify(later login) = %v, want nil", err)
		}
		time.Sleep(sessionLifetime + maxTokenLifetime + clockLeeway)
		service.Snapshot()
		if n := len(service.revoked.byUser); n != 0 {
			t.Errorf("stored users = %d after all tokens expired, want 0", n)
		}
	})
}

// TestRevokedTokens_AddBeforeKeepsTheLatest adds times out of order, as snapshots do.
func TestRevokedTokens_AddBeforeKeepsTheLatest(t *testing.T) {
	t.Parallel()
	now := time.Now()
	revoked := newRevokedTokens()
	for _, since := range []time.Duration{-time.Hour, 0, -time.Minute} {
		revoked.addBefore("ana", now.Add(since), now.Add(since).Add(maxTokenLifetime))
	}
	got, until := revoked.byUser["ana"], now.Add(maxTokenLifetime)
	if !got.before.Equal(now) || !got.until.Equal(until) {
		t.Errorf("before, until = %v, %v, want %v, %v", got.before, got.until, now, until)
	}
}

// Test14_15_RevokedByAClockThatWasAhead: what was revoked while the clock was ahead stays revoked,
// and later logins are not affected, however often the snapshot is read.
func Test14_15_RevokedByAClockThatWasAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		revoked, ahead := newRevokedTokens(), time.Now().Add(48*time.Hour)
		old := &Caller{Username: "ana", TokenID: "old", session: session{"old", time.Now().Add(-time.Minute)}}
		revoked.addBefore("ana", ahead, ahead.Add(maxTokenLifetime))
		if !revoked.contains(old) {
			t.Error("a token that was issued before the revocation is valid")
		}
		time.Sleep(time.Minute)
		next := &Caller{Username: "ana", TokenID: "next", session: session{"next", time.Now()}}
		time.Sleep(time.Minute)
		revoked.addBefore("ana", ahead, ahead.Add(maxTokenLifetime))
		if revoked.contains(next) {
			t.Error("a token that was issued after the clock was right again is revoked")
		}
	})
}

// Test15_10_OverflowEndsOnce logs out more often than fits, and merges what an earlier snapshot in the
// folder or the store had. That must not count again: a later logout ends no other session.
func Test15_10_OverflowEndsOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		before, caller := login(t, service)
		logouts := func(n int) {
			for range n {
				service.revoked.add(caller.Username, rand.Text(), caller.session.loggedIn, service.sessionEnd(caller))
			}
		}
		logouts(maxRevokedPerUser)
		saved := service.Snapshot()
		logouts(1)
		wantRevoked(t, "a session before the overflow", service, before)
		open := loginAs(t, service, "ana")
		for range 3 {
			if err := service.ApplySnapshot(saved); err != nil {
				t.Fatal(err)
			}
			service.Logout(requestContext(t, service, loginAs(t, service, "ana")))
			wantValid(t, "a session after the overflow", service, open)
		}
	})
}
