package isp

// UserError is a mistake in the input of a write, which the caller can correct. A write that
// returns one has changed nothing, except that beside [CodeNotApplied] other fields may have been
// changed.
type UserError struct {
	// Field is the path of the input field, for example ["input", "phone"]. It is empty if the error
	// is about the input as a whole, and never nil.
	Field   []string
	Message string
	Code    UserErrorCode
}

// UserErrorCode names the kind of mistake for programs.
type UserErrorCode string

// The codes of user errors.
const (
	CodeInvalid  UserErrorCode = "INVALID"
	CodeRequired UserErrorCode = "REQUIRED"
	CodeNotFound UserErrorCode = "NOT_FOUND"
	// CodeZoneTicketLimitReached means that the zone already has its maximum of active tickets.
	CodeZoneTicketLimitReached UserErrorCode = "ZONE_TICKET_LIMIT_REACHED"
	// CodeNotApplied means that WispHub answered success, but a fresh read shows the old value.
	CodeNotApplied UserErrorCode = "NOT_APPLIED"
	// CodeRefused means that WispHub rejected the values. The message is WispHub's.
	CodeRefused UserErrorCode = "REFUSED"
)

// userErrors collects the mistakes in one input.
type userErrors []*UserError

func (e *userErrors) add(code UserErrorCode, message string, field ...string) {
	if field == nil {
		field = []string{}
	}
	*e = append(*e, &UserError{Field: field, Message: message, Code: code})
}
