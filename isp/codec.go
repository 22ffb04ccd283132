package isp

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Data sets are encoded as JSON on disk and for other replicas. Unknown keys are ignored and
// missing ones are zero, so that the previous and the next version can read them. Derived fields
// are not encoded: each reader derives them by its own rules.

// errNoAge means that a record lacks the time at which it was made. A set without its age must not
// be served. Records that are empty by mistake, such as null and {}, lack it.
var errNoAge = errors.New("the time at which it was made is missing")

// moment is a time in its encoded form: seconds since the zero time, and nanoseconds. The JSON
// form of [time.Time] would lose seconds of an offset, which was -04:56:16 in Bogotá until 1914.
// It also fails for the year 10000, which begins in UTC while it is 9999 in Bogotá.
type moment [2]int64

var zeroSeconds = time.Time{}.Unix()

func momentOf(at time.Time) moment { return moment{at.Unix() - zeroSeconds, int64(at.Nanosecond())} }

// in returns the time in a zone. The zero time, which stands for none, stays in UTC.
func (m moment) in(zone *time.Location) time.Time {
	if m == (moment{}) {
		return time.Time{}
	}
	return time.Unix(m[0]+zeroSeconds, m[1]).In(zone)
}

// past is in for the time at which something was done. A time in the future, by a clock that was
// wrong, counts as now.
func (m moment) past(zone *time.Location) time.Time {
	at := m.in(zone)
	if now := time.Now(); at.After(now) {
		return now.In(zone)
	}
	return at
}

func encodeJSON[T any](value T) ([]byte, error) { return json.Marshal(value) }

// decodeJSON decodes one record. It is not nil if the error is nil.
func decodeJSON[T any](data []byte) (*T, error) {
	record := new(T)
	if err := json.Unmarshal(data, record); err != nil {
		return nil, err
	}
	return record, nil
}

// decodeList decodes a list of records and leaves out null. If id is not nil, it also leaves out
// records without an id and those that repeat one.
func decodeList[T any](data []byte, id func(*T) int) ([]*T, error) {
	var records []*T
	if err := json.Unmarshal(data, &records); err != nil {
		return nil, err
	}
	list, seen := make([]*T, 0, len(records)), map[int]bool{}
	for _, record := range records {
		if record == nil || id != nil && (id(record) <= 0 || seen[id(record)]) {
			continue
		}
		if id != nil {
			seen[id(record)] = true
		}
		list = append(list, record)
	}
	return list, nil
}

// planRecord is a plan of a list in its encoded form.
type planRecord struct {
	ID   int      `json:"id"`
	Name string   `json:"name,omitzero"`
	Type PlanType `json:"type,omitzero"`
}

func encodePlanList(list *planList) ([]byte, error) {
	records := make([]planRecord, len(list.plans))
	for i, plan := range list.plans {
		records[i] = planRecord{plan.PlanID, plan.Name, list.types[plan.PlanID]}
	}
	return json.Marshal(records)
}

func decodePlanList(data []byte) (*planList, error) {
	var records []planRecord
	if err := json.Unmarshal(data, &records); err != nil {
		return nil, fmt.Errorf("plans: %w", err)
	}
	list := &planList{types: make(map[int]PlanType, len(records))}
	for _, record := range records {
		switch record.Type {
		case PlanPPPoE, PlanSimpleQueue, PlanPCQ:
		default:
			record.Type = PlanTypeUnknown
		}
		list.add(record.ID, record.Name, record.Type)
	}
	return list, nil
}
