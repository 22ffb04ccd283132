package auth

import "context"

// Source says where a request comes from. The zero Source stands for work that no request started.
type Source struct {
	// Address is the caller's IP address, without a port.
	Address string
	// RequestID is the ID that all log lines of the request carry.
	RequestID string
}

// WithSource returns a context of one request, that carries the source. [Service.Authenticate] puts
// the request's caller into it. Requests must not share it.
func WithSource(ctx context.Context, source Source) context.Context {
	return &requestState{Context: ctx, source: source}
}

// SourceFrom returns the source that the context carries, or the zero Source.
func SourceFrom(ctx context.Context) Source {
	if request := requestOf(ctx); request != nil {
		return request.source
	}
	return Source{}
}

// requestState is what is known about a request, in one value. Another context for each fact, with
// a copy of the request for each of these, would cost more than the rest of a small request.
//
// Authenticate writes the caller, before it calls the handler. All others only read.
type requestState struct {
	context.Context
	source   Source
	caller   *Caller // nil for none
	badToken bool    // it sent a token that is not valid
}

type requestKey struct{}

// Value implements [context.Context].
func (c *requestState) Value(key any) any {
	switch key {
	case requestKey{}:
		return c
	case callerKey{}:
		if c.caller != nil {
			return c.caller
		}
	case badTokenKey{}:
		if c.badToken {
			return true
		}
	}
	return c.Context.Value(key)
}

// requestOf returns nil for the context of something else than a request.
func requestOf(ctx context.Context) *requestState {
	request, _ := ctx.Value(requestKey{}).(*requestState)
	return request
}
