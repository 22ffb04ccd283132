package wisphub

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// decodeInto decodes a value over an older one, as happens when a key appears twice.
func decodeInto[T any](t *testing.T, value string, older T) T {
	t.Helper()
	row := struct{ V T }{older}
	if err := json.Unmarshal([]byte(`{"V": `+value+`}`), &row); err != nil {
		t.Errorf("%T of %.60s = %v, want no error", older, value, err)
	}
	return row.V
}

func TestText(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]Text{
		`"Ana Pérez"`:                "Ana Pérez",
		`"  Ana Pérez \t"`:           "Ana Pérez",
		"\"Ana\u00a0\"":              "Ana",
		`"línea 1\r\nlínea 2\r\n"`:   "línea 1\r\nlínea 2",
		`"\u00d1a\u0144dú \/ \"x\""`: `Ñańdú / "x"`,
		`"\ud83d\ude00"`:             "😀",
		`"\ud83d"`:                   "\ufffd",
		"\"a\xffb\"":                 "a\ufffdb",
		"\"a\xff\\n\"":               "a\ufffd",
		`"<p>a &amp; b</p>"`:         "<p>a &amp; b</p>",
		`"null"`:                     "null",
		`"{}"`:                       "{}",
		`26`:                         "26",
		`1.50`:                       "1.50",
		`-0`:                         "-0",
		`true`:                       "true",
		`false`:                      "false",
		`""`:                         "",
		`"  "`:                       "",
		`null`:                       "",
		`{}`:                         "",
		`{"nombre": "Ana"}`:          "",
		`[]`:                         "",
		`["Ana"]`:                    "",
	} {
		if got := decodeInto[Text](t, value, "older"); got != want {
			t.Errorf("Text of %s = %q, want %q", value, got, want)
		}
	}
}

func TestInt(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]Int{
		`26`: 26, `"26"`: 26, `" 26 "`: 26, `26.0`: 26, `"26.0"`: 26, `2.6e1`: 26, `-5`: -5, `"-5"`: -5, `0`: 0, `-0`: 0, `"026"`: 26,
		`2147483647`: 2147483647, `-2147483647`: -2147483647, `2147483648`: 0, `-2147483649`: 0, `99999999999999999999`: 0,
		`26.5`: 0, `1e400`: 0, `"1e400"`: 0, `1e-400`: 0, `"NaN"`: 0, `"Inf"`: 0, `"-Infinity"`: 0, `"1,000"`: 0, `"26 km"`: 0,
		`""`: 0, `null`: 0, `true`: 0, `"abc"`: 0, `{}`: 0, `{"id": 26}`: 0, `[]`: 0, `[26]`: 0, `"\u0032\u0036"`: 26,
	} {
		if got := decodeInto[Int](t, value, 99); got != want {
			t.Errorf("Int of %s = %d, want %d", value, got, want)
		}
	}
}

func TestBool(t *testing.T) {
	t.Parallel()
	for want, values := range map[Bool][]string{
		true:  {`true`, `1`, `"1"`, `"true"`, `"True"`, `"TRUE"`, `" true "`, `"\u0031"`},
		false: {`false`, `0`, `"0"`, `"false"`, `2`, `-1`, `""`, `null`, `"si"`, `"yes"`, `{}`, `{"a": true}`, `[]`, `[true]`},
	} {
		for _, value := range values {
			if got := decodeInto(t, value, !want); got != want {
				t.Errorf("Bool of %s = %t, want %t", value, got, want)
			}
		}
	}
}

func TestMoney(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]Money{
		`"65000.00"`: money("65000.00"), `65000`: money("65000"), `100.0`: money("100.0"), `"30290.0"`: money("30290.0"),
		`"-10.00"`: money("-10.00"), `-10`: money("-10"), `0.0`: money("0.0"), `"0.00"`: money("0.00"), `"+5"`: money("5"),
		`" 12.50 "`: money("12.50"), "\"65000.00\u00a0\"": money("65000.00"), `"\u0036\u0035"`: money("65"),
		`1e3`: money("1e3"), `"1E+3"`: money("1e3"), `1e-3`: money("0.001"), `0.1`: money("0.1"),
		`0.30000000000000004`: money("0.30000000000000004"),

		`null`: {}, `""`: {}, `"   "`: {},

		`"diez"`: {Malformed: true}, `"65.000,00"`: {Malformed: true}, `"65,000.00"`: {Malformed: true}, `"$ 65000"`: {Malformed: true}, `"65000 COP"`: {Malformed: true},
		`"-"`: {Malformed: true}, `"."`: {Malformed: true}, `"1.2.3"`: {Malformed: true}, `"0x10"`: {Malformed: true}, `"1_000"`: {Malformed: true},
		`"NaN"`: {Malformed: true}, `"Infinity"`: {Malformed: true}, `true`: {Malformed: true}, `false`: {Malformed: true},
		`{}`: {Malformed: true}, `{"monto": "65000.00"}`: {Malformed: true}, `[]`: {Malformed: true}, `["65000.00"]`: {Malformed: true},
	} {
		if got := decodeInto(t, value, money("99")); !reflect.DeepEqual(got, want) {
			t.Errorf("Money of %s = %+v, want %+v", value, got, want)
		}
	}
}

// Without a bound, nine characters of JSON could become gigabytes of digits.
func TestMoney_Bounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("7", maxDigits)
	for value, valid := range map[string]bool{
		`1e30`: true, `1e31`: false, `"1e-30"`: true, `"1e-31"`: false, `0e31`: false, `1.5e31`: true,
		`1e999999999`: false, `-1e999999999`: false, `1e-999999999`: false, `"1e2147483648"`: false, `"1e99999999999999999999"`: false,
		long: true, `"` + long + `"`: true, long + "7": false, `"` + long + `7"`: false,
		`"0.` + strings.Repeat("0", maxDigits) + `1"`: false,
	} {
		got := decodeInto(t, value, Money{})
		if got.Valid != valid || got.Malformed == valid {
			t.Errorf("Money of %.60s = %+v, want valid %t", value, got, valid)
		}
		if digits := len(got.Amount.String()); digits > 2*maxDigits+3 {
			t.Errorf("Money of %.60s has %d digits, want at most %d", value, digits, 2*maxDigits+3)
		}
	}
}

// Parsing digits takes quadratic time, seconds for two million. Long texts are not parsed at all.
func TestMoney_SkipsLongText(t *testing.T) { // not parallel: it counts allocations
	text := strings.Repeat("7", 10_000)
	if got := testing.AllocsPerRun(100, func() { parseAmount(text) }); got != 0 {
		t.Errorf("parseAmount(%d digits) allocates %v times, want none", len(text), got)
	}
}

func TestObject(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]*Ref{
		`{"id": 1, "nombre": "Plan 10"}`:         {1, "Plan 10"},
		`{"nombre": " Plan 10 ", "id": "1"}`:     {1, "Plan 10"},
		"{\r\n\t\"id\": 1}":                      {1, ""},
		`{"id": 1, "nombre": "a", "otro": [{}]}`: {1, "a"},
		`{}`:                                     {},
		`{"id": null, "nombre": null}`:           {},
		`{"id": {}, "nombre": ["Plan 10"]}`:      {},
		`{"id": [], "nombre": "Plan 10"}`:        {0, "Plan 10"},
		`null`:                                   nil,
		`""`:                                     nil,
		`"Plan 10"`:                              nil,
		`"{\"id\": 1}"`:                          nil,
		`1`:                                      nil,
		`true`:                                   nil,
		`[]`:                                     nil,
		`[{"id": 1}]`:                            nil,
	} {
		got := decodeInto(t, value, Object[Ref]{&Ref{99, "older"}})
		if !reflect.DeepEqual(got.Value, want) {
			t.Errorf("Object of %s = %+v, want %+v", value, got.Value, want)
		}
	}
}
