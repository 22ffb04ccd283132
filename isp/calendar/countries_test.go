package calendar

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// otherCountries are those of which this file tests the holidays. Colombia has tests of its own.
var otherCountries = []string{"ar", "cl", "cr", "do", "ec", "gt", "hn", "mx", "ni", "pa", "pe", "ve"}

func TestCountries(t *testing.T) {
	t.Parallel()
	want := append([]string{"co"}, otherCountries...)
	slices.Sort(want)
	if got := Countries(); !slices.Equal(got, want) {
		t.Errorf("Countries() = %q, want %q", got, want)
	}
}

// officialHolidays reads the dates of the country's list, which does not come from this code.
func officialHolidays(tb testing.TB, country string) (dates []string) {
	tb.Helper()
	file, err := os.Open("testdata/holidays_" + country + ".txt")
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if date, _, _ := strings.Cut(lines.Text(), " "); date != "#" {
			dates = append(dates, date)
		}
	}
	return dates
}

// holidaysIn returns the dates of the country's holidays, sorted, each once.
func holidaysIn(country string, years ...int) (dates []string) {
	holidays := countries[country]
	if holidays == nil {
		return nil
	}
	for _, year := range years {
		for _, day := range holidays(year) {
			dates = append(dates, day.Format(time.DateOnly))
		}
	}
	slices.Sort(dates)
	return slices.Compact(dates)
}

func Test13_16_HolidaysEqualTheOfficialLists(t *testing.T) {
	t.Parallel()
	for _, country := range otherCountries {
		want := officialHolidays(t, country)
		if len(want) < 14 {
			t.Errorf("the list of %s has %d days, want two years of them", country, len(want))
		}
		if got := holidaysIn(country, 2026, 2027); !slices.Equal(got, want) {
			t.Errorf("holidays of %s =\n%s\nwant\n%s", country, strings.Join(got, " "), strings.Join(want, " "))
		}
	}
}

// movedMonths has all holidays of a month in which one moved, in other years than those of the
// lists. The source is beside them; those without one were counted by hand from the law.
var movedMonths = []struct{ country, month, want string }{
	{"ar", "2021-06", "2021-06-20 2021-06-21"}, // vacanza/holidays: Thursday 17 to Monday 21
	{"ar", "2022-06", "2022-06-17 2022-06-20"}, // vacanza/holidays: Friday 17 stayed
	{"ar", "2025-11", "2025-11-24"},            // eldiariodecarlospaz.com.ar: Thursday 20
	{"cl", "2023-06", "2023-06-21 2023-06-26"}, // redgol.cl
	{"cl", "2023-10", "2023-10-09 2023-10-27"}, // redgol.cl: 31 October is a Tuesday
	{"cl", "2024-06", "2024-06-20 2024-06-29"}, // eldinamo.cl
	{"cl", "2024-09", "2024-09-18 2024-09-19 2024-09-20"},
	{"cl", "2018-09", "2018-09-17 2018-09-18 2018-09-19"},
	{"cl", "2023-01", "2023-01-01 2023-01-02"},
	{"cl", "2029-11", "2029-11-01 2029-11-02"}, // 31 October is a Wednesday
	{"do", "2018-01", "2018-01-01 2018-01-06 2018-01-21 2018-01-29"},
	{"do", "2018-11", "2018-11-05"},            // alternativasnoticiosas.com
	{"do", "2022-05", "2022-05-02"},            // Ministerio de Trabajo: from a Sunday
	{"do", "2022-08", "2022-08-16"},            // acento.com.do: a Tuesday that stayed
	{"do", "2022-11", "2022-11-06"},            // a Sunday that stayed
	{"do", "2024-04", "2024-04-29"},            // cristaldigital.com.do: 1 May is a Wednesday
	{"ec", "2018-11", "2018-11-01 2018-11-02"}, // elcomercio.com
	{"ec", "2019-05", "2019-05-03 2019-05-24"}, // elcomercio.com
	{"ec", "2019-11", "2019-11-01 2019-11-04"}, // elcomercio.com
	{"ec", "2021-11", "2021-11-01 2021-11-02"}, // saetatvesmeraldas.com
	{"ec", "2021-12", "2021-12-24 2021-12-31"}, // saetatvesmeraldas.com
	{"ec", "2022-01", ""},                      // 1 January moved into December
	{"ec", "2022-11", "2022-11-03 2022-11-04"}, // eluniverso.com
	{"ec", "2023-01", "2023-01-02"},
	{"ec", "2023-11", "2023-11-02 2023-11-03"},                       // quenoticias.com
	{"ec", "2024-08", "2024-08-09"},                                  // elyex.com
	{"ec", "2024-10", "2024-10-11"},                                  // elyex.com
	{"ec", "2025-08", "2025-08-11"},                                  // elcomercio.com
	{"ec", "2025-11", "2025-11-03 2025-11-04"},                       // ecuavisa.com
	{"gt", "2021-06", "2021-06-28"},                                  // prensalibre.com
	{"gt", "2022-07", "2022-07-04"},                                  // guatevision.com
	{"gt", "2023-07", "2023-07-03"},                                  // leydenegocios.com
	{"gt", "2024-07", "2024-07-01"},                                  // from a Sunday
	{"hn", "2020-04", "2020-04-09 2020-04-10 2020-04-11 2020-04-20"}, // proceso.hn
	{"hn", "2021-10", "2021-10-06 2021-10-07 2021-10-08"},            // elheraldo.hn
	{"hn", "2024-04", "2024-04-15"},                                  // archlatam.com: from a Sunday
	{"hn", "2025-10", "2025-10-01 2025-10-02 2025-10-03"},            // elheraldo.hn
	{"mx", "2024-10", "2024-10-01"},                                  // DOF 30 September 2024
	{"mx", "2025-10", ""},
	{"mx", "2030-10", "2030-10-01"},
	{"ni", "2020-07", "2020-07-20"},            // stereo-romance.com
	{"ni", "2024-12", "2024-12-09 2024-12-25"}, // swissinfo.ch
	{"ni", "2025-09", "2025-09-15 2025-09-16"}, // todaynicaragua.com of 2014: from Sunday 14
	{"ni", "2025-11", ""},                      // Ley 1272 came in January 2026
	{"pa", "2022-12", "2022-12-08 2022-12-20 2022-12-26"},
	{"pa", "2017-01", "2017-01-02 2017-01-09"}, // prensa.com
	{"pa", "2029-07", "2029-07-02"},            // an inauguration on Sunday
	{"pa", "2024-07", "2024-07-01"},
	{"pa", "2026-07", ""},
	{"pe", "2021-12", "2021-12-08 2021-12-25"}, // Ley 31381 came on 31 December 2021
	{"pe", "2023-06", "2023-06-29"},            // Ley 31788 came on 15 June 2023
	{"pe", "2023-07", "2023-07-23 2023-07-28 2023-07-29"},
}

func Test13_16_HolidaysMove(t *testing.T) {
	t.Parallel()
	for _, test := range movedMonths {
		month, err := time.Parse("2006-01", test.month)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, date := range holidaysIn(test.country, month.Year()) {
			if strings.HasPrefix(date, test.month) {
				got = append(got, date)
			}
		}
		if got := strings.Join(got, " "); countries[test.country] == nil || got != test.want {
			t.Errorf("holidays of %s in %s = %q, want %q", test.country, test.month, got, test.want)
		}
	}
}

// TestHolidays_EachYear checks what holds for each country's holidays in each year.
func TestHolidays_EachYear(t *testing.T) {
	t.Parallel()
	for _, country := range append([]string{"co"}, otherCountries...) {
		holidays := countries[country]
		if holidays == nil {
			t.Errorf("the holidays of %s are not known", country)
			continue
		}
		for year := 2020; year <= 2060; year++ {
			days := holidays(year)
			for _, day := range days {
				if day.Year() != year || day.Location() != time.UTC || !day.Equal(day.Truncate(24*time.Hour)) {
					t.Errorf("holidays of %s in %d have %v, want midnights in UTC of that year", country, year, day)
				}
			}
			unique := holidaysIn(country, year)
			if len(unique) < 7 || len(unique) > 20 || len(days)-len(unique) > 2 {
				t.Errorf("%s has %d holidays on %d days in %d, want 7 to 20 days and at most 2 shared",
					country, len(days), len(unique), year)
			}
		}
	}
}

// TestCalendar_HolidaysOfEachCountry counts one business day over a holiday that moved, or over one
// that stays where no holiday moves.
func TestCalendar_HolidaysOfEachCountry(t *testing.T) {
	t.Parallel()
	tests := []struct{ country, start, want string }{
		{"ar", "Fri 2026-11-20 09:00:00", "Tue 2026-11-24 09:00:00"}, // 20 November moved to the 23rd
		{"ar", "Fri 2026-06-12 09:00:00", "Tue 2026-06-16 09:00:00"}, // 17 June moved to the 15th
		{"cl", "Fri 2027-06-25 09:00:00", "Tue 2027-06-29 09:00:00"}, // 29 June moved to the 28th
		{"cr", "Mon 2026-09-14 09:00:00", "Wed 2026-09-16 09:00:00"},
		{"do", "Thu 2026-04-30 09:00:00", "Fri 2026-05-01 09:00:00"}, // 1 May moved to the 4th
		{"do", "Fri 2026-05-01 09:00:00", "Tue 2026-05-05 09:00:00"},
		{"ec", "Fri 2026-05-22 09:00:00", "Tue 2026-05-26 09:00:00"}, // 24 May moved to the 25th
		{"ec", "Thu 2027-12-30 09:00:00", "Mon 2028-01-03 09:00:00"}, // 1 January moved to the 31st
		{"gt", "Fri 2026-06-26 09:00:00", "Tue 2026-06-30 09:00:00"}, // 30 June moved to the 29th
		{"hn", "Mon 2026-04-13 09:00:00", "Tue 2026-04-14 09:00:00"}, // 14 April moved to the 20th
		{"hn", "Tue 2026-10-06 09:00:00", "Mon 2026-10-12 09:00:00"}, // Semana Morazánica
		{"mx", "Fri 2026-11-13 09:00:00", "Tue 2026-11-17 09:00:00"}, // third Monday of November
		{"ni", "Fri 2026-07-17 09:00:00", "Tue 2026-07-21 09:00:00"}, // Sunday 19 July moved to the 20th
		{"pa", "Fri 2026-12-18 09:00:00", "Tue 2026-12-22 09:00:00"}, // Sunday 20 December moved to the 21st
		{"pe", "Mon 2026-12-07 09:00:00", "Thu 2026-12-10 09:00:00"},
		{"ve", "Wed 2026-12-30 09:00:00", "Mon 2027-01-04 09:00:00"},
	}
	for _, test := range tests {
		got := New(test.country, nil).After(parseTime(t, test.start, time.UTC), 1)
		if want := parseTime(t, test.want, time.UTC); !got.Equal(want) {
			t.Errorf("New(%q).After(%s, 1) = %v, want %v", test.country, test.start, got, want)
		}
	}
}

// TestChileanSolstice_EqualsTheAstronomicalOne computes the instant of each solstice.
func TestChileanSolstice_EqualsTheAstronomicalOne(t *testing.T) {
	t.Parallel()
	chile := time.FixedZone("-04", -4*60*60) // in winter
	for year := 2022; year <= 2060; year++ {
		got := slices.Clone(holidaysIn("cl", year))
		got = slices.DeleteFunc(got, func(date string) bool {
			return !strings.HasSuffix(date, "-06-20") && !strings.HasSuffix(date, "-06-21")
		})
		want := juneSolstice(year).In(chile).Format(time.DateOnly)
		if len(got) != 1 || got[0] != want {
			t.Errorf("solstice of %d in Chile = %q, want %s", year, got, want)
		}
	}
}
