package isp

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"2026-05-08", "2024-02-29", "0001-01-01", "9999-12-31"} {
		if got, err := ParseDate(text); err != nil || string(got) != text {
			t.Errorf("ParseDate(%q) = %q, %v, want the same text", text, got, err)
		}
	}
	for _, text := range []string{
		"", " 2026-05-08", "2026-5-8", "08/05/2026", "2026-02-29", "2026-13-01", "2026-00-00", "20260508",
		"2026-05-08T00:00:00Z", "-2026-05-08", "12026-05-08", "２０２６-05-08",
	} {
		if got, err := ParseDate(text); err == nil || got != "" {
			t.Errorf("ParseDate(%q) = %q, want an error", text, got)
		}
	}
}

func TestDateOf(t *testing.T) {
	t.Parallel()
	late := time.Date(2026, 5, 8, 23, 30, 0, 0, bogota)
	if got := DateOf(late); got != "2026-05-08" {
		t.Errorf("DateOf(%v) = %q, want 2026-05-08", late, got)
	}
	if got := DateOf(late.UTC()); got != "2026-05-09" {
		t.Errorf("DateOf(%v) = %q, want 2026-05-09", late.UTC(), got)
	}
	if got := DateOf(time.Time{}); got != "" {
		t.Errorf("DateOf(zero time) = %q, want no day", got)
	}
}

// Dates sort as text in the order of days, and are parsed back unchanged.
func TestDate_SortsAsText(t *testing.T) {
	t.Parallel()
	days := rapid.Custom(func(t *rapid.T) time.Time {
		return time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 3_652_000).Draw(t, "days"))
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := days.Draw(t, "a"), days.Draw(t, "b")
		if got, want := DateOf(a) < DateOf(b), a.Before(b); got != want {
			t.Errorf("%q < %q = %t, want %t", DateOf(a), DateOf(b), got, want)
		}
		if read, err := ParseDate(string(DateOf(a))); err != nil || read != DateOf(a) {
			t.Errorf("ParseDate(%q) = %q, %v, want the same date", DateOf(a), read, err)
		}
	})
}
