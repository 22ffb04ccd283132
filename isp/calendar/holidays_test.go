package calendar

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// readHolidays returns the holidays that another implementation computed, each day once.
func readHolidays(tb testing.TB) (days []string) {
	tb.Helper()
	file, err := os.Open("testdata/holidays_co.txt")
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if day, _, _ := strings.Cut(lines.Text(), " "); day != "#" {
			days = append(days, day)
		}
	}
	return slices.Compact(days)
}

func TestColombianHolidays_EqualAnotherImplementation(t *testing.T) {
	t.Parallel()
	var got []string
	for year := 2020; year <= 2035; year++ {
		for _, day := range colombianHolidays(year) {
			got = append(got, day.Format(time.DateOnly))
		}
	}
	slices.Sort(got)
	got = slices.Compact(got)
	want := readHolidays(t)
	if len(want) < 280 {
		t.Fatalf("the list has %d days, want 16 years of holidays", len(want))
	}
	for _, day := range got {
		if !slices.Contains(want, day) {
			t.Errorf("colombianHolidays() has %s, want no holiday as in the list", day)
		}
	}
	for _, day := range want {
		if !slices.Contains(got, day) {
			t.Errorf("colombianHolidays() lacks %s, want a holiday as in the list", day)
		}
	}
}

// The day of Chiquinquirá became a holiday by a law of June 2026.
func TestColombianHolidays_ChiquinquiraSince2026(t *testing.T) {
	t.Parallel()
	for year, want := range map[int]int{2025: 18, 2026: 19, 2027: 19} {
		if got := len(colombianHolidays(year)); got != want {
			t.Errorf("colombianHolidays(%d) = %d days, want %d", year, got, want)
		}
	}
	for _, day := range colombianHolidays(2025) {
		if day.Month() == time.July && day.Day() != 20 {
			t.Errorf("colombianHolidays(2025) has %v, want only the 20th in July", day)
		}
	}
}

// The table includes the earliest and the latest possible day, 22 March and 25 April.
func TestEasterSunday(t *testing.T) {
	t.Parallel()
	for _, want := range []string{
		"1818-03-22", "1943-04-25", "1954-04-18", "1984-04-22", "2000-04-23", "2008-03-23", "2011-04-24",
		"2019-04-21", "2024-03-31", "2026-04-05", "2038-04-25", "2049-04-18", "2076-04-19", "2100-03-28", "2285-03-22",
	} {
		day, _ := time.Parse(time.DateOnly, want)
		if got := easterSunday(day.Year()).Format(time.DateOnly); got != want {
			t.Errorf("easterSunday(%d) = %s, want %s", day.Year(), got, want)
		}
	}
	for year := 1984; year <= 2500; year++ {
		if day := easterSunday(year); day.Weekday() != time.Sunday || day.Year() != year {
			t.Errorf("easterSunday(%d) = %v, want a Sunday", year, day)
		}
	}
}
