package auth

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Scope is one thing that a caller may do. Every scope includes [ScopeRead].
type Scope string

const (
	// ScopeRead is for reading clients, plans, tickets, tasks and catalogues.
	ScopeRead Scope = "READ"
	// ScopeSupport is for writing to the help desk: tickets, pings, profile corrections.
	ScopeSupport Scope = "SUPPORT"
	// ScopeOperate is for changing service state: activating and suspending clients.
	ScopeOperate Scope = "OPERATE"
	// ScopeAdmin is for refreshing the facade's data and ending other callers' sessions.
	ScopeAdmin Scope = "ADMIN"
)

var errUnknownScope = errors.New("unknown, want read, support, operate or admin")

// AllScopes returns every scope, in the order in which they are always listed.
func AllScopes() []Scope {
	return []Scope{ScopeRead, ScopeSupport, ScopeOperate, ScopeAdmin}
}

// ParseScopes reads a comma list such as "read,support", in either case, and returns its scopes with [ScopeRead] among
// them. An empty list is an error, like an empty or an unknown word; the error names it by position only, because a
// misplaced hash could be standing there.
func ParseScopes(list string) ([]Scope, error) {
	var scopes []Scope
	for i, word := range strings.Split(list, ",") {
		scope := Scope(strings.ToUpper(strings.TrimSpace(word)))
		if !scope.known() {
			return nil, fmt.Errorf("scope %d: %w", i+1, errUnknownScope)
		}
		scopes = append(scopes, scope)
	}
	return intersection(scopes, AllScopes()), nil
}

func (s Scope) known() bool { return slices.Contains(AllScopes(), s) }

// grants reports whether somebody who holds these scopes may do want. Unknown scopes grant nothing.
func grants(held []Scope, want Scope) bool {
	if want == ScopeRead {
		return slices.ContainsFunc(held, Scope.known)
	}
	return want.known() && slices.Contains(held, want)
}

// intersection returns, in the usual order, the scopes that both a and b grant.
func intersection(a, b []Scope) []Scope {
	return slices.DeleteFunc(AllScopes(), func(s Scope) bool {
		return !grants(a, s) || !grants(b, s)
	})
}
