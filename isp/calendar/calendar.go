// Package calendar counts business days, with Colombia's public holidays and further days without
// business.
package calendar

import (
	"slices"
	"time"
)

// Calendar tells business days from other days. It is immutable.
type Calendar struct {
	holidays func(year int) []time.Time // nil for none
	extra    map[string]bool            // by time.DateOnly
}

// New returns the calendar of one of [Countries]. Any other text, such as none, has no public
// holidays. The extra days are not business days either. Only their year, month and day count, each
// in its own zone.
func New(country string, extra []time.Time) *Calendar {
	c := &Calendar{holidays: countries[country], extra: make(map[string]bool, len(extra))}
	for _, day := range extra {
		c.extra[day.Format(time.DateOnly)] = true
	}
	return c
}

// After returns the same time of day the given number of business days after start, in the zone
// of start. It returns start itself for 0 or fewer. If start is no business day, the count begins
// there too: one business day after a Saturday is Monday.
func (c *Calendar) After(start time.Time, businessDays int) time.Time {
	year, month, date := start.Date()
	day := time.Date(year, month, date, 0, 0, 0, 0, time.UTC) // in UTC each day has 24 hours
	days := 0
	for businessDays > 0 {
		days++
		if c.isBusinessDay(day.AddDate(0, 0, days)) {
			businessDays--
		}
	}
	// Add all days in one step. Stepping day by day would change the hour for good on a day that
	// lacks it because of daylight saving.
	return start.AddDate(0, 0, days)
}

func (c *Calendar) isBusinessDay(day time.Time) bool {
	if day.Weekday() == time.Saturday || day.Weekday() == time.Sunday || c.extra[day.Format(time.DateOnly)] {
		return false
	}
	return c.holidays == nil || !slices.ContainsFunc(c.holidays(day.Year()), day.Equal)
}
