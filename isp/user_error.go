package isp

// UserError is something about a write that the caller can correct. A write that answers one has changed nothing, but for
// [CodeNotApplied] beside fields that did stick.
type UserError struct {
	// Field is the path of the input field at fault, for example ["input", "phone"]; empty when the input as a whole is
	// refused. Never nil.
	Field   []string
	Message string
	Code    UserErrorCode
}

// UserErrorCode tells programs what is wrong.
type UserErrorCode string

// Why a write was refused.
const (
	CodeInvalid  UserErrorCode = "INVALID"
	CodeRequired UserErrorCode = "REQUIRED"
	CodeNotFound UserErrorCode = "NOT_FOUND"
	// CodeZoneTicketLimitReached: the zone already has its maximum of active tickets.
	CodeZoneTicketLimitReached UserErrorCode = "ZONE_TICKET_LIMIT_REACHED"
	// CodeNotApplied: WispHub answered success, but a fresh read shows the old value.
	CodeNotApplied UserErrorCode = "NOT_APPLIED"
	// CodeRefused: WispHub refused the values, in words of its own.
	CodeRefused UserErrorCode = "REFUSED"
)

// userErrors collects what is wrong with one input.
type userErrors []*UserError

func (e *userErrors) add(code UserErrorCode, message string, field ...string) {
	if field == nil {
		field = []string{}
	}
	*e = append(*e, &UserError{Field: field, Message: message, Code: code})
}
