package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// state is what a service should still know after a restart, and what its replicas should know too. There is no token in it, and
// of addresses digests only.
type state struct {
	Ended  []endedToken  `json:"ended,omitempty"`
	Before []endedBefore `json:"before,omitempty"`
	Homes  []home        `json:"homes,omitempty"`
}

type endedToken struct {
	User  string    `json:"user"`
	ID    string    `json:"id"`
	Until time.Time `json:"until"`
}

type endedBefore struct {
	User   string    `json:"user"`
	Before time.Time `json:"before"`
	Until  time.Time `json:"until"`
}

type home struct {
	Account digest    `json:"account"`
	Address digest    `json:"address"`
	Last    time.Time `json:"last"`
}

// KeepWith has keep called after each change of the [Service.Snapshot] that other processes should hear of: a token was ended,
// or a user has logged in from a new address. The request waits for it, so that who has been told of a logout can rely on it. It
// must be called before the service is used.
func (s *Service) KeepWith(keep func(ctx context.Context)) { s.keep = keep }

// Snapshot returns which tokens were ended before their time, and from where users have logged in.
func (s *Service) Snapshot() []byte {
	var kept state
	s.ended.list(&kept)
	s.homes.list(&kept)
	text, err := json.Marshal(kept)
	if err != nil {
		panic(err) // texts and times
	}
	return text
}

// Merge adds what a [Service.Snapshot] of this or another process tells. Nothing is forgotten for it. What cannot be read is an
// error, and changes nothing.
func (s *Service) Merge(snapshot []byte) error {
	var kept state
	if err := json.Unmarshal(snapshot, &kept); err != nil {
		return fmt.Errorf("read sessions: %w", err)
	}
	for _, token := range kept.Ended {
		s.ended.add(token.User, token.ID, token.Until)
	}
	for _, all := range kept.Before {
		s.ended.addBefore(all.User, all.Before, all.Until)
	}
	for _, h := range kept.Homes {
		s.homes.add(h.Account, h.Address, h.Last)
	}
	s.tellEnded()
	return nil
}

func (e *ended) list(into *state) {
	e.forget()
	e.mu.RLock()
	defer e.mu.RUnlock()
	for user, of := range e.byUser {
		for id, until := range of.tokens {
			into.Ended = append(into.Ended, endedToken{user, id, until})
		}
		if !of.before.IsZero() {
			into.Before = append(into.Before, endedBefore{user, of.before, of.until})
		}
	}
}

func (h *homes) list(into *state) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for account, addresses := range h.byAccount {
		for address, last := range addresses {
			if time.Since(last) < homeLasts {
				into.Homes = append(into.Homes, home{account, address, last})
			}
		}
	}
}
