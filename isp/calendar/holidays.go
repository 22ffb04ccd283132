package calendar

import "time"

// monthDay is the same day of every year.
type monthDay struct {
	month time.Month
	day   int
}

// The public holidays by article 1 of Ley 51 de 1983 (Ley Emiliani). By article 2 the moved ones
// are kept on the Monday that follows, unless they fall on a Monday.
var (
	fixedHolidays = []monthDay{
		{time.January, 1}, {time.May, 1}, {time.July, 20}, {time.August, 7}, {time.December, 8}, {time.December, 25},
	}
	movedHolidays = []monthDay{
		{time.January, 6}, {time.March, 19}, {time.June, 29}, {time.August, 15}, {time.October, 12},
		{time.November, 1}, {time.November, 11},
	}
	// fixedByEaster are Maundy Thursday and Good Friday, in days after Easter.
	fixedByEaster = []int{-3, -2}
	// movedByEaster are Ascension, Corpus Christi and Sacred Heart.
	movedByEaster = []int{39, 60, 68}
)

// chiquinquira is the day of the Virgin of Chiquinquirá, by Ley 2578 de 2026. It is a moved
// holiday.
var chiquinquira = monthDay{time.July, 9}

// chiquinquiraSince is the first year in which chiquinquira is a holiday.
const chiquinquiraSince = 2026

// colombianHolidays returns the public holidays of a year, 1984 or later, in no particular order.
// A day on which two holidays fall is listed twice.
func colombianHolidays(year int) []time.Time {
	easter := easterSunday(year)
	var days []time.Time
	for _, fixed := range fixedHolidays {
		days = append(days, fixed.in(year))
	}
	for _, moved := range movedHolidays {
		days = append(days, toMonday(moved.in(year)))
	}
	for _, after := range fixedByEaster {
		days = append(days, easter.AddDate(0, 0, after))
	}
	for _, after := range movedByEaster {
		days = append(days, toMonday(easter.AddDate(0, 0, after)))
	}
	if year >= chiquinquiraSince {
		days = append(days, toMonday(chiquinquira.in(year)))
	}
	return days
}

// in returns the start of the day in UTC, where each day has 24 hours.
func (d monthDay) in(year int) time.Time {
	return time.Date(year, d.month, d.day, 0, 0, 0, 0, time.UTC)
}

// toMonday returns day if it is a Monday, otherwise the Monday that follows.
func toMonday(day time.Time) time.Time {
	return day.AddDate(0, 0, (int(time.Monday)-int(day.Weekday())+7)%7)
}

// easterSunday returns Easter in the Gregorian calendar. It is the anonymous algorithm published
// in Nature in 1876 (https://en.wikipedia.org/wiki/Date_of_Easter), and the variables have its
// names: golden number, century, solar and lunar corrections, age of the moon.
func easterSunday(year int) time.Time {
	golden, century, rest := year%19, year/100, year%100
	lunar := (century - (century+8)/25 + 1) / 3
	moon := (19*golden + century - century/4 - lunar + 15) % 30
	weekday := (32 + 2*(century%4) + 2*(rest/4) - moon - rest%4) % 7
	late := (golden + 11*moon + 22*weekday) / 451
	days := moon + weekday - 7*late + 114
	return time.Date(year, time.Month(days/31), days%31+1, 0, 0, 0, 0, time.UTC)
}
