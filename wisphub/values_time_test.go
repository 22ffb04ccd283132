package wisphub

import (
	"testing"
	"time"
)

// bogota is five hours behind UTC all year.
var bogota = time.FixedZone("-05", -5*60*60)

func TestTime(t *testing.T) {
	t.Parallel()
	const malformed = "malformed"
	for value, want := range map[string]string{ // in bogota; "" for none, malformed for no known format
		// Clients: padded or not, with a clock or without.
		`"30/04/2026 11:07:00"`: "2026-04-30T11:07:00-05:00",
		`"30/4/2026 9:07:00"`:   "2026-04-30T09:07:00-05:00",
		`"30/04/2026 11:07"`:    "2026-04-30T11:07:00-05:00",
		`"8/05/2026"`:           "2026-05-08T00:00:00-05:00",
		`"08/05/2026"`:          "2026-05-08T00:00:00-05:00",
		`" 8/5/2026 "`:          "2026-05-08T00:00:00-05:00",
		`"8\/05\/2026"`:         "2026-05-08T00:00:00-05:00",
		`"29/02/2028"`:          "2028-02-29T00:00:00-05:00",

		// Month first only where day first is impossible.
		`"05/08/2026"`:          "2026-08-05T00:00:00-05:00",
		`"04/30/2026"`:          "2026-04-30T00:00:00-05:00",
		`"4/30/2026 11:07:00"`:  "2026-04-30T11:07:00-05:00",
		`"04/30/2026 11:07"`:    "2026-04-30T11:07:00-05:00",
		`"12/12/2026 23:59:59"`: "2026-12-12T23:59:59-05:00",

		// Invoices and tickets.
		`"2026-05-01"`:                       "2026-05-01T00:00:00-05:00",
		`"2026-02-26 10:00"`:                 "2026-02-26T10:00:00-05:00",
		`"2026-02-26 10:00:30"`:              "2026-02-26T10:00:30-05:00",
		`"2026-02-26T10:00"`:                 "2026-02-26T10:00:00-05:00",
		`"2026-02-26T10:00:30"`:              "2026-02-26T10:00:30-05:00",
		`"2026-02-26T10:00:30.5"`:            "2026-02-26T10:00:30.5-05:00",
		`"2026-05-01T00:00:00-05:00"`:        "2026-05-01T00:00:00-05:00",
		`"2026-05-01T00:00:00-0500"`:         "2026-05-01T00:00:00-05:00",
		`"2026-05-01T03:00:00Z"`:             "2026-04-30T22:00:00-05:00",
		`"2026-05-01 03:00:00+00:00"`:        "2026-04-30T22:00:00-05:00",
		`"2026-05-01T03:00:00+02:00"`:        "2026-04-30T20:00:00-05:00",
		`"2026-05-01T03:00:00.123456-03:00"`: "2026-05-01T01:00:00.123456-05:00",

		`null`: "", `""`: "", `"  "`: "",

		`"hoy"`: malformed, `"31/02/2026"`: malformed, `"31/04/2026"`: malformed, `"13/13/2026"`: malformed, `"0/05/2026"`: malformed, `"29/02/2026"`: malformed,
		`"8/05/26"`: malformed, `"8-05-2026"`: malformed, `"2026/05/08"`: malformed, `"2026-13-01"`: malformed, `"2026-5-1"`: malformed, `"8/05/2026 25:00:00"`: malformed,
		`"8/05/2026 11:07 a.m."`: malformed, `"8/05/0000"`: malformed, `"0000-01-01"`: malformed, `"99999-01-01"`: malformed, `"8/05/2026x"`: malformed,
		`20260508`: malformed, `0`: malformed, `true`: malformed, `{}`: malformed, `{"fecha": "8/05/2026"}`: malformed, `[]`: malformed, `["8/05/2026"]`: malformed,
	} {
		got := decodeInto(t, value, wall("older", "1999-01-01T00:00:00"))
		at := got.In(bogota)
		switch {
		case got.Malformed != (want == malformed):
			t.Errorf("Time of %s has Malformed %t, want %t", value, got.Malformed, !got.Malformed)
		case want == "" || want == malformed:
			if !got.IsZero() || !at.IsZero() {
				t.Errorf("Time of %s = %v, want none", value, at)
			}
		case got.IsZero() || at.Format(time.RFC3339Nano) != want:
			t.Errorf("Time of %s = %s, want %s", value, at.Format(time.RFC3339Nano), want)
		}
	}
}

func TestTime_Text(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		`" 8/05/2026 "`: "8/05/2026", `"8\/05\/2026"`: "8/05/2026", `" hoy "`: "hoy", `5`: "5", `true`: "true",
		`null`: "", `""`: "", `{}`: "", `["8/05/2026"]`: "",
	} {
		if got := decodeInto(t, value, Time{Text: "older"}); got.Text != want {
			t.Errorf("Time of %s has Text %q, want %q", value, got.Text, want)
		}
	}
}

// A value without an offset is the tenant's wall clock. One with an offset is the same time
// everywhere.
func TestTime_In(t *testing.T) {
	t.Parallel()
	tokyo := time.FixedZone("+09", 9*60*60)
	for value, want := range map[string][2]string{ // in bogota, in tokyo
		`"30/04/2026 23:30:00"`:       {"2026-04-30T23:30:00-05:00", "2026-04-30T23:30:00+09:00"},
		`"2026-04-30"`:                {"2026-04-30T00:00:00-05:00", "2026-04-30T00:00:00+09:00"},
		`"2026-04-30T23:30:00.25"`:    {"2026-04-30T23:30:00.25-05:00", "2026-04-30T23:30:00.25+09:00"},
		`"2026-04-30T23:30:00-05:00"`: {"2026-04-30T23:30:00-05:00", "2026-05-01T13:30:00+09:00"},
		`"2026-04-30T23:30:00Z"`:      {"2026-04-30T18:30:00-05:00", "2026-05-01T08:30:00+09:00"},
	} {
		got := decodeInto(t, value, Time{})
		for i, zone := range []*time.Location{bogota, tokyo} {
			if at := got.In(zone); at.Format(time.RFC3339Nano) != want[i] || at.Location() != zone {
				t.Errorf("Time of %s In(%s) = %s, want %s", value, zone, at.Format(time.RFC3339Nano), want[i])
			}
		}
	}
	if at := (Time{}).In(bogota); !at.IsZero() {
		t.Errorf("zero Time In(bogota) = %v, want the zero time", at)
	}
}
