package auth

import (
	"cmp"
	"context"
	"log/slog"
)

// unknownUser replaces a username that belongs to no user. Such a name is never logged, because
// users sometimes type their password into the username field.
const unknownUser = "unknown"

// Audit writes one log line for each login and each write: the user, the action, its objects, the
// address and the outcome. The nil Audit writes nothing. It is safe for concurrent use.
type Audit struct{ logger *slog.Logger }

// NewAudit returns an audit that writes to logger, which is required, at [slog.LevelInfo].
func NewAudit(logger *slog.Logger) *Audit { return &Audit{logger: logger} }

// Event is an action of a caller, successful or not. No field may contain a secret, or text that
// the caller chose.
type Event struct {
	// Action is the name of the action, such as login or createTicket. Required.
	Action string
	// User is the username. Optional: the default is the context's [Caller], which a login lacks.
	User string
	// IDs are the objects of the action, such as client:26 or ticket:500. Optional.
	IDs []string
	// Outcome is "ok" or a fixed text of ours for the failure, never another error's text. Required.
	Outcome string
}

// Record writes the line of an event. The context supplies the caller, the address and the request
// ID, see [NewContext] and [WithSource]. It may be canceled already.
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
		slog.Any("ids", append([]string{}, e.IDs...)), // never nil, which JSON would show as null
		slog.String("outcome", e.Outcome),
		slog.String("request_id", source.RequestID),
	)
}
