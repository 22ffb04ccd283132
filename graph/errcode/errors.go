package errcode

import "errors"

// The reasons why a request or a stream is refused or ends. Package graph turns them into messages
// for callers.
var (
	ErrUnauthenticated = errors.New("the request has no valid token")
	ErrLoginNotAlone   = errors.New("login must be the only field of its operation")
	ErrLoginMisfit     = errors.New("the login does not fit the schema")
	ErrTokenExpired    = errors.New("the token expired while the stream was open")
	ErrTokenRevoked    = errors.New("the token was revoked while the stream was open")
	ErrNotSubscription = errors.New("a WebSocket takes subscriptions only")
	ErrOneField        = errors.New("a subscription must select exactly one field")
	ErrTooManyStreams  = errors.New("too many subscriptions on one WebSocket")
	ErrStreamBytes     = errors.New("too many bytes of documents of subscriptions")
	ErrNotTrusted      = errors.New("the document is not a trusted document")
	ErrUnknownDocument = errors.New("no trusted document has this id")
	ErrPanic           = errors.New("panic")
)
