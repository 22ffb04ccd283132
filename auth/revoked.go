package auth

import (
	"sync"
	"time"
)

const (
	// maxRevokedPerUser limits how many unexpired IDs are stored for a user: two a minute fit for
	// eight days, see [Service.sessionEnd]. Beyond it, all sessions of the user are ended.
	maxRevokedPerUser = 25_000
	// maxRevoked limits the IDs of all users together, to some 8 MB. Beyond it, all sessions of the user
	// with the most are ended.
	maxRevoked = 50_000
	// maxTokenLifetime is the longest lifetime that any token can have been issued with.
	maxTokenLifetime = 7 * 24 * time.Hour
)

// revokedTokens stores sessions and tokens that were ended before they expired. It is safe for
// concurrent use.
type revokedTokens struct {
	mu     sync.RWMutex
	byUser map[string]*userRevocations // guarded by mu
	total  int                         // IDs of all users, guarded by mu
}

// userRevocations are the revocations of one user.
type userRevocations struct {
	ids    map[string]revokedID // of sessions, and of tokens for older versions
	before time.Time            // sessions that began until then are ended; zero for none
	until  time.Time            // when the last token of those expires, even if it was renewed meanwhile
	ahead  time.Time            // the last before that lay in the future; see addBefore
	// corrected is the last ahead whose snapshot was to be replaced; see correctsOnce.
	corrected time.Time
}

// revokedID is one ended session, or a token of it.
type revokedID struct {
	began time.Time // when the session began; zero if an older version has revoked it
	until time.Time // when it can be dropped
}

func newRevokedTokens() *revokedTokens {
	return &revokedTokens{byUser: map[string]*userRevocations{}}
}

// contains reports whether the caller's token or its session was revoked.
func (r *revokedTokens) contains(caller *Caller) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	user, ok := r.byUser[caller.Username]
	if !ok {
		return false
	}
	_, session := user.ids[caller.session.id]
	_, token := user.ids[caller.TokenID]
	return session || token || !caller.session.loggedIn.After(user.before)
}

// add revokes one session or token, whose last token expires at until. Began is the time of the login,
// or zero if that is not known.
func (r *revokedTokens) add(username, id string, began, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if !now.Before(until) {
		return
	}
	user := r.ofUser(username)
	known, listed := user.ids[id]
	if began.IsZero() {
		began = known.began
	}
	added := revokedID{began, latest(until, known.until)}
	if user.covers(added) { // an earlier snapshot has it still
		return
	}
	user.ids[id] = added
	if !listed {
		r.total++
	}
	if len(user.ids) > maxRevokedPerUser || r.total > maxRevoked {
		r.makeRoom(user, now)
	}
}

// makeRoom drops what has expired, and if that is not enough, ends all sessions of a user: nothing
// that was revoked may become valid. The caller must hold mu.
func (r *revokedTokens) makeRoom(user *userRevocations, now time.Time) {
	r.dropExpiredIDs(now)
	if len(user.ids) > maxRevokedPerUser {
		r.replaceIDs(user, now)
	}
	for r.total > maxRevoked {
		most := user
		for _, other := range r.byUser {
			if len(other.ids) > len(most.ids) {
				most = other
			}
		}
		r.replaceIDs(most, now)
	}
}

// replaceIDs ends all sessions of a user, so that the IDs can be dropped. The caller must hold mu.
func (r *revokedTokens) replaceIDs(user *userRevocations, now time.Time) {
	r.total -= len(user.ids)
	user.ids = map[string]revokedID{}
	user.revokeAll(now)
}

// addAll ends all sessions of a user that have begun.
func (r *revokedTokens) addAll(username string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	user := r.ofUser(username)
	user.revokeAll(time.Now())
	r.dropCovered(user)
}

// revokeAll ends all sessions that have begun, also at a replica whose clock is ahead. See loginTime
// for those that begin afterwards.
func (u *userRevocations) revokeAll(now time.Time) {
	before := now.Add(clockLeeway).Truncate(time.Millisecond)
	if next := u.before.Add(time.Millisecond); next.After(before) {
		before = next
	}
	u.revokeBefore(before, before.Add(sessionLifetime+maxTokenLifetime))
}

// loginTime returns the time to write into the token of a login now. It is after those at which
// revokeAll ended the sessions of the user, whatever the clock says.
func (r *revokedTokens) loginTime(username string) time.Time {
	r.mu.RLock()
	defer r.mu.RUnlock()
	now := time.Now().Truncate(time.Millisecond)
	if user := r.byUser[username]; user != nil && !now.After(user.before) {
		return user.before.Truncate(time.Millisecond).Add(time.Millisecond)
	}
	return now
}

// addBefore ends all sessions of a user that began until before. Their last token expires at until.
//
// A before in the future was written while a clock was wrong. It counts as now, and only once: it
// would otherwise end each new session until that time comes.
func (r *revokedTokens) addBefore(username string, before, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if !now.Before(until) {
		return
	}
	user := r.ofUser(username)
	if before.After(now.Add(2 * clockLeeway)) { // revokeAll adds one, another replica's clock the other
		if before.Equal(user.ahead) {
			return
		}
		user.ahead, before = before, now
	}
	user.revokeBefore(before, until)
	r.dropCovered(user)
}

// correctsOnce reports whether a before in the future, of a snapshot that was applied, must be replaced
// there: a process that starts later would take it as its own now. It does so once for each date. A
// replica whose clock is still ahead would otherwise publish in turns with this one.
func (r *revokedTokens) correctsOnce(all []revokedBefore) (corrects bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range all {
		user := r.byUser[a.User]
		if user != nil && !user.ahead.IsZero() && a.Before.Equal(user.ahead) && !user.corrected.Equal(user.ahead) {
			user.corrected, corrects = user.ahead, true
		}
	}
	return corrects
}

func (u *userRevocations) revokeBefore(before, until time.Time) {
	u.before, u.until = latest(u.before, before), latest(u.until, until)
}

// covers reports whether the end of all earlier sessions ends this one, for as long as it must.
func (u *userRevocations) covers(id revokedID) bool {
	return !id.began.IsZero() && !id.began.After(u.before) && !id.until.After(u.until)
}

// dropCovered drops the IDs that the end of all earlier sessions covers. The caller must hold mu.
func (r *revokedTokens) dropCovered(user *userRevocations) {
	for id, revoked := range user.ids {
		if user.covers(revoked) {
			delete(user.ids, id)
			r.total--
		}
	}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// ofUser returns the revocations of a user. The caller must hold mu.
func (r *revokedTokens) ofUser(username string) *userRevocations {
	if r.byUser[username] == nil {
		r.byUser[username] = &userRevocations{ids: map[string]revokedID{}}
	}
	return r.byUser[username]
}

// dropExpired frees the memory of what has expired since it was revoked.
func (r *revokedTokens) dropExpired() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	r.dropExpiredIDs(now)
	for username, user := range r.byUser {
		if len(user.ids) == 0 && !now.Before(user.until) {
			delete(r.byUser, username)
		}
	}
}

// dropExpiredIDs drops the IDs that no valid token has any more. The caller must hold mu.
func (r *revokedTokens) dropExpiredIDs(now time.Time) {
	for _, user := range r.byUser {
		for id, revoked := range user.ids {
			if !now.Before(revoked.until) {
				delete(user.ids, id)
				r.total--
			}
		}
	}
}
