package calendar

import (
	"testing"
	"time"
	_ "time/tzdata" // the test machine may lack a zone database

	"pgregory.net/rapid"
)

var bogota, _ = time.LoadLocation("America/Bogota")

// parseTime reads a local time in zone.
func parseTime(tb testing.TB, text string, zone *time.Location) time.Time {
	tb.Helper()
	at, err := time.ParseInLocation("Mon 2006-01-02 15:04:05", text, zone)
	if err != nil {
		tb.Fatal(err)
	}
	return at
}

func loadZone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return zone
}

func TestAfter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, start string
		days        int
		want        string
	}{
		{"within a week", "Mon 2026-02-02 10:30:15", 3, "Thu 2026-02-05 10:30:15"},
		{"none", "Mon 2026-02-02 10:30:15", 0, "Mon 2026-02-02 10:30:15"},
		{"negative", "Mon 2026-02-02 10:30:15", -1, "Mon 2026-02-02 10:30:15"},
		{"over a weekend", "Thu 2026-02-05 23:59:59", 3, "Tue 2026-02-10 23:59:59"},
		{"at midnight", "Fri 2026-02-06 00:00:00", 1, "Mon 2026-02-09 00:00:00"},
		{"from Saturday", "Sat 2026-02-07 09:00:00", 1, "Mon 2026-02-09 09:00:00"},
		{"from Sunday", "Sun 2026-02-08 09:00:00", 3, "Wed 2026-02-11 09:00:00"},
		{"over a long weekend", "Fri 2026-03-20 09:00:00", 1, "Tue 2026-03-24 09:00:00"},
		{"from a holiday", "Mon 2026-03-23 09:00:00", 1, "Tue 2026-03-24 09:00:00"},
		{"from the Saturday of a long weekend", "Sat 2026-03-21 09:00:00", 3, "Thu 2026-03-26 09:00:00"},
		{"over Holy Week", "Tue 2026-03-31 16:00:00", 3, "Tue 2026-04-07 16:00:00"},
		{"from Good Friday", "Fri 2026-04-03 16:00:00", 1, "Mon 2026-04-06 16:00:00"},
		{"over the year's end", "Wed 2026-12-30 08:00:00", 3, "Tue 2027-01-05 08:00:00"},
		{"over Christmas and the year's end", "Thu 2026-12-24 08:00:00", 10, "Tue 2027-01-12 08:00:00"},
		{"over Epiphany", "Fri 2027-01-08 08:00:00", 1, "Tue 2027-01-12 08:00:00"},
		{"over a leap day", "Wed 2028-02-23 08:00:00", 5, "Wed 2028-03-01 08:00:00"},
		{"over Chiquinquirá", "Fri 2026-07-10 08:00:00", 1, "Tue 2026-07-14 08:00:00"},
		{"a year before Chiquinquirá", "Fri 2025-07-11 08:00:00", 1, "Mon 2025-07-14 08:00:00"},
		{"two holidays on one day", "Fri 2030-06-28 08:00:00", 1, "Tue 2030-07-02 08:00:00"},
		{"365 business days", "Fri 2027-01-01 08:00:00", 365, "Wed 2028-06-28 08:00:00"},
	}
	colombian := New("co", nil)
	for _, test := range tests {
		got := colombian.After(parseTime(t, test.start, bogota), test.days)
		if want := parseTime(t, test.want, bogota); !got.Equal(want) || got.Location() != bogota {
			t.Errorf("%s: After(%s, %d) = %v, want %v", test.name, test.start, test.days, got, want)
		}
	}
}

func TestAfter_CountriesAndExtraDays(t *testing.T) {
	t.Parallel()
	// Days from the configuration are midnights in UTC. In Bogotá that is still the day before.
	extra := []time.Time{
		time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 12, 28, 0, 0, 0, 0, bogota),
		time.Date(2026, 12, 27, 0, 0, 0, 0, time.UTC),
	}
	tests := []struct {
		country string
		extra   []time.Time
		want    string
	}{
		{"co", nil, "Mon 2026-12-28 22:00:00"},
		{"none", nil, "Fri 2026-12-25 22:00:00"},
		{"co", extra, "Wed 2026-12-30 22:00:00"},
		{"none", extra, "Tue 2026-12-29 22:00:00"},
	}
	for _, test := range tests {
		got := New(test.country, test.extra).After(parseTime(t, "Wed 2026-12-23 22:00:00", bogota), 2)
		if want := parseTime(t, test.want, bogota); !got.Equal(want) {
			t.Errorf("New(%s, %v).After(Wed 2026-12-23, 2) = %v, want %v", test.country, test.extra, got, want)
		}
	}
}

// The local time of day stays the same over a change of the clocks, even when a day in between
// lacks it: New York has no 02:30 on 8 March 2026, Santiago no 00:30 on 6 September 2026.
func TestAfter_DaylightSaving(t *testing.T) {
	t.Parallel()
	newYork, santiago := loadZone(t, "America/New_York"), loadZone(t, "America/Santiago")
	tests := []struct {
		zone        *time.Location
		start, want string
	}{
		{newYork, "Thu 2026-03-05 02:30:00", "Tue 2026-03-10 02:30:00"},
		{newYork, "Sun 2026-03-08 12:00:00", "Wed 2026-03-11 12:00:00"},
		{newYork, "Thu 2026-10-29 01:30:00", "Tue 2026-11-03 01:30:00"},
		{santiago, "Wed 2026-04-01 23:30:00", "Mon 2026-04-06 23:30:00"},
		{santiago, "Thu 2026-09-03 00:30:00", "Tue 2026-09-08 00:30:00"},
	}
	for _, test := range tests {
		got := New("none", nil).After(parseTime(t, test.start, test.zone), 3)
		if want := parseTime(t, test.want, test.zone); !got.Equal(want) {
			t.Errorf("After(%s, 3) = %v, want %v", test.start, got, want)
		}
	}
}

// The result is a business day at the same time of day, and the requested number of business days
// after the start.
func TestAfter_CountsBusinessDays(t *testing.T) {
	t.Parallel()
	holidays := map[string]bool{}
	for _, day := range readHolidays(t) {
		holidays[day] = true
	}
	rapid.Check(t, func(rt *rapid.T) {
		start := time.Date(2020, 1, 1, rapid.IntRange(0, 23).Draw(rt, "hour"), 59, 1, 7, bogota)
		start = start.AddDate(0, 0, rapid.IntRange(0, 15*365).Draw(rt, "day"))
		want := rapid.IntRange(1, 60).Draw(rt, "business days")
		deadline := New("co", nil).After(start, want)
		got, last := 0, false
		for day := start; day.Before(deadline); {
			day = day.AddDate(0, 0, 1) // Bogotá has no daylight saving
			last = day.Weekday() != time.Saturday && day.Weekday() != time.Sunday && !holidays[day.Format(time.DateOnly)]
			if last {
				got++
			}
		}
		sameTime := deadline.Format(time.TimeOnly) == start.Format(time.TimeOnly) && deadline.Nanosecond() == 7
		if got != want || !last || !sameTime {
			rt.Errorf("After(%v, %d) = %v, which is %d business days later, want %[2]d", start, want, deadline, got)
		}
	})
}
