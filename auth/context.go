package auth

import (
	"context"
	"time"
)

// Caller is the user named by a valid access token. The nil Caller is unauthenticated: it has no
// scopes.
type Caller struct {
	Username string
	// Scopes are the scopes of the token that the user still has, in the order of [AllScopes].
	Scopes []Scope
	// ExpiresAt is when the token expires. A connection must be closed then.
	ExpiresAt time.Time
	// TokenID identifies the token. It is not a secret: it grants nothing without the token.
	TokenID string
	// password is the fingerprint of the user's hash when the token was issued. Tokens issued by
	// older versions have none.
	password string
	// session is that of the token. A token of an older version has none: it begins one that has the
	// token's ID, which its renewals keep.
	session session
}

// Has reports whether the caller holds the scope. It is false for the nil Caller.
func (c *Caller) Has(scope Scope) bool { return c != nil && grants(c.Scopes, scope) }

type callerKey struct{}

// NewContext returns a context that carries the caller.
func NewContext(ctx context.Context, caller *Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

// FromContext returns the caller that the context carries, or nil.
func FromContext(ctx context.Context) *Caller {
	caller, _ := ctx.Value(callerKey{}).(*Caller)
	return caller
}
