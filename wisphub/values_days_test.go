package wisphub

import (
	"testing"
	"time"
	_ "time/tzdata" // a machine need not have zones

	"pgregory.net/rapid"
)

func zoneOf(tb testing.TB, name string) *time.Location {
	tb.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return zone
}

// A clock change skips midnight in Santiago, the hour after two in New York, and a day in Apia.
func Test13_14_SkippedInstantIsTheFirstAfter(t *testing.T) {
	t.Parallel()
	tests := []struct{ zone, value, instant, day string }{
		{"America/Santiago", `"6/09/2026"`, "2026-09-06T01:00:00-03:00", "2026-09-06"},
		{"America/Santiago", `"06/09/2026 00:30:00"`, "2026-09-06T01:00:00-03:00", "2026-09-06"},
		{"America/Santiago", `"2026-09-06 00:00"`, "2026-09-06T01:00:00-03:00", "2026-09-06"},
		{"America/Santiago", `"06/09/2026 01:00:00"`, "2026-09-06T01:00:00-03:00", "2026-09-06"},
		{"America/Santiago", `"05/09/2026 23:59:59"`, "2026-09-05T23:59:59-04:00", "2026-09-05"},
		{"America/Santiago", `"2026-09-06T03:59:00Z"`, "2026-09-05T23:59:00-04:00", "2026-09-05"},
		{"America/Asuncion", `"6/10/2024"`, "2024-10-06T01:00:00-03:00", "2024-10-06"},
		{"America/New_York", `"08/03/2026 02:30:00"`, "2026-03-08T03:00:00-04:00", "2026-03-08"},
		{"Pacific/Apia", `"30/12/2011"`, "2011-12-31T00:00:00+14:00", "2011-12-30"},
		{"America/Bogota", `"6/09/2026"`, "2026-09-06T00:00:00-05:00", "2026-09-06"},
		{"America/Bogota", `"31/02/2026"`, "", ""}, {"America/Bogota", `null`, "", ""}, {"America/Bogota", `{}`, "", ""},
	}
	for _, test := range tests {
		zone, value := zoneOf(t, test.zone), decodeInto(t, test.value, Time{})
		instant, day := "", ""
		if at := value.In(zone); !at.IsZero() {
			instant = at.Format(time.RFC3339)
		}
		if on := value.Day(zone); !on.IsZero() {
			day = on.Format(time.DateOnly)
		}
		if instant != test.instant || day != test.day {
			t.Errorf("Time of %s in %s = %s on %s, want %s on %s", test.value, test.zone, instant, day, test.instant, test.day)
		}
	}
}

// A day is the same one in every zone, and an instant never shows a clock before the given one.
func Test13_14_DayIsTheSameInEveryZone(t *testing.T) {
	t.Parallel()
	names := rapid.SampledFrom([]string{"America/Santiago", "America/Asuncion", "America/Havana", "America/Bogota", "Asia/Beirut", "Pacific/Apia"})
	rapid.Check(t, func(rt *rapid.T) {
		zone := zoneOf(t, names.Draw(rt, "zone"))
		wall := time.Unix(rapid.Int64Range(0, 2_000_000_000).Draw(rt, "wall"), 0).UTC()
		day := wall.Format(time.DateOnly)
		for _, text := range []string{day, wall.Format("2/1/2006"), wall.Format("2/01/2006 15:04:05")} {
			value := decodeInto(t, `"`+text+`"`, Time{})
			if got := value.Day(zone).Format(time.DateOnly); !value.Malformed && got != day {
				rt.Errorf("Day(%s) of %q = %s, want %s", zone, text, got, day)
			}
			if got := value.In(zone).Format(time.DateTime); got < value.wall.Format(time.DateTime) {
				rt.Errorf("In(%s) of %q = %s, want no earlier clock", zone, text, got)
			}
		}
	})
}
