package isp

import "time"

// maxZoneOffset is more than any zone differs from UTC.
const maxZoneOffset = 26 * time.Hour

// dayRange is a range of calendar days. It tells whether an instant lies on one of them in the
// instant's own zone. Only near its ends does it need the instant's day: a day may have 23 hours,
// or lie in two pieces where clocks are put back at midnight.
type dayRange struct {
	from, to *Date // nil is no limit
	outer    span  // has all instants that may lie in the range
	inner    span  // has only instants that lie in the range
}

// span is the instants from a start to before an end.
type span struct{ start, end time.Time }

func (s span) has(at time.Time) bool { return !at.Before(s.start) && at.Before(s.end) }

var (
	firstInstant = time.Time{}.Add(1) // the zero time is no day
	lastInstant  = time.Unix(1<<40, 0)
)

func newDayRange(from, to *Date) dayRange {
	r := dayRange{from: from, to: to}
	r.outer, r.inner = span{firstInstant, lastInstant}, span{firstInstant, lastInstant}
	if from != nil {
		r.outer.start, r.inner.start = aroundStart(*from, 0)
	}
	if to != nil {
		r.inner.end, r.outer.end = aroundStart(*to, 1)
	}
	return r
}

// aroundStart returns an instant at which the day so many days after another has begun in no zone, and
// one at which it has begun in all zones. For text that is no day it returns the first and the last
// instant.
func aroundStart(day Date, daysAfter int) (none, all time.Time) {
	midnight, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return firstInstant, lastInstant
	}
	midnight = midnight.AddDate(0, 0, daysAfter)
	return midnight.Add(-maxZoneOffset), midnight.Add(maxZoneOffset)
}

// isOpen reports whether the range has no limits.
func (r *dayRange) isOpen() bool { return r.from == nil && r.to == nil }

// has reports whether the day of the instant is in the range. The zero time is no day, which only a
// range without limits has.
func (r *dayRange) has(at time.Time) bool {
	switch {
	case r.isOpen():
		return true
	case at.IsZero(), !r.outer.has(at):
		return false
	case r.inner.has(at):
		return true
	}
	var text [len("2006-01-02")]byte
	day := at.AppendFormat(text[:0], time.DateOnly)
	return (r.from == nil || string(day) >= string(*r.from)) && (r.to == nil || string(day) <= string(*r.to))
}
