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
// address and the outcome. It limits the lines of refused requests. The nil Audit writes nothing.
// It is safe for concurrent use.
type Audit struct {
	logger   *slog.Logger
	refusals *refusals
}

// NewAudit returns an audit that writes to logger, which is required, at [slog.LevelInfo]. Close it
// after the last event.
func NewAudit(logger *slog.Logger) *Audit {
	a := &Audit{logger: logger}
	a.refusals = newRefusals(a.writeFurther)
	return a
}

// Event is an action of a caller, successful or not. No field may contain a secret, or text that
// the caller chose.
type Event struct {
	// Action is the name of the action, such as login or createTicket. Required.
	Action string
	// User is the username. Optional: the default is the context's [Caller], which a login lacks.
	User string
	// IDs are the objects of the action, such as client:26 or ticket:500. Optional.
	IDs []string
	// Changes are the names of the fields that a write changed. Amounts of money follow theirs, such
	// as "balance 65000.00 -> 0.00". Optional.
	Changes []string
	// Outcome is "ok" or a fixed text of ours for the failure, never another error's text. Required.
	Outcome string
}

// Record writes the line of an event. The context supplies the caller, the address and the request
// ID, see [NewContext] and [WithSource]. It may be canceled already.
//
// The outcome [OutcomeForbidden] and those of bad tokens are limited: of each address, user and
// action, the first is written at once. One line a minute has the count of the further ones.
func (a *Audit) Record(ctx context.Context, e Event) {
	if a == nil {
		return
	}
	source := SourceFrom(ctx)
	if caller := FromContext(ctx); e.User == "" && caller != nil {
		e.User = caller.Username
	}
	e.User = cmp.Or(e.User, unknownUser)
	count := 0
	if _, limited := refusalPeriods[e.Outcome]; limited {
		counted, first := a.refusals.add(refusalSource{e.Action, e.Outcome, e.User, networkOf(source.Address)})
		if !first {
			return
		}
		if count = 1; counted.network == otherSources {
			source.Address = otherSources
		}
	}
	a.write(ctx, e, source, count)
}

// Close writes the counts of refused requests that have no line yet.
func (a *Audit) Close() {
	if a != nil {
		a.refusals.Close()
	}
}

func (a *Audit) writeFurther(source refusalSource, further int) {
	event := Event{Action: source.action, User: source.user, Outcome: source.outcome}
	a.write(context.Background(), event, Source{Address: source.network}, further)
}

// write writes a line. Only lines of refused requests have a count, and only lines of writes have
// changes.
func (a *Audit) write(ctx context.Context, e Event, source Source, count int) {
	attrs := []slog.Attr{
		slog.String("action", e.Action),
		slog.String("user", e.User),
		slog.String("address", source.Address),
		slog.Any("ids", append([]string{}, e.IDs...)), // never nil, which JSON would show as null
	}
	if len(e.Changes) > 0 {
		attrs = append(attrs, slog.Any("changes", e.Changes))
	}
	attrs = append(attrs, slog.String("outcome", e.Outcome), slog.String("request_id", source.RequestID))
	if count > 0 {
		attrs = append(attrs, slog.Int("count", count))
	}
	a.logger.LogAttrs(ctx, slog.LevelInfo, "audit", attrs...)
}
