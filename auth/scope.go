package auth

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Scope is a permission of a caller. Every scope includes [ScopeRead].
type Scope string

const (
	// ScopeRead permits reading clients, plans, tickets, tasks and catalogues.
	ScopeRead Scope = "READ"
	// ScopeSupport permits the writes of the help desk: tickets, pings, profile corrections.
	ScopeSupport Scope = "SUPPORT"
	// ScopeOperate permits changing the state of a service: activating and suspending clients.
	ScopeOperate Scope = "OPERATE"
	// ScopeBilling permits changing amounts of money: the balance of a client.
	ScopeBilling Scope = "BILLING"
	// ScopeAdmin permits refreshing the facade's data and ending other callers' sessions.
	ScopeAdmin Scope = "ADMIN"
)

// ErrForbidden is returned for an action that needs a scope which the caller lacks.
var ErrForbidden = errors.New("the caller lacks the scope")

var errUnknownScope = errors.New("unknown, want read, support, operate, billing or admin")

// AllScopes returns every scope, in the order in which lists of scopes are sorted.
func AllScopes() []Scope {
	return []Scope{ScopeRead, ScopeSupport, ScopeOperate, ScopeBilling, ScopeAdmin}
}

// ParseScopes reads a comma-separated list such as "read,support" in either case. The result
// always includes [ScopeRead]. An empty list and an unknown scope are errors. The error gives the
// position only, because the text could be a misplaced hash.
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

// grants reports whether the held scopes include want. Unknown scopes grant nothing.
func grants(held []Scope, want Scope) bool {
	if want == ScopeRead {
		return slices.ContainsFunc(held, Scope.known)
	}
	return want.known() && slices.Contains(held, want)
}

// intersection returns the scopes that both a and b grant, in the order of [AllScopes].
func intersection(a, b []Scope) []Scope {
	return slices.DeleteFunc(AllScopes(), func(s Scope) bool {
		return !grants(a, s) || !grants(b, s)
	})
}
