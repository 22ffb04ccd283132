package isp

import "testing"

func Test16_5_Cents(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0": 0, "0.5": 50, "-10": -1000, "65000.00": 6500000, "-0.01": -1, "1e3": 100000, "10995116277.75": maxCents - 1,
	} {
		if got, exact := decimalOf(t, text).cents(); !exact || got != want {
			t.Errorf("cents of %s = %d, %t, want %d", text, got, exact, want)
		}
	}
	for _, text := range []string{"0.005", "10995116277.76", "-10995116277.76", "92233720368547758.08", "1e30", "-1e30"} {
		if got, exact := decimalOf(t, text).cents(); exact {
			t.Errorf("cents of %s = %d, want inexact", text, got)
		}
	}
	if _, exact := (Decimal{}).cents(); exact {
		t.Error("no amount has cents")
	}
}
