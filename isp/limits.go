package isp

// Limits of texts, in characters. A text at the limit is accepted. Those of phone numbers are in
// package phone.
const (
	// MaxProfileText limits each text in an [UpdateClientInput].
	MaxProfileText = 200
	// MaxSubject limits the subject of a ticket.
	MaxSubject = 200
	// MaxTicketText limits the description of a ticket, and the text of an answer.
	MaxTicketText = 5_000
	// MaxIdempotencyKey limits an idempotency key.
	MaxIdempotencyKey = 200
	// MaxTaskError limits why a task failed. A longer text ends with an ellipsis within the limit.
	MaxTaskError = 500
	// MaxSearchText limits a search.
	MaxSearchText = 200
	// MaxClaimText limits each text in an [IdentityClaim].
	MaxClaimText = 200
	// MaxLookupKey limits a document, phone number or username in a [ClientKey].
	MaxLookupKey = 100
)

// MaxBalanceDigits is how many digits a balance may have before the decimal point. It may have
// two after it.
const MaxBalanceDigits = 12

// Limits of counts.
const (
	// MaxFirst limits the size of a page.
	MaxFirst = 2_000
	// MinPings and MaxPings limit the probes of one ping. DefaultPings is their number if the caller
	// gives none.
	MinPings     = 1
	MaxPings     = 20
	DefaultPings = 4
	// MinClaimFields is how many fields of an [IdentityClaim] the caller must give.
	MinClaimFields = 3
	// MaxSearchWords limits the words of a search.
	MaxSearchWords = 16
	// MaxStateChange limits how many services one write may activate or suspend.
	MaxStateChange = 100
)
