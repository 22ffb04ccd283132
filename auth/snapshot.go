package auth

import (
	"encoding/json"
	"fmt"
	"time"
)

// snapshot is the state that outlives a restart and that replicas share. It contains no token, and
// addresses only as a [hashedName]. The JSON keys are those of the first version.
type snapshot struct {
	Revoked        []revokedToken  `json:"ended,omitempty"`
	RevokedBefore  []revokedBefore `json:"before,omitempty"`
	KnownAddresses []knownAddress  `json:"homes,omitempty"`
}

// revokedToken is an ended session, or a token of one for older versions, which look for tokens only.
type revokedToken struct {
	User  string    `json:"user"`
	ID    string    `json:"id"`
	Began time.Time `json:"began,omitzero"` // when the session began; the first version has none
	Until time.Time `json:"until"`
}

type revokedBefore struct {
	User   string    `json:"user"`
	Before time.Time `json:"before"`
	Until  time.Time `json:"until"`
}

type knownAddress struct {
	Account hashedName `json:"account"`
	Address hashedName `json:"address"`
	Last    time.Time  `json:"last"`
}

// OnChange makes the service call changed whenever the [Service.Snapshot] changes in a way that
// other processes should learn: a session was ended, a user was removed, or a user logged in from
// a new address. Changed begins to save and returns at once; saved waits for the end of that, for a
// limited time, and returns an error if the state may not be saved. A logout waits, so that a finished
// one holds everywhere. A login does not. OnChange must be called before the service is used.
func (s *Service) OnChange(changed func() (saved func() error)) { s.onChange = changed }

// Snapshot returns the ended sessions and known addresses as JSON, for [Service.ApplySnapshot].
func (s *Service) Snapshot() []byte {
	var state snapshot
	s.revoked.appendTo(&state)
	s.knownAddresses.appendTo(&state)
	text, err := json.Marshal(state)
	if err != nil {
		panic(err) // impossible: strings and times
	}
	return text
}

// ApplySnapshot adds a [Service.Snapshot] of this or another process to the current state. It
// removes nothing. If the snapshot cannot be decoded, it returns an error and changes nothing.
func (s *Service) ApplySnapshot(text []byte) error {
	var state snapshot
	if err := json.Unmarshal(text, &state); err != nil {
		return fmt.Errorf("decode snapshot of sessions: %w", err)
	}
	for _, token := range state.Revoked {
		s.revoked.add(token.User, token.ID, token.Began, token.Until)
	}
	for _, all := range state.RevokedBefore {
		s.revoked.addBefore(all.User, all.Before, all.Until)
	}
	for _, address := range state.KnownAddresses {
		last := address.Last
		if now := time.Now(); last.After(now) { // by a clock that was wrong
			last = now
		}
		s.knownAddresses.add(address.Account, address.Address, last)
	}
	s.notifyRevoked()
	return nil
}

// Lacks reports whether the state has something that a [Service.Snapshot] of this or another
// process lacks. A snapshot that cannot be decoded lacks everything.
//
// What has expired here is not missed, so that replicas whose clocks differ do not publish in turns. A
// revocation that is dated in the future, by a clock that was wrong, counts as missing once.
func (s *Service) Lacks(text []byte) bool {
	var theirs, ours snapshot
	if err := json.Unmarshal(text, &theirs); err != nil {
		return true
	}
	s.revoked.appendTo(&ours)
	s.knownAddresses.appendTo(&ours)
	return s.revoked.correctsOnce(theirs.RevokedBefore) || missing(ours.Revoked, theirs.Revoked, func(t revokedToken) (string, time.Time) {
		return t.User + "\x00" + t.ID, time.Time{}
	}) || missing(ours.RevokedBefore, theirs.RevokedBefore, func(b revokedBefore) (string, time.Time) {
		return b.User, b.Before
	}) || missing(ours.KnownAddresses, theirs.KnownAddresses, func(a knownAddress) (string, time.Time) {
		return string(a.Account) + "\x00" + string(a.Address), time.Time{}
	})
}

// missing reports whether theirs lacks one of ours, or has it from an earlier time.
func missing[T any](ours, theirs []T, of func(T) (id string, at time.Time)) bool {
	known := make(map[string]time.Time, len(theirs))
	for _, entry := range theirs {
		id, at := of(entry)
		known[id] = at
	}
	for _, entry := range ours {
		id, at := of(entry)
		if theirAt, found := known[id]; !found || at.After(theirAt) {
			return true
		}
	}
	return false
}

func (r *revokedTokens) appendTo(state *snapshot) {
	r.dropExpired()
	r.mu.RLock()
	defer r.mu.RUnlock()
	for username, user := range r.byUser {
		for id, revoked := range user.ids {
			state.Revoked = append(state.Revoked, revokedToken{username, id, revoked.began, revoked.until})
		}
		if !user.before.IsZero() {
			all := revokedBefore{username, user.before, user.until}
			state.RevokedBefore = append(state.RevokedBefore, all)
		}
	}
}

func (k *knownAddresses) appendTo(state *snapshot) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for account, addresses := range k.byAccount {
		for address, last := range addresses {
			if time.Since(last) < knownAddressLifetime {
				state.KnownAddresses = append(state.KnownAddresses, knownAddress{account, address, last})
			}
		}
	}
}
