package isp

import (
	"context"
	"errors"
	"strings"
)

// Write is a write as the audit has it.
type Write struct {
	// Action is the write's name: updateClient, createTicket …
	Action string
	// IDs are what it was about, such as client:26.
	IDs []string
	// Outcome is ok, failed, outcome unknown, repeated for one that was answered from memory, or the lower-case code of a
	// [UserError].
	Outcome string
}

// payload is what every write returns.
type payload interface {
	faults() []*UserError
	isRepeated() bool // it tells of an earlier write, whose key the caller sent again
}

func (p *UpdateClientPayload) faults() []*UserError { return p.UserErrors }
func (p *ServiceStatePayload) faults() []*UserError { return p.UserErrors }
func (p *PingPayload) faults() []*UserError         { return p.UserErrors }
func (p *TicketPayload) faults() []*UserError       { return p.UserErrors }

func (p *UpdateClientPayload) isRepeated() bool { return false }
func (p *ServiceStatePayload) isRepeated() bool { return false }
func (p *PingPayload) isRepeated() bool         { return false }
func (p *TicketPayload) isRepeated() bool       { return p.repeated }

// audited does a write and tells the audit what became of it, also when it panics. After Close nothing is written.
func audited[P payload](ctx context.Context, d *Desk, action string, about func(P) []string, write func(ctx context.Context) (P, error)) (written P, err error) {
	if !d.enter() {
		return written, errDeskClosed
	}
	defer d.writing.Done()
	result := "failed"
	defer func() { d.cfg.Audit(ctx, Write{Action: action, IDs: about(written), Outcome: result}) }()
	// What waits, for a lock or a look-up, ends with Close as well.
	waiting, cancel := context.WithCancelCause(ctx)
	defer context.AfterFunc(d.open, func() { cancel(errDeskClosed) })()
	defer cancel(nil)
	written, err = write(waiting)
	if errors.Is(err, context.Canceled) && d.open.Err() != nil && !errors.Is(err, ErrOutcomeUnknown) {
		err = errDeskClosed
	}
	result = resultOf(written, err)
	return written, err
}

// resultOf is the outcome of a write in the words of the audit.
func resultOf(payload payload, err error) string {
	if errors.Is(err, ErrOutcomeUnknown) {
		return "outcome unknown"
	}
	if err != nil {
		return "failed"
	}
	switch wrong := payload.faults(); {
	case payload.isRepeated():
		return "repeated"
	case len(wrong) > 0:
		return strings.ToLower(string(wrong[0].Code))
	}
	return "ok"
}
