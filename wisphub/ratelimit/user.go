package ratelimit

import "context"

type userKey struct{}

// WithUser returns a context whose calls are made for a user. The name is only compared with other
// names. An empty one stands for no user.
func WithUser(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, userKey{}, name)
}

// UserFrom returns the name given to [WithUser], "" for none. A load that several callers wait for
// has the user of the first.
func UserFrom(ctx context.Context) string {
	name, _ := ctx.Value(userKey{}).(string)
	return name
}
