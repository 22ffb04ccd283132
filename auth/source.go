package auth

import "context"

// Source is where a request comes from. The zero Source is nowhere: what the program does by itself.
type Source struct {
	// Address is the caller's IP address, without a port.
	Address string
	// RequestID is the request's id, by which its other log lines are found.
	RequestID string
}

type sourceKey struct{}

// WithSource returns a context that carries the source.
func WithSource(ctx context.Context, source Source) context.Context {
	return context.WithValue(ctx, sourceKey{}, source)
}

// SourceFrom returns the source that the context carries, the zero Source when there is none.
func SourceFrom(ctx context.Context) Source {
	source, _ := ctx.Value(sourceKey{}).(Source)
	return source
}
