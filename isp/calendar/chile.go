package calendar

import "time"

// Ley 2.977 (1915), with Ley 18.432 (29 June), Ley 20.148 (16 July), Ley 20.299 (31 October) and
// Ley 21.357 (the winter solstice). 7 June in Arica and 20 August in Chillán are regional.
var chile = law{
	on(time.January, 1),
	on(time.January, 2).onlyOn(time.Monday).since(2017), // Ley 20.983: after a Sunday
	easter(goodFriday),
	easter(holySaturday),
	on(time.May, 1),
	on(time.May, 21),
	holiday{date: winterSolstice}.since(2022),
	on(time.June, 29).moved(chileanMonday),
	on(time.July, 16),
	on(time.August, 15),
	// Ley 20.215 and Ley 20.983: between a weekend and 18 or 19 September.
	on(time.September, 17).onlyOn(time.Monday, time.Friday).since(2017),
	on(time.September, 18),
	on(time.September, 19),
	on(time.September, 20).onlyOn(time.Friday).since(2008),
	on(time.October, 12).moved(chileanMonday),
	on(time.October, 31).moved(move{time.Tuesday: -4, time.Wednesday: 2}),
	on(time.November, 1),
	on(time.December, 8),
	on(time.December, 25),
}

// chileanMonday is the move of Ley 19.668 (2000).
var chileanMonday = move{time.Tuesday: -1, time.Wednesday: -2, time.Thursday: -3, time.Friday: 3}

// winterSolstice returns the day in Chile of the June solstice, from 2022 to 2075. The solstice
// comes about six hours later each year, and a day earlier in a leap year.
func winterSolstice(year int) time.Time {
	day := 21
	if after := year % 4; after < 2 || after == 2 && year > 2046 {
		day = 20
	}
	return monthDay{time.June, day}.in(year)
}
