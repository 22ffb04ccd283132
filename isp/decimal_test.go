package isp

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{ // want "" for an error
		{"65000", "65000.00"},
		{"65000.00", "65000.00"},
		{"65000.000", "65000.00"},
		{"1.50000", "1.50"},
		{" -10.5 ", "-10.50"},
		{"0", "0.00"},
		{"-0.00", "0.00"},
		{"0.001", "0.001"},
		{"1e3", "1000.00"},
		{"1.2345e2", "123.45"},
		{".5", "0.50"},
		{"", ""},
		{" ", ""},
		{"x", ""},
		{"NaN", ""},
		{"Infinity", ""},
		{"1,5", ""},
		{"0x10", ""},
		{"1e31", ""},
		{"1e-31", ""},
		{"1e999999999", ""}, // gigabytes of digits
		{"1e-999999999", ""},
		{"1e99999999999999999999", ""},
		{strings.Repeat("9", 64), strings.Repeat("9", 64) + ".00"},
		{strings.Repeat("9", 65), ""},
		{strings.Repeat("9", 10_000_000), ""},
	}
	for _, test := range tests {
		got, err := ParseDecimal(test.text)
		if got.String() != test.want || (err != nil) != (test.want == "") {
			t.Errorf("ParseDecimal(%.80q) = %q, %v, want %q", test.text, got, err, test.want)
		}
	}
}

// Any amount that WispHub may send is parsed back from its text exactly.
func TestDecimal_RoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := decimal.New(rapid.Int64().Draw(t, "digits"), rapid.Int32Range(-maxExponent, maxExponent).Draw(t, "exponent"))
		amount := NewDecimal(value)
		read, err := ParseDecimal(amount.String())
		if err != nil || read.Compare(amount) != 0 || read.String() != amount.String() || !read.Value().Equal(value) {
			t.Errorf("ParseDecimal(%q) = %q, %v, want the same amount", amount, read, err)
		}
		if at := strings.IndexByte(amount.String(), '.'); at < 0 || len(amount.String())-at < 3 {
			t.Errorf("NewDecimal(%v) = %q, want at least two decimals", value, amount)
		}
	})
}

func TestDecimal_ZeroValueIsNoAmount(t *testing.T) {
	t.Parallel()
	var none Decimal
	if !none.IsZero() || none.String() != "" || !none.Value().IsZero() {
		t.Errorf("Decimal{} = %q, IsZero() = %t, want no amount", none, none.IsZero())
	}
	if text, err := none.MarshalText(); err != nil || string(text) != "" {
		t.Errorf("Decimal{}.MarshalText() = %q, %v, want no text", text, err)
	}
	if zero := NewDecimal(decimal.Zero); zero.IsZero() || zero.String() != "0.00" {
		t.Errorf("NewDecimal(0) = %q, IsZero() = %t, want the amount 0.00", zero, zero.IsZero())
	}
}

func FuzzParseDecimal(f *testing.F) {
	for _, seed := range []string{"", "65000.00", "1e999999999", "-.5e-30", "+1", "1_000", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value, err := ParseDecimal(text)
		if err != nil {
			return
		}
		if len(value.String()) > 2*maxDecimalText {
			t.Errorf("ParseDecimal(%q) has %d characters, want at most 128", text, len(value.String()))
		}
		if !value.Value().Equal(decimal.RequireFromString(value.String())) {
			t.Errorf("ParseDecimal(%q) = %v, but its text is %q, want the same number", text, value.Value(), value)
		}
	})
}
