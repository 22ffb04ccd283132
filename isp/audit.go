package isp

import (
	"errors"
	"strings"

	"wisphub-graphql/auth"
)

// Write is a write as the audit log records it.
type Write struct {
	// Action is the write's name: updateClient, createTicket …
	Action string
	// IDs name what it was about, such as client:26.
	IDs []string
	// Changes name the fields that changed, as a fresh read shows, or that the caller asked to change
	// if the outcome is unknown. A balance has the old and the new amount. Nil if nothing changed.
	Changes []string
	// Outcome is one of ok, failed, forbidden, outcome unknown, and repeated, which means that the result was
	// that of an earlier write with the same key. For a refused write it is the lower-case code of
	// its first [UserError].
	Outcome string
}

// mutationPayload is the result of any write. It is a nil pointer if the write has none.
type mutationPayload interface {
	comparable
	faults() []*UserError
	isRepeated() bool // the caller repeated a key, and this is the first result
}

func (p *UpdateClientPayload) faults() []*UserError { return p.UserErrors }
func (p *ServiceStatePayload) faults() []*UserError { return p.UserErrors }
func (p *PingPayload) faults() []*UserError         { return p.UserErrors }
func (p *TicketPayload) faults() []*UserError       { return p.UserErrors }

func (p *UpdateClientPayload) isRepeated() bool { return false }
func (p *ServiceStatePayload) isRepeated() bool { return false }
func (p *PingPayload) isRepeated() bool         { return false }
func (p *TicketPayload) isRepeated() bool       { return p.repeated }

// auditOutcome returns the [Write] outcome. A payload of nil without an error means that the write
// panicked.
func auditOutcome[P mutationPayload](payload P, err error) string {
	var none P
	switch {
	case errors.Is(err, ErrOutcomeUnknown):
		return outcomeIsUnknown
	case errors.Is(err, auth.ErrForbidden):
		return auth.OutcomeForbidden
	case err != nil, payload == none:
		return "failed"
	case payload.isRepeated():
		return "repeated"
	case len(payload.faults()) > 0:
		return strings.ToLower(string(payload.faults()[0].Code))
	}
	return outcomeOK
}

// The outcomes of writes that may have changed something.
const (
	outcomeOK         = "ok"
	outcomeIsUnknown  = "outcome unknown"
	outcomeNotApplied = "not_applied" // some of the fields were not
)
