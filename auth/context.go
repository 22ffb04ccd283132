package auth

import (
	"context"
	"time"
)

// Caller is somebody whose access token was good. The nil Caller is nobody and may do nothing.
type Caller struct {
	Username string
	// Scopes are those of the token that the user still has, in the order of [AllScopes].
	Scopes []Scope
	// ExpiresAt is when the token ends; a connection that outlives it must be closed then.
	ExpiresAt time.Time
	// TokenID tells the user's tokens apart. It is no secret: nothing can be done with it alone.
	TokenID string
	// password is the fingerprint of the hash that the user had when the token was issued; "" in those of older versions.
	password string
	issuedAt time.Time
	loggedIn time.Time // not later than issuedAt: the token may have been renewed
}

// Has reports whether the caller may do what the scope stands for.
func (c *Caller) Has(scope Scope) bool { return c != nil && grants(c.Scopes, scope) }

type contextKey struct{}

// NewContext returns a context that carries the caller.
func NewContext(ctx context.Context, caller *Caller) context.Context {
	return context.WithValue(ctx, contextKey{}, caller)
}

// FromContext returns the caller that the context carries, nil when there is none.
func FromContext(ctx context.Context) *Caller {
	caller, _ := ctx.Value(contextKey{}).(*Caller)
	return caller
}
