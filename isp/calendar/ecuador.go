package calendar

import "time"

// Article 65 of the Código del Trabajo and article 30 of the LOSEP, as reformed on 20 December
// 2016 (the Ley de Feriados).
var ecuador = law{
	on(time.January, 1).moved(fromWeekend),
	easter(carnivalMonday),
	easter(carnivalTuesday),
	easter(goodFriday),
	on(time.May, 1).moved(toLongWeekend),
	on(time.May, 24).moved(toLongWeekend),
	on(time.August, 10).moved(toLongWeekend),
	on(time.October, 9).moved(toLongWeekend),
	// The two move together to the nearest days beside a weekend.
	on(time.November, 2).moved(move{time.Sunday: 1, time.Tuesday: -1, time.Wednesday: 1, time.Friday: -1, time.Saturday: -1}),
	on(time.November, 3).moved(move{time.Sunday: 1, time.Monday: 1, time.Wednesday: -1, time.Thursday: 1, time.Saturday: -1}),
	on(time.December, 25).moved(fromWeekend),
}

var (
	toLongWeekend = move{time.Sunday: 1, time.Tuesday: -1, time.Wednesday: 2, time.Thursday: 1, time.Saturday: -1}
	fromWeekend   = move{time.Sunday: 1, time.Saturday: -1}
)
