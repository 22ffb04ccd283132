package isp

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A range has an instant if its day in its own zone is in the range: in zones far from UTC, on days
// with 23 hours, and where clocks are put back at midnight. Instants out of the outer span are not in
// the range, and those of the inner span are.
func Test16_5_DayRangeEqualsTheDay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		zones := []string{"UTC", "America/Bogota", "America/Havana", "America/Santiago", "Pacific/Kiritimati", "Pacific/Pago_Pago"}
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(rt, "zone"))
		if err != nil {
			rt.Fatal(err)
		}
		start := time.Date(rapid.SampledFrom([]int{1, 1900, 2026}).Draw(rt, "year"), 10, 30, 0, 0, 0, 0, zone)
		at := start.Add(time.Duration(rapid.IntRange(-5*96, 5*96).Draw(rt, "quarters")) * 15 * time.Minute)
		if rapid.IntRange(0, 20).Draw(rt, "dated") == 0 {
			at = time.Time{}
		}
		days := rapid.Custom(func(rt *rapid.T) Date { return DateOf(start.AddDate(0, 0, rapid.IntRange(-3, 3).Draw(rt, "days"))) })
		days = rapid.OneOf(days, rapid.Just(DateOf(at.Add(time.Hour))))
		from, to := drawAny(rt, "from", days), drawAny(rt, "to", days)
		r := newDayRange(from, to)
		want := inRange(at, from, to)
		if got := r.has(at); got != want {
			rt.Fatalf("range from %v to %v has %s: %t, want %t", from, to, at, got, want)
		}
		within := func(s span) bool { return !at.Before(s.start) && at.Before(s.end) }
		if dated := !at.IsZero() && !r.isOpen(); dated && (want && !within(r.outer) || !want && within(r.inner)) {
			rt.Fatalf("%s is in the range: %t, in %+v: %t, in %+v: %t", at, want, r.outer, within(r.outer), r.inner, within(r.inner))
		}
	})
	malformed := Date("2026-02-30")
	for _, r := range []dayRange{newDayRange(&malformed, nil), newDayRange(nil, &malformed), newDayRange(&malformed, &malformed)} {
		if r.has(time.Now()) {
			t.Errorf("a range with a malformed day has today: %+v", r)
		}
	}
}
