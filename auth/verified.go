package auth

import "context"

type verifiedKey struct{}

// WithVerified returns a context whose requests report each valid token: [Service.Authenticate]
// calls verified, on the goroutine of the request. A header alone proves nothing about a caller.
func WithVerified(ctx context.Context, verified func(*Caller)) context.Context {
	return context.WithValue(ctx, verifiedKey{}, verified)
}

func reportVerified(ctx context.Context, caller *Caller) {
	if verified, ok := ctx.Value(verifiedKey{}).(func(*Caller)); ok {
		verified(caller)
	}
}
