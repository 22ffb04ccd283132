package scalar_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"pgregory.net/rapid"

	"wisphub-graphql/graph/scalar"
	"wisphub-graphql/isp"
)

// marshal returns what a marshaler writes.
func marshal(value graphql.Marshaler) string {
	var text bytes.Buffer
	value.MarshalGQL(&text)
	return text.String()
}

func TestInt(t *testing.T) {
	t.Parallel()
	good := map[any]int{
		int64(0): 0, int64(math.MaxInt32): math.MaxInt32, int64(math.MinInt32): math.MinInt32, 50: 50,
		json.Number("26"): 26, json.Number("-2147483648"): math.MinInt32,
		json.Number("26.0"): 26, json.Number("2.6e1"): 26, json.Number("2600E-2"): 26, json.Number("-0.0"): 0, json.Number("1e2"): 100,
	}
	for input, want := range good {
		got, err := scalar.UnmarshalInt(input)
		if got != want || err != nil {
			t.Errorf("UnmarshalInt(%T %v) = %d, %v, want %d", input, input, got, err, want)
		}
	}
	bad := []any{
		int64(math.MaxInt32 + 1), int64(math.MinInt32 - 1), math.MaxInt32 + 1, json.Number("2147483648"),
		json.Number("9223372036854775808"), json.Number("1.5"), json.Number("26.5"), json.Number("2147483648.0"),
		json.Number("1e999999999"), json.Number("1e-1"), json.Number("NaN"), json.Number(""), 1.0, "1", true, nil,
	}
	for _, input := range bad {
		if got, err := scalar.UnmarshalInt(input); err == nil || got != 0 {
			t.Errorf("UnmarshalInt(%T %v) = %d, %v, want an error", input, input, got, err)
		}
	}
	if got := marshal(scalar.MarshalInt(-26)); got != "-26" {
		t.Errorf("MarshalInt(-26) = %s, want -26", got)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for text, want := range map[isp.Text]string{"": `null`, "Ana": `"Ana"`, "\"a\"\r\n\u2028<ñ>": `"\"a\"\r\n` + "\u2028" + `<ñ>"`} {
		if got := marshal(scalar.MarshalText(text)); got != want {
			t.Errorf("MarshalText(%q) = %s, want %s", text, got, want)
		}
	}
	if got, err := scalar.UnmarshalText("Ana"); got != "Ana" || err != nil {
		t.Errorf("UnmarshalText(\"Ana\") = %q, %v, want \"Ana\"", got, err)
	}
	for _, input := range []any{5, json.Number("5"), nil, true} {
		if _, err := scalar.UnmarshalText(input); err == nil {
			t.Errorf("UnmarshalText(%v) = nil error, want an error", input)
		}
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	for day, want := range map[isp.Date]string{"": `null`, "2026-05-08": `"2026-05-08"`} {
		if got := marshal(scalar.MarshalDate(day)); got != want {
			t.Errorf("MarshalDate(%q) = %s, want %s", day, got, want)
		}
	}
	if got, err := scalar.UnmarshalDate("2024-02-29"); got != "2024-02-29" || err != nil {
		t.Errorf("UnmarshalDate(2024-02-29) = %q, %v, want 2024-02-29", got, err)
	}
	for _, input := range []any{"", "2026-02-29", "2026-5-8", "08/05/2026", "2026-05-08T00:00:00Z", " 2026-05-08", `2026-05-08"`, 20260508, nil} {
		if got, err := scalar.UnmarshalDate(input); err == nil || got != "" {
			t.Errorf("UnmarshalDate(%v) = %q, %v, want an error", input, got, err)
		}
	}
}

func TestDecimal(t *testing.T) {
	t.Parallel()
	good := map[any]string{
		"65000": `"65000.00"`, "65000.5": `"65000.50"`, "-0.005": `"-0.005"`, " 1 ": `"1.00"`, "12345678901234567.89": `"12345678901234567.89"`,
		int64(65000): `"65000.00"`, 65000.5: `"65000.50"`, 0.1: `"0.10"`, -2.0: `"-2.00"`,
		json.Number("65000.10"): `"65000.10"`, json.Number("6.5e4"): `"65000.00"`,
	}
	for input, want := range good {
		amount, err := scalar.UnmarshalDecimal(input)
		if got := marshal(scalar.MarshalDecimal(amount)); got != want || err != nil {
			t.Errorf("UnmarshalDecimal(%T %v) = %s, %v, want %s", input, input, got, err, want)
		}
	}
	bad := []any{
		"", "x", "1,5", "1.2.3", "0x10", "NaN", "Infinity", "1e999999999", "1e-999999999", json.Number("1e31"),
		math.NaN(), math.Inf(1), 1e300, true, nil, []any{1},
	}
	for _, input := range bad {
		if amount, err := scalar.UnmarshalDecimal(input); err == nil || !amount.IsZero() {
			t.Errorf("UnmarshalDecimal(%T %v) = %s, %v, want an error", input, input, amount, err)
		}
	}
	if got := marshal(scalar.MarshalDecimal(isp.Decimal{})); got != "null" {
		t.Errorf("MarshalDecimal(Decimal{}) = %s, want null", got)
	}
}

func TestDateTime(t *testing.T) {
	t.Parallel()
	bogota := time.FixedZone("Bogota", -5*60*60)
	for at, want := range map[time.Time]string{
		{}: `null`,
		time.Date(2026, 5, 1, 14, 3, 0, 999, bogota):   `"2026-05-01T14:03:00-05:00"`,
		time.Date(2026, 5, 1, 14, 3, 0, 0, time.UTC):   `"2026-05-01T14:03:00Z"`,
		time.Date(2026, 12, 31, 23, 59, 59, 0, bogota): `"2026-12-31T23:59:59-05:00"`,
	} {
		if got := marshal(scalar.MarshalDateTime(at)); got != want {
			t.Errorf("MarshalDateTime(%s) = %s, want %s", at, got, want)
		}
	}
	want := time.Date(2026, 5, 1, 14, 3, 0, 0, bogota)
	if got, err := scalar.UnmarshalDateTime("2026-05-01T14:03:00-05:00"); !got.Equal(want) || err != nil {
		t.Errorf("UnmarshalDateTime(2026-05-01T14:03:00-05:00) = %s, %v, want %s", got, err, want)
	}
	for _, input := range []any{"", "2026-05-01", "2026-05-01T14:03:00", "2026-05-01 14:03:00-05:00", 5, nil} {
		if got, err := scalar.UnmarshalDateTime(input); err == nil || !got.IsZero() {
			t.Errorf("UnmarshalDateTime(%v) = %s, %v, want an error", input, got, err)
		}
	}
}

// TestDecimal_RoundTrip checks that unmarshalling a marshalled amount returns the same amount.
func TestDecimal_RoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?[0-9]{1,15}(\.[0-9]{1,10})?`).Draw(t, "amount")
		amount, err := scalar.UnmarshalDecimal(text)
		if err != nil {
			t.Fatalf("UnmarshalDecimal(%q) = %v", text, err)
		}
		var output string
		if err := json.Unmarshal([]byte(marshal(scalar.MarshalDecimal(amount))), &output); err != nil {
			t.Fatal(err)
		}
		if again, err := scalar.UnmarshalDecimal(output); err != nil || again.Compare(amount) != 0 || again.String() != output {
			t.Fatalf("UnmarshalDecimal(%q) = %s, %v, want the amount of %q", output, again, err, text)
		}
	})
}

// FuzzUnmarshal checks that every accepted value is marshalled as valid JSON.
func FuzzUnmarshal(f *testing.F) {
	for _, seed := range []string{"65000.00", "1e5", "2026-05-08", "2026-05-01T14:03:00-05:00", "26", "", "\"", "\x00\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var accepted []graphql.Marshaler
		accept := func(value graphql.Marshaler, err error) {
			if err == nil {
				accepted = append(accepted, value)
			}
		}
		amount, err := scalar.UnmarshalDecimal(text)
		accept(scalar.MarshalDecimal(amount), err)
		amount, err = scalar.UnmarshalDecimal(json.Number(text))
		accept(scalar.MarshalDecimal(amount), err)
		day, err := scalar.UnmarshalDate(text)
		accept(scalar.MarshalDate(day), err)
		at, err := scalar.UnmarshalDateTime(text)
		accept(scalar.MarshalDateTime(at), err)
		n, err := scalar.UnmarshalInt(json.Number(text))
		accept(scalar.MarshalInt(n), err)
		for _, value := range accepted {
			if got := marshal(value); !json.Valid([]byte(got)) {
				t.Errorf("%q is accepted and marshalled as %s, want JSON", text, got)
			}
		}
	})
}

// TestErrors_SayWhatIsExpected checks the error texts, because callers see them.
func TestErrors_SayWhatIsExpected(t *testing.T) {
	t.Parallel()
	_, notInt := scalar.UnmarshalInt("x")
	_, notDay := scalar.UnmarshalDate("x")
	_, notAmount := scalar.UnmarshalDecimal(true)
	_, notInstant := scalar.UnmarshalDateTime("x")
	got := errors.Join(notInt, notDay, notAmount, notInstant).Error()
	want := "must be a whole number of 32 bits\nmust be a day such as 2026-05-08\n" +
		"must be a decimal number such as 65000.00\nmust be an instant such as 2026-05-01T14:03:00-05:00"
	if got != want {
		t.Errorf("errors =\n%s\nwant\n%s", got, want)
	}
}
