package auth

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestMergeLearnsWhatAnotherProcessKnew: ended tokens, and where users are at home.
func TestMergeLearnsWhatAnotherProcessKnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hash := newService(t).users.Load().byName["ana"].PasswordHash
		both := func() *Service {
			return NewService(newUsers(t, User{Username: "ana", PasswordHash: hash}, User{Username: "eva", PasswordHash: hash}),
				newTokens(t, TokenConfig{}), nil)
		}
		one, other := both(), both()
		token, caller := login(t, one)
		wantLogin(t, one, office, "ana", anasPassword, nil)
		one.Logout(asked(t, one, token))
		var evas string
		for range maxEndings + 1 {
			evas = loginAs(t, one, "eva")
			one.Logout(asked(t, one, evas))
		}
		var told atomic.Int32
		defer other.WhenEnded(caller, func() { told.Add(1) })()
		snapshot := one.Snapshot()
		for _, secret := range []string{token, evas, hash, office} {
			if strings.Contains(string(snapshot), secret) {
				t.Errorf("the snapshot holds %s", secret)
			}
		}
		for range 2 {
			if err := other.Merge(snapshot); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		wantEnded(t, "ana's token elsewhere", other, token)
		wantEnded(t, "eva's tokens elsewhere", other, evas)
		if told.Load() != 1 {
			t.Errorf("told %d times, want once", told.Load())
		}
		fail(t, other, elsewhere, "ana", accountTries)
		wantLogin(t, other, office, "ana", anasPassword, nil)
		if again := other.Snapshot(); len(again) != len(snapshot) {
			t.Errorf("what was merged twice is\n%s, want\n%s", again, snapshot)
		}
		time.Sleep(homeLasts)
		if got := string(one.Snapshot()); got != "{}" {
			t.Errorf("the snapshot when all is over = %s, want {}", got)
		}
		if err := both().Merge(snapshot); err != nil {
			t.Errorf("Merge of what is over = %v, want nil", err)
		}
	})
}

// TestMergeOfOlderNews takes nothing back.
func TestMergeOfOlderNews(t *testing.T) {
	t.Parallel()
	now := time.Now()
	e := newEnded()
	for _, since := range []time.Duration{-time.Hour, 0, -time.Minute} {
		e.addBefore("ana", now.Add(since), now.Add(since).Add(longestToken))
	}
	if of := e.byUser["ana"]; !of.before.Equal(now) || !of.until.Equal(now.Add(longestToken)) {
		t.Errorf("all before %v are ended until %v, want those of the newest news", of.before, of.until)
	}
}

func loginAs(t *testing.T, service *Service, username string) string {
	t.Helper()
	token, err := service.Login(t.Context(), username, anasPassword)
	if err != nil {
		t.Fatal(err)
	}
	return token.AccessToken
}

func TestMergeOfNonsense(t *testing.T) {
	t.Parallel()
	service := newService(t)
	token, _ := login(t, service)
	service.Logout(asked(t, service, token))
	for _, text := range []string{"", "{", "[]", `{"ended":7}`, `{"ended":[{"until":"canary"}]}`} {
		if err := service.Merge([]byte(text)); err == nil {
			t.Errorf("Merge(%q) = nil, want an error", text)
		}
	}
	wantEnded(t, "after nonsense", service, token)
}

func FuzzMerge(f *testing.F) {
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
		_ = service.Merge([]byte(text))
		if err := service.Merge(service.Snapshot()); err != nil {
			t.Errorf("Merge(Snapshot) after Merge(%q) = %v, want nil", text, err)
		}
		if _, err := service.Verify(token.AccessToken); err == nil {
			t.Errorf("Merge(%q) made an ended token good again", text)
		}
	})
}
