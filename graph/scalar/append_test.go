package scalar_test

import (
	"encoding/json"
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"pgregory.net/rapid"

	"wisphub-graphql/graph/scalar"
	"wisphub-graphql/isp"
)

// oddText draws texts of any bytes, mostly of those that matter to JSON.
func oddText(t *rapid.T) string {
	parts := []string{`"`, `\`, "\n", "\t", "\r", "\x00", "\x1f", "\x7f", "/", "<", "&", "\u2028", "é", "😀", "\xff", "\xed\xa0\x80", "null", "a", " "}
	text := ""
	for _, part := range rapid.SliceOf(rapid.SampledFrom(parts)).Draw(t, "parts") {
		text += part
	}
	return text + string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
}

// Each Append function appends what gqlgen writes with the marshaler of the same name.
func Test16_3_AppendEqualsMarshal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := oddText(t)
		number, float := rapid.Int().Draw(t, "int"), rapid.Float64().Draw(t, "float")
		boolean := rapid.Bool().Draw(t, "bool")
		amount, _ := isp.ParseDecimal(strconv.Itoa(number) + ".50") // no amount if it is too long
		zone := time.FixedZone("", 60*rapid.IntRange(-14*60, 14*60).Draw(t, "offset"))
		at := time.Unix(rapid.Int64Range(-1<<34, 1<<34).Draw(t, "seconds"), 0).In(zone)
		day := isp.Date(at.Format(time.DateOnly))
		value, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		appended, ok := scalar.AppendFloat([]byte("x"), float)
		if ok != (!math.IsInf(float, 0) && !math.IsNaN(float)) {
			t.Errorf("AppendFloat(%g) = %v, want false for infinite values and for NaN only", float, ok)
		}
		if !ok {
			appended = append(appended, marshal(graphql.MarshalFloat(float))...)
		}
		b := []byte("x")
		for _, pair := range []struct {
			name string
			got  []byte
			want graphql.Marshaler
		}{
			{"String", scalar.AppendString(b, text), graphql.MarshalString(text)},
			{"ID", scalar.AppendID(b, text), graphql.MarshalID(text)},
			{"Boolean", scalar.AppendBoolean(b, boolean), graphql.MarshalBoolean(boolean)},
			{"Int", scalar.AppendInt(b, number), scalar.MarshalInt(number)},
			{"Float", appended, graphql.MarshalFloat(float)},
			{"Text", scalar.AppendText(b, isp.Text(text)), scalar.MarshalText(isp.Text(text))},
			{"Date", scalar.AppendDate(b, day), scalar.MarshalDate(day)},
			{"DateTime", scalar.AppendDateTime(b, at), scalar.MarshalDateTime(at)},
			{"Decimal", scalar.AppendDecimal(b, amount), scalar.MarshalDecimal(amount)},
			{"JSON", scalar.AppendJSON(b, value), scalar.MarshalJSON(value)},
		} {
			if want := "x" + marshal(pair.want); string(pair.got) != want {
				t.Errorf("Append%s(%q …) = %q, want %q", pair.name, text, pair.got, want)
			}
		}
	})
}

// Values that are null become gqlgen's own null, which its executor knows by its address.
func Test16_3_NullIsGqlgensNull(t *testing.T) {
	t.Parallel()
	for name, marshaler := range map[string]graphql.Marshaler{
		"Text": scalar.MarshalText(""), "Date": scalar.MarshalDate(""), "DateTime": scalar.MarshalDateTime(time.Time{}),
		"Decimal": scalar.MarshalDecimal(isp.Decimal{}), "JSON": scalar.MarshalJSON(nil),
	} {
		if marshaler != graphql.Null {
			t.Errorf("Marshal%s of no value is not graphql.Null", name)
		}
	}
}

// Values are appended without memory of their own.
func Test16_3_AppendAllocatesNothing(t *testing.T) {
	amount, err := isp.ParseDecimal("65000.00")
	if err != nil {
		t.Fatal(err)
	}
	b, at := make([]byte, 0, 1024), time.Now()
	allocations := testing.AllocsPerRun(100, func() {
		c := scalar.AppendString(b, "Ana Pérez de la Cruz")
		c = scalar.AppendInt(c, 26)
		c, _ = scalar.AppendFloat(c, 4.61)
		c = scalar.AppendText(c, "10.0.0.1")
		c = scalar.AppendDate(c, "2026-05-08")
		c = scalar.AppendDateTime(c, at)
		_ = scalar.AppendDecimal(c, amount)
	})
	if allocations != 0 {
		t.Errorf("%g allocations, want none", allocations)
	}
}
