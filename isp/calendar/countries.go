package calendar

import (
	"maps"
	"slices"
	"time"
)

// countries has the function that returns the public holidays of a country in a year.
//
// The laws are those in force from 2025 on. Earlier years are right only where a comment or since
// says so, because deadlines lie in the future. The tables leave out holidays of one region or
// trade, half days, days that an employer may refuse, and bridge days that a government declares
// for one year.
var countries = map[string]func(year int) []time.Time{
	"ar": argentina.holidays,
	"cl": chile.holidays,
	"co": colombianHolidays,
	"cr": costaRica.holidays,
	"do": dominicanRepublic.holidays,
	"ec": ecuador.holidays,
	"gt": guatemala.holidays,
	"hn": honduras.holidays,
	"mx": mexico.holidays,
	"ni": nicaragua.holidays,
	"pa": panama.holidays,
	"pe": peru.holidays,
	"ve": venezuela.holidays,
}

// Countries returns the countries whose public holidays are known, as two letters of ISO 3166-1 in
// lower case, sorted.
func Countries() []string {
	return slices.Sorted(maps.Keys(countries))
}

// sundayToMonday moves a holiday that falls on a Sunday.
var sundayToMonday = move{time.Sunday: 1}

// nearestMonday moves a holiday within the working week to the Monday of a long weekend.
var nearestMonday = move{time.Tuesday: -1, time.Wednesday: -2, time.Thursday: 4, time.Friday: 3}

// Ley 27.399 (2017), articles 1, 2 and 6. Maundy Thursday is left out, because employers may
// refuse it. Decreto 614/2025 lets the Jefatura de Gabinete move a holiday from Saturday or Sunday,
// year by year.
var argentina = law{
	on(time.January, 1),
	easter(carnivalMonday),
	easter(carnivalTuesday),
	on(time.March, 24),
	on(time.April, 2),
	easter(goodFriday),
	on(time.May, 1),
	on(time.May, 25),
	// Not from Friday, because the Monday is 20 June, a holiday itself.
	on(time.June, 17).moved(move{time.Tuesday: -1, time.Wednesday: -2, time.Thursday: 4}),
	on(time.June, 20),
	on(time.July, 9),
	on(time.August, 17).moved(nearestMonday),
	on(time.October, 12).moved(nearestMonday),
	on(time.November, 20).moved(nearestMonday),
	on(time.December, 8),
	on(time.December, 25),
}

// Article 148 of the Código de Trabajo, with Ley 9803 (1 December) and Ley 10050 (31 August).
// Ley 9875 moved holidays to Mondays from 2020 to 2024 only, which is left out.
var costaRica = law{
	on(time.January, 1),
	easter(maundyThursday),
	easter(goodFriday),
	on(time.April, 11),
	on(time.May, 1),
	on(time.July, 25),
	on(time.August, 2),
	on(time.August, 15),
	on(time.August, 31),
	on(time.September, 15),
	on(time.December, 1),
	on(time.December, 25),
}

// The holidays of the Código de Trabajo. Ley 139-97 moves them, except those of its articles 2
// and 3. A ruling of the Supreme Court, number 14 of 20 February 2008, lets 16 August stay.
var dominicanRepublic = law{
	on(time.January, 1),
	on(time.January, 6).moved(nearestMonday),
	on(time.January, 21),
	on(time.January, 26).moved(nearestMonday),
	on(time.February, 27),
	easter(goodFriday),
	// The only one that moves from a Sunday, too.
	on(time.May, 1).moved(move{time.Sunday: 1, time.Tuesday: -1, time.Wednesday: -2, time.Thursday: 4, time.Friday: 3}),
	easter(corpusChristi),
	on(time.August, 16),
	on(time.September, 24),
	on(time.November, 6).moved(nearestMonday),
	on(time.December, 25),
}

// Article 127 of the Código de Trabajo, without its half days, 24 and 31 December. Decreto 19-2018
// moves 30 June; a ruling of the Constitutional Court of 16 April 2020 lets the others stay.
var guatemala = law{
	on(time.January, 1),
	easter(maundyThursday),
	easter(goodFriday),
	easter(holySaturday),
	on(time.May, 1),
	on(time.June, 30).moved(move{
		time.Sunday: 1, time.Tuesday: -1, time.Wednesday: -2, time.Thursday: 4, time.Friday: 3, time.Saturday: 2,
	}),
	on(time.September, 15),
	on(time.October, 20),
	on(time.November, 1),
	on(time.December, 25),
}

// Article 339 of the Código del Trabajo. Decreto 50-2003 moves 14 April to the Monday of the next
// week. Decreto 78-2015 joins 3, 12 and 21 October to the Semana Morazánica, from the first
// Wednesday of October to the Friday. Private employers may work until noon on the Wednesday.
var honduras = law{
	on(time.January, 1),
	easter(maundyThursday),
	easter(goodFriday),
	easter(holySaturday),
	on(time.April, 14).moved(move{
		time.Sunday: 1, time.Tuesday: 6, time.Wednesday: 5, time.Thursday: 4, time.Friday: 3, time.Saturday: 2,
	}),
	on(time.May, 1),
	on(time.September, 15),
	nth(1, time.Wednesday, time.October),
	nth(1, time.Wednesday, time.October).moved(move{time.Wednesday: 1}),
	nth(1, time.Wednesday, time.October).moved(move{time.Wednesday: 2}),
	on(time.December, 25),
}

// Article 74 of the Ley Federal del Trabajo; 1 October by its reform of 30 September 2024, when a
// president takes office. Election days, also of that article, are Sundays.
var mexico = law{
	on(time.January, 1),
	nth(1, time.Monday, time.February),
	nth(3, time.Monday, time.March),
	on(time.May, 1),
	on(time.September, 16),
	on(time.October, 1).since(2024).inEach(6),
	nth(3, time.Monday, time.November),
	on(time.December, 25),
}

// Article 66 of the Código del Trabajo (Ley 185), with Ley 1118 of 2022 (30 May) and Ley 1272,
// which was passed on 18 January 2026. Article 68 moves Sundays to the next working day.
var nicaragua = law{
	on(time.January, 1).moved(sundayToMonday),
	on(time.January, 18).moved(sundayToMonday).since(2027),
	on(time.February, 2).moved(sundayToMonday).since(2026),
	on(time.February, 21).moved(sundayToMonday).since(2026),
	easter(maundyThursday),
	easter(goodFriday),
	on(time.May, 1).moved(sundayToMonday),
	on(time.May, 30).moved(sundayToMonday).since(2022),
	on(time.July, 19).moved(sundayToMonday),
	// To Tuesday, because the Monday is a holiday itself.
	on(time.September, 14).moved(move{time.Sunday: 2}),
	on(time.September, 15).moved(sundayToMonday),
	on(time.November, 8).moved(sundayToMonday).since(2026),
	on(time.December, 8).moved(sundayToMonday),
	on(time.December, 25).moved(sundayToMonday),
}

// Article 46 of the Código de Trabajo, with Ley 291 of 2022 (20 December) and the day on which a
// president takes office. Article 47 moves Sundays. 4 November and Carnival Monday are left out,
// because only public offices close.
var panama = law{
	on(time.January, 1).moved(sundayToMonday),
	on(time.January, 9).moved(sundayToMonday),
	easter(carnivalTuesday),
	easter(goodFriday),
	on(time.May, 1).moved(sundayToMonday),
	on(time.July, 1).moved(sundayToMonday).since(2019).inEach(5),
	on(time.November, 3).moved(sundayToMonday),
	on(time.November, 5).moved(sundayToMonday),
	on(time.November, 10).moved(sundayToMonday),
	on(time.November, 28).moved(sundayToMonday),
	on(time.December, 8).moved(sundayToMonday),
	on(time.December, 20).moved(sundayToMonday).since(2022),
	on(time.December, 25).moved(sundayToMonday),
}

// Article 6 of Decreto Legislativo 713, with Ley 31381 (9 December), Ley 31530 (6 August),
// Ley 31788 (7 June) and Ley 31822 (23 July).
var peru = law{
	on(time.January, 1),
	easter(maundyThursday),
	easter(goodFriday),
	on(time.May, 1),
	on(time.June, 7).since(2024),
	on(time.June, 29),
	on(time.July, 23).since(2023),
	on(time.July, 28),
	on(time.July, 29),
	on(time.August, 6).since(2022),
	on(time.August, 30),
	on(time.October, 8),
	on(time.November, 1),
	on(time.December, 8),
	on(time.December, 9).since(2022),
	on(time.December, 25),
}

// Article 184 of the LOTTT (2012), and the Ley de Fiestas Nacionales (1971) that it names.
var venezuela = law{
	on(time.January, 1),
	easter(carnivalMonday),
	easter(carnivalTuesday),
	easter(maundyThursday),
	easter(goodFriday),
	on(time.April, 19),
	on(time.May, 1),
	on(time.June, 24),
	on(time.July, 5),
	on(time.July, 24),
	on(time.October, 12),
	on(time.December, 24),
	on(time.December, 25),
	on(time.December, 31),
}
