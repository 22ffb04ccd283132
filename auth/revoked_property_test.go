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
		r.add(token.User, token.ID, token.Began, token.Until)
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
			revoked.add(user, "the same", time.Time{}, now.Add(time.Duration(rapid.IntRange(1, 9).Draw(rt, "hours"))*time.Hour))
			caller.session.id = "the same"
		default:
			revoked.add(user, caller.session.id, caller.session.loggedIn, now.Add(time.Hour))
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

// Test15_10_RevocationsAreBounded: with more logouts than fit, of one user or of all, those of the user
// with the most are replaced by an end of all that user's sessions. Nothing that was revoked becomes
// valid, and the other users' sessions stay.
func Test15_10_RevocationsAreBounded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		logouts int
		user    func(i int) int
	}{
		"of one user":  {maxRevokedPerUser * 2, func(i int) int { return min(i%8, 3) }},
		"of all users": {maxRevoked + 500, func(i int) int { return i % 16 % 15 % 4 }},
	} {
		revoked, until := newRevokedTokens(), time.Now().Add(time.Hour)
		counts := make([]int, 4)
		for i := range test.logouts {
			user := fmt.Sprint("user", test.user(i))
			revoked.add(user, fmt.Sprint(i), time.Now(), until)
			counts[test.user(i)]++
			if revoked.total > maxRevoked || len(revoked.byUser[user].ids) > maxRevokedPerUser {
				t.Fatalf("%s: %d IDs are stored, %d of %s", name, revoked.total, len(revoked.byUser[user].ids), user)
			}
		}
		began := time.Now()
		for i := range test.logouts {
			caller := &Caller{Username: fmt.Sprint("user", test.user(i)), session: session{fmt.Sprint(i), began}}
			if !revoked.contains(caller) {
				t.Fatalf("%s: session %d is valid again", name, i)
			}
		}
		for user, count := range counts {
			caller := &Caller{Username: fmt.Sprint("user", user), session: session{"open", began}}
			if most := count == slices.Max(counts); revoked.contains(caller) != most {
				t.Errorf("%s: another session of user %d of %v has ended: %t, want %t", name, user, counts, !most, most)
			}
		}
	}
}
