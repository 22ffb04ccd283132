package isp

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Data sets are written as JSON for a restart and for other replicas. Keys that are unknown are passed over and those that
// are missing leave nothing, so that a neighbouring version can read them. What a set derives is not in it: the reader
// derives it again, by its own rules.

// errNoAge: without its age a set may not be served, and what is empty by mistake (null, {}) has none.
var errNoAge = errors.New("has no age")

// moment is a time on the way, in seconds since the zero time and nanoseconds. JSON's own form does not do: it has no
// seconds in an offset (Bogotá's was -04:56:16 until 1914), and no year 10000, which begins in UTC while it is still
// 9999 in Bogotá.
type moment [2]int64

var zeroSeconds = time.Time{}.Unix()

func momentOf(at time.Time) moment { return moment{at.Unix() - zeroSeconds, int64(at.Nanosecond())} }

// in is the time in a zone; the zero time, which stands for none, is in UTC as everywhere.
func (m moment) in(zone *time.Location) time.Time {
	if m == (moment{}) {
		return time.Time{}
	}
	return time.Unix(m[0]+zeroSeconds, m[1]).In(zone)
}

func encodeJSON[T any](value T) ([]byte, error) { return json.Marshal(value) }

// decodeJSON reads one record. It is never nil beside a nil error.
func decodeJSON[T any](data []byte) (*T, error) {
	record := new(T)
	if err := json.Unmarshal(data, record); err != nil {
		return nil, err
	}
	return record, nil
}

// decodeList reads the records that are any, those without an id and those that repeat one left out where records have
// ids; id is nil where they have none.
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

// planRecord is a plan of a list on the way.
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
