package calendar

import (
	"slices"
	"time"
)

// law is the list of a country's holidays.
type law []holiday

// holidays returns the public holidays in a year, in no order. Two may fall on one day.
func (l law) holidays(year int) []time.Time {
	var days []time.Time
	for _, of := range []int{year, year + 1} { // New Year's Day may move into December
		for _, h := range l {
			if day, ok := h.in(of); ok && day.Year() == year {
				days = append(days, day)
			}
		}
	}
	return days
}

// holiday is one public holiday. Its methods return a changed copy, so that a table reads like the
// law.
type holiday struct {
	date  func(year int) time.Time // at midnight UTC
	move  move
	first int            // the first year, or 0
	every int            // years from one to the next, counted from first; 0 means each year
	days  []time.Weekday // it is a holiday on these only; nil means on all
}

// move is by how many days a holiday moves, indexed by the weekday of its date.
type move [7]int

// in returns the day of rest that the holiday gives in a year, or false for none.
func (h holiday) in(year int) (day time.Time, ok bool) {
	if year < h.first || h.every > 0 && (year-h.first)%h.every != 0 {
		return time.Time{}, false
	}
	day = h.date(year)
	if h.days != nil && !slices.Contains(h.days, day.Weekday()) {
		return time.Time{}, false
	}
	return day.AddDate(0, 0, h.move[day.Weekday()]), true
}

// on returns a holiday with a fixed date.
func on(month time.Month, day int) holiday {
	return holiday{date: monthDay{month, day}.in}
}

// easter returns a holiday so many days after Easter Sunday.
func easter(days int) holiday {
	return holiday{date: func(year int) time.Time { return easterSunday(year).AddDate(0, 0, days) }}
}

const (
	carnivalMonday  = -48
	carnivalTuesday = -47
	maundyThursday  = -3
	goodFriday      = -2
	holySaturday    = -1
	corpusChristi   = 60
)

// nth returns a holiday on the nth such weekday of a month, from 1.
func nth(n int, weekday time.Weekday, month time.Month) holiday {
	return holiday{date: func(year int) time.Time {
		first := monthDay{month, 1}.in(year)
		return first.AddDate(0, 0, int(weekday-first.Weekday()+7)%7+(n-1)*7)
	}}
}

func (h holiday) moved(by move) holiday {
	h.move = by
	return h
}

func (h holiday) since(year int) holiday {
	h.first = year
	return h
}

// inEach returns the holiday in only one of so many years, of which the year of since is one.
func (h holiday) inEach(years int) holiday {
	h.every = years
	return h
}

// onlyOn returns the holiday in only the years in which its date is such a weekday.
func (h holiday) onlyOn(weekdays ...time.Weekday) holiday {
	h.days = weekdays
	return h
}
