package isp

import (
	"slices"
	"time"
)

// calendar tells business days from others. It is immutable.
type calendar struct {
	colombian bool
	extra     map[Date]bool
}

// newCalendar returns the calendar of a country, "co", or of one without public holidays, "none". Of the extra days
// without business only year, month and day count, each in its own zone.
func newCalendar(country string, extra []time.Time) *calendar {
	c := &calendar{colombian: country == "co", extra: make(map[Date]bool, len(extra))}
	for _, day := range extra {
		c.extra[DateOf(day)] = true
	}
	return c
}

// after returns the same time of the day so many business days later, in the zone of start; start itself for none. A
// start at the weekend or on a holiday counts from there: one business day after a Saturday is Monday.
func (c *calendar) after(start time.Time, businessDays int) time.Time {
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

func (c *calendar) isBusiness(day time.Time) bool {
	if day.Weekday() == time.Saturday || day.Weekday() == time.Sunday || c.extra[DateOf(day)] {
		return false
	}
	return !c.colombian || !slices.ContainsFunc(colombianHolidays(day.Year()), day.Equal)
}
