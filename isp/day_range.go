package isp

import (
	"math"
	"time"
)

// maxZoneOffset is more than any zone differs from UTC.
const maxZoneOffset = 26 * time.Hour

// dayRange is a range of calendar days. It tells whether an instant lies on one of them in the
// instant's own zone, where a day may have 23 hours, or two pieces if clocks are put back at midnight.
// Text that is no day, which [ParseDate] refuses, makes an empty range.
type dayRange struct {
	from, to *Date // nil is no limit
	// start and end are what a clock shows, in seconds since 1970-01-01 00:00. The end is excluded.
	start, end int64
	outer      span // has all instants that may lie in the range
	inner      span // has only instants that lie in the range
}

// span is the instants from a start to before an end.
type span struct{ start, end time.Time }

var (
	firstInstant = time.Time{}.Add(1) // the zero time is no day
	lastInstant  = time.Unix(1<<40, 0)
)

func newDayRange(from, to *Date) dayRange {
	r := dayRange{from: from, to: to, start: math.MinInt64, end: math.MaxInt64}
	r.outer = span{firstInstant, lastInstant}
	r.inner = r.outer
	if from != nil {
		start := midnight(*from, lastInstant)
		r.start, r.outer.start, r.inner.start = start.Unix(), start.Add(-maxZoneOffset), start.Add(maxZoneOffset)
	}
	if to != nil {
		end := midnight(*to, firstInstant).AddDate(0, 0, 1)
		r.end, r.outer.end, r.inner.end = end.Unix(), end.Add(maxZoneOffset), end.Add(-maxZoneOffset)
	}
	return r
}

// midnight returns the start of a day in UTC, or the other time if the text is no day.
func midnight(day Date, other time.Time) time.Time {
	if at, err := time.Parse(time.DateOnly, string(day)); err == nil {
		return at
	}
	return other
}

// isOpen reports whether the range has no limits.
func (r *dayRange) isOpen() bool { return r.from == nil && r.to == nil }

// has reports whether the day of the instant is in the range. The zero time is no day, which only a
// range without limits has.
func (r *dayRange) has(at time.Time) bool {
	if r.isOpen() || at.IsZero() {
		return r.isOpen()
	}
	_, offset := at.Zone()
	clock := at.Unix() + int64(offset)
	return r.start <= clock && clock < r.end
}
