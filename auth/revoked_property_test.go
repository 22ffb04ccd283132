package auth

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// sorted returns the state in an order of its own.
func (r *revokedTokens) sorted() snapshot {
	var state snapshot
	r.appendTo(&state)
	slices.SortFunc(state.Revoked, func(a, b revokedToken) int {
		return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(state.RevokedBefore, func(a, b revokedBefore) int { return cmp.Compare(a.User, b.User) })
	return state
}

func (r *revokedTokens) merge(state snapshot) {
	for _, token := range state.Revoked {
		r.add(token.User, token.ID, token.Until)
	}
	for _, all := range state.RevokedBefore {
		r.addBefore(all.User, all.Before, all.Until)
	}
}

// randomRevocations revokes at random, and returns a caller for each revocation.
func randomRevocations(rt *rapid.T, replica string, now time.Time) (*revokedTokens, []*Caller) {
	revoked := newRevokedTokens()
	var ended []*Caller
	for i := range rapid.IntRange(0, 12).Draw(rt, "revocations") {
		user := rapid.SampledFrom([]string{"ana", "eva", "leo"}).Draw(rt, "user")
		caller := &Caller{Username: user, session: session{fmt.Sprint(replica, i), revoked.loginTime(user)}}
		ended = append(ended, caller)
		switch rapid.IntRange(0, 4).Draw(rt, "kind") {
		case 0:
			revoked.addAll(user)
		case 1:
			revoked.add(user, "the same", now.Add(time.Duration(rapid.IntRange(1, 9).Draw(rt, "hours"))*time.Hour))
			caller.session.id = "the same"
		default:
			revoked.add(user, caller.session.id, now.Add(time.Hour))
		}
	}
	return revoked, ended
}

// Test15_10_SnapshotsMerge: the order in which replicas learn of each other does not matter, nor how
// often, and nothing is lost.
func Test15_10_SnapshotsMerge(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		now := time.Now()
		var states []snapshot
		var ended []*Caller
		for _, replica := range []string{"a", "b", "c"} {
			revoked, callers := randomRevocations(rt, replica, now)
			states, ended = append(states, revoked.sorted()), append(ended, callers...)
		}
		forward, back := newRevokedTokens(), newRevokedTokens()
		for _, state := range states {
			forward.merge(state)
		}
		for _, state := range slices.Backward(states) {
			half := newRevokedTokens() // what another replica has published of it and of its own
			half.merge(state)
			half.merge(back.sorted())
			back.merge(half.sorted())
			back.merge(state)
		}
		if want := forward.sorted(); !reflect.DeepEqual(back.sorted(), want) {
			rt.Fatalf("merged =\n%+v, want\n%+v", back.sorted(), want)
		}
		for _, caller := range ended {
			if !forward.contains(caller) {
				rt.Fatalf("the session %+v is valid again", caller)
			}
		}
		if forward.total != len(forward.sorted().Revoked) {
			rt.Fatalf("total = %d, want %d", forward.total, len(forward.sorted().Revoked))
		}
	})
}

// Test15_10_RevocationsAreBounded: with more logouts than fit, those of the user with the most are
// replaced by an end of all that user's sessions. Nothing that was revoked becomes valid.
func Test15_10_RevocationsAreBounded(t *testing.T) {
	t.Parallel()
	revoked, until := newRevokedTokens(), time.Now().Add(time.Hour)
	var ended []*Caller
	for i := range maxRevoked + 5_000 {
		user := fmt.Sprint("user", min(i%4, 2)) // the last has half of all
		caller := &Caller{Username: user, session: session{fmt.Sprint(i), revoked.loginTime(user)}}
		revoked.add(user, caller.session.id, until)
		ended = append(ended, caller)
		if revoked.total > maxRevoked || len(revoked.byUser[user].ids) > maxRevokedPerUser {
			t.Fatalf("%d IDs are stored, %d of %s", revoked.total, len(revoked.byUser[user].ids), user)
		}
	}
	for _, caller := range ended {
		if !revoked.contains(caller) {
			t.Fatalf("session %s of %s is valid again", caller.session.id, caller.Username)
		}
	}
	for i, open := range []bool{true, true, false} {
		caller := &Caller{Username: fmt.Sprint("user", i), session: session{"open", time.Now().Add(-time.Hour)}}
		if revoked.contains(caller) == open {
			t.Errorf("another session of %s is open: %t, want %t", caller.Username, !open, open)
		}
	}
}
