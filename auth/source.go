package auth

import "context"

// Source says where a request comes from. The zero Source stands for work that no request started.
type Source struct {
	// Address is the caller's IP address, without a port.
	Address string
	// RequestID is the ID that all log lines of the request carry.
	RequestID string
}

type sourceKey struct{}

// WithSource returns a context that carries the source.
func WithSource(ctx context.Context, source Source) context.Context {
	return context.WithValue(ctx, sourceKey{}, source)
}

// SourceFrom returns the source that the context carries, or the zero Source.
func SourceFrom(ctx context.Context) Source {
	source, _ := ctx.Value(sourceKey{}).(Source)
	return source
}
