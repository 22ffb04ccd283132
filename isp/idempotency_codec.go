package isp

import (
	"fmt"
	"slices"
	"time"

	"wisphub-graphql/cache/shared"
)

// writeResult is the result of a write that was sent.
type writeResult struct {
	ticketID   int // 0 for none
	userErrors []*UserError
	unknown    bool    // WispHub may have carried it out, or not
	ticket     *Ticket // as read back; not recorded
	cause      error   // why the outcome is unknown, for the log; not recorded
}

// idempotencyRecord is a [writeResult] in its encoded form. It is immutable.
type idempotencyRecord struct {
	Began    moment            `json:"began"`
	Known    bool              `json:"known,omitzero"` // a record without it is unknown
	TicketID int               `json:"ticketId,omitzero"`
	Errors   []userErrorRecord `json:"errors,omitzero"`
}

// userErrorRecord is a [UserError] in its encoded form.
type userErrorRecord struct {
	Field   []string      `json:"field,omitzero"`
	Message string        `json:"message,omitzero"`
	Code    UserErrorCode `json:"code"`
}

func newIdempotencyRecord(began moment, result *writeResult) *idempotencyRecord {
	record := &idempotencyRecord{Began: began, Known: !result.unknown, TicketID: result.ticketID}
	for _, e := range result.userErrors {
		record.Errors = append(record.Errors, userErrorRecord{slices.Clone(e.Field), e.Message, e.Code})
	}
	return record
}

// result returns a copy, which the caller may change.
func (r *idempotencyRecord) result() *writeResult {
	result := &writeResult{unknown: !r.Known, ticketID: r.TicketID}
	for _, e := range r.Errors {
		result.userErrors = append(result.userErrors, &UserError{append([]string{}, e.Field...), e.Message, e.Code})
	}
	return result
}

// age returns how long ago the write began.
func (r *idempotencyRecord) age() time.Duration { return time.Since(r.Began.in(time.UTC)) }

// addTo stores a record. A known one is final. An unknown one replaces none: another replica may have
// recorded the result.
func (r *idempotencyRecord) addTo(batch *shared.Batch, name string) {
	data, err := encodeJSON(r)
	switch ttl := idempotencyTTL - r.age(); {
	case batch == nil || err != nil:
	case r.Known:
		batch.Set(name, data, ttl)
	default:
		batch.SetNew(name, data, ttl)
	}
}

// publish tells the other replicas of a known record.
func (r *idempotencyRecord) publish(batch *shared.Batch, name string) {
	if data, err := encodeJSON(r); err == nil && batch != nil && r.Known {
		batch.Publish(topicRecords, name+"\n"+string(data))
	}
}

// removeFrom removes a record of a write that was not carried out. It leaves other records of the
// name, and known ones.
func (r *idempotencyRecord) removeFrom(batch *shared.Batch, name string) {
	if data, err := encodeJSON(r); err == nil && batch != nil && !r.Known {
		batch.DeleteIf(name, data)
	}
}

// decodeIdempotencyRecord reads a record. One with invalid contents counts as unknown and is no
// error, so that its key is not used again.
func decodeIdempotencyRecord(data []byte) (*idempotencyRecord, error) {
	record, err := decodeJSON[idempotencyRecord](data)
	if err != nil {
		return nil, fmt.Errorf("idempotency record: %w", err)
	}
	if record.Began == (moment{}) {
		return nil, fmt.Errorf("idempotency record: %w", errNoAge)
	}
	record.Began = momentOf(record.Began.past(time.UTC))
	if record.TicketID < 0 || slices.ContainsFunc(record.Errors, func(e userErrorRecord) bool { return e.Code == "" }) {
		return &idempotencyRecord{Began: record.Began}, nil
	}
	return record, nil
}
