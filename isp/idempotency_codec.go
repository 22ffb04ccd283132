package isp

import (
	"fmt"
	"slices"
	"time"
)

// idempotencyRecord is an [writeResult] that was sent, or may have been, as it is remembered and on the way. It is immutable.
type idempotencyRecord struct {
	Began    moment            `json:"began"`
	Known    bool              `json:"known,omitzero"` // what is missing on the way is unknown
	TicketID int               `json:"ticketId,omitzero"`
	Errors   []userErrorRecord `json:"errors,omitzero"`
}

// userErrorRecord is a [UserError] on the way.
type userErrorRecord struct {
	Field   []string      `json:"field,omitzero"`
	Message string        `json:"message,omitzero"`
	Code    UserErrorCode `json:"code"`
}

func newIdempotencyRecord(began moment, o *writeResult) *idempotencyRecord {
	record := &idempotencyRecord{Began: began, Known: !o.unknown, TicketID: o.ticketID}
	for _, e := range o.userErrors {
		record.Errors = append(record.Errors, userErrorRecord{slices.Clone(e.Field), e.Message, e.Code})
	}
	return record
}

// result returns a copy, which is the caller's.
func (r *idempotencyRecord) result() *writeResult {
	o := &writeResult{sent: true, unknown: !r.Known, ticketID: r.TicketID}
	for _, e := range r.Errors {
		o.userErrors = append(o.userErrors, &UserError{append([]string{}, e.Field...), e.Message, e.Code})
	}
	return o
}

// age is how long ago the write began.
func (r *idempotencyRecord) age() time.Duration { return time.Since(r.Began.in(time.UTC)) }

// decodeIdempotencyRecord reads an outcome. One that makes no sense is unknown rather than an error, so that the key is not used again.
func decodeIdempotencyRecord(data []byte) (*idempotencyRecord, error) {
	record, err := decodeJSON[idempotencyRecord](data)
	if err != nil {
		return nil, fmt.Errorf("outcomes: %w", err)
	}
	if record.Began == (moment{}) {
		return nil, fmt.Errorf("outcomes: the write %w", errNoAge)
	}
	if record.TicketID < 0 || slices.ContainsFunc(record.Errors, func(e userErrorRecord) bool { return e.Code == "" }) {
		return &idempotencyRecord{Began: record.Began}, nil
	}
	return record, nil
}
