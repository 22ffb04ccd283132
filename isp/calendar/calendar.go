package calendar

import (
	"slices"
	"time"
)

// Calendar tells business days from others. It is immutable.
type Calendar struct {
	holidays func(year int) []time.Time // nil for none
	extra    map[string]bool            // by time.DateOnly
}

// New returns the calendar of one of [Countries]. Any other text, such as none, has no public
// holidays. Of the extra days without business only year, month and day count, each in its own
// zone.
func New(country string, extra []time.Time) *Calendar {
	c := &Calendar{holidays: countries[country], extra: make(map[string]bool, len(extra))}
	for _, day := range extra {
		c.extra[day.Format(time.DateOnly)] = true
	}
	return c
}

// After returns the same time of the day so many business days later, in the zone of start; start itself for none. A
// start at the weekend or on a holiday counts from there: one business day after a Saturday is Monday.
func (c *Calendar) After(start time.Time, businessDays int) time.Time {
	year, month, date := start.Date()
	day := time.Date(year, month, date, 0, 0, 0, 0, time.UTC) // where each day has 24 hours
	days := 0
	for businessDays > 0 {
		days++
		if c.isBusiness(day.AddDate(0, 0, days)) {
			businessDays--
		}
	}
	// At once: a step by way of a day that lacks this hour would end at another one.
	return start.AddDate(0, 0, days)
}

func (c *Calendar) isBusiness(day time.Time) bool {
	if day.Weekday() == time.Saturday || day.Weekday() == time.Sunday || c.extra[day.Format(time.DateOnly)] {
		return false
	}
	return c.holidays == nil || !slices.ContainsFunc(c.holidays(day.Year()), day.Equal)
}
