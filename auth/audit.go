package auth

import (
	"cmp"
	"context"
	"log/slog"
)

// unknownUser stands for whoever nothing is known of. A name that is no user's is never logged: people type their password
// into the wrong field.
const unknownUser = "unknown"

// Audit writes a line for each login and each write: who did what, on what, from where, and how it ended. The nil Audit
// writes nothing. It is safe for concurrent use.
type Audit struct{ logger *slog.Logger }

// NewAudit returns an audit that writes to logger, which is required, at [slog.LevelInfo].
func NewAudit(logger *slog.Logger) *Audit { return &Audit{logger: logger} }

// Event is one thing that somebody did, or tried. No field may hold a secret, nor text that the caller has made up.
type Event struct {
	// Action is the name of what was done: login, createTicket. Required.
	Action string
	// User is who did it. Optional, the context's [Caller]: a login has none yet.
	User string
	// IDs are what it was done on: client:26, ticket:500. Optional, nothing.
	IDs []string
	// Outcome is ok, or one of our own fixed words for what went wrong, and never another's error text. Required.
	Outcome string
}

// Record writes the line of an event. Who asks, from where and in which request it reads from the context, see
// [NewContext] and [WithSource]; that the context has ended does not matter.
func (a *Audit) Record(ctx context.Context, e Event) {
	if a == nil {
		return
	}
	user, source := e.User, SourceFrom(ctx)
	if caller := FromContext(ctx); user == "" && caller != nil {
		user = caller.Username
	}
	a.logger.LogAttrs(ctx, slog.LevelInfo, "audit",
		slog.String("action", e.Action),
		slog.String("user", cmp.Or(user, unknownUser)),
		slog.String("address", source.Address),
		slog.Any("ids", append([]string{}, e.IDs...)), // not nil, which JSON would call null
		slog.String("outcome", e.Outcome),
		slog.String("request_id", source.RequestID),
	)
}
