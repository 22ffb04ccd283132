package auth

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestRevokedTokens_ExpiredDoNotCount: a user may revoke up to the limit again once the earlier
// tokens have expired, without losing other sessions.
func TestRevokedTokens_ExpiredDoNotCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		for range 2 {
			bystander, _ := login(t, service)
			token, _ := login(t, service)
			ctx := requestContext(t, service, token)
			for range 1000 {
				renewed, err := service.Renew(ctx)
				if err != nil {
					t.Fatal(err)
				}
				next := requestContext(t, service, renewed.AccessToken)
				// Not Logout, which drops expired tokens first.
				caller := FromContext(ctx)
				service.revoked.add("ana", caller.TokenID, caller.ExpiresAt.Add(clockLeeway))
				ctx = next
			}
			if _, err := service.Verify(bystander); err != nil {
				t.Errorf("Verify(another session) = %v, want nil", err)
			}
			time.Sleep(time.Hour + clockLeeway)
		}
	})
}

func TestRevokedTokens_BeyondLimitAllAreRevoked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		bystander, _ := login(t, service)
		for range maxRevokedPerUser {
			token, _ := login(t, service)
			service.Logout(requestContext(t, service, token))
		}
		if _, err := service.Verify(bystander); err != nil {
			t.Fatalf("Verify(another session) at the limit = %v, want nil", err)
		}
		token, _ := login(t, service)
		service.Logout(requestContext(t, service, token))
		wantRevoked(t, "last token", service, token)
		wantRevoked(t, "another session", service, bystander)
		if n := len(service.revoked.byUser["ana"].tokens); n != 0 {
			t.Errorf("stored tokens = %d beyond the limit, want 0", n)
		}
		time.Sleep(time.Second)
		later, _ := login(t, service)
		if _, err := service.Verify(later); err != nil {
			t.Errorf("Verify(later login) = %v, want nil", err)
		}
		time.Sleep(maxTokenLifetime)
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
		old := &Caller{Username: "ana", TokenID: "old", issuedAt: time.Now().Add(-time.Minute)}
		revoked.addBefore("ana", ahead, ahead.Add(maxTokenLifetime))
		if !revoked.contains(old) {
			t.Error("a token that was issued before the revocation is valid")
		}
		time.Sleep(time.Minute)
		next := &Caller{Username: "ana", TokenID: "next", issuedAt: time.Now()}
		time.Sleep(time.Minute)
		revoked.addBefore("ana", ahead, ahead.Add(maxTokenLifetime))
		if revoked.contains(next) {
			t.Error("a token that was issued after the clock was right again is revoked")
		}
	})
}
