package wisphub

import (
	"bytes"
	"encoding/json"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// The types of this file decode whatever WispHub sends for a value. They never fail: a value that
// cannot be understood is absent, so that a wrong type in one field does not cost the row.

// Text is a trimmed string: WispHub's names have trailing spaces. Numbers and booleans become
// their text. Null, lists and objects become "".
type Text string

// UnmarshalJSON implements [json.Unmarshaler].
func (t *Text) UnmarshalJSON(data []byte) error {
	*t = Text(strings.TrimSpace(scalar(data)))
	return nil
}

// WebURL is an absolute http or https address. Any other value is "": an address with another
// scheme could run a script in the page that shows it.
type WebURL string

// UnmarshalJSON implements [json.Unmarshaler].
func (u *WebURL) UnmarshalJSON(data []byte) error {
	*u = ""
	text := strings.TrimSpace(scalar(data))
	address, err := url.Parse(text)
	if err == nil && (address.Scheme == "http" || address.Scheme == "https") && address.Hostname() != "" {
		*u = WebURL(text)
	}
	return nil
}

// Int is an integer sent as a number or as text. Any other value is 0, and one beyond the 32 bits
// of a GraphQL Int, too.
type Int int

// UnmarshalJSON implements [json.Unmarshaler].
func (i *Int) UnmarshalJSON(data []byte) error {
	number, _ := parseInt(data)
	*i = Int(number)
	return nil
}

// parseInt reports whether data is an integer of at most 32 bits, and returns it, or 0.
func parseInt(data []byte) (number int, ok bool) {
	float, err := strconv.ParseFloat(strings.TrimSpace(scalar(data)), 64)
	if err != nil || float != math.Trunc(float) || math.Abs(float) > math.MaxInt32 {
		return 0, false
	}
	return int(float), true
}

// Bool is true for true, 1 and their texts, and false for any other value.
type Bool bool

// UnmarshalJSON implements [json.Unmarshaler].
func (b *Bool) UnmarshalJSON(data []byte) error {
	value, err := strconv.ParseBool(strings.TrimSpace(scalar(data)))
	*b = Bool(err == nil && value)
	return nil
}

// Money is an exact amount sent as "65000.00" or as 65000. The zero value is absent.
type Money struct {
	Amount decimal.Decimal
	// Valid is false when there is no amount.
	Valid bool
	// Malformed is true when there was a value that is not an amount.
	Malformed bool
}

// maxDigits bounds the length and the exponent of an amount. Without it, 1e999999999 would become
// gigabytes of digits.
const maxDigits = 30

// UnmarshalJSON implements [json.Unmarshaler].
func (m *Money) UnmarshalJSON(data []byte) error {
	*m = Money{}
	text := strings.TrimSpace(scalar(data))
	if text == "" {
		m.Malformed = isContainer(data)
		return nil
	}
	m.Amount, m.Valid = parseAmount(text)
	m.Malformed = !m.Valid
	return nil
}

// parseAmount checks the length first, because parsing digits takes quadratic time.
func parseAmount(text string) (decimal.Decimal, bool) {
	if len(text) > maxDigits {
		return decimal.Decimal{}, false
	}
	amount, err := decimal.NewFromString(text)
	if err != nil || amount.Exponent() > maxDigits || amount.Exponent() < -maxDigits {
		return decimal.Decimal{}, false
	}
	return amount, true
}

// Time is a date or a time in any of WispHub's formats. The zero value is absent.
type Time struct {
	wall  time.Time
	zoned bool
	// Text is the value as WispHub wrote it, trimmed.
	Text string
	// Malformed is true when Text is in no known format.
	Malformed bool
}

// Day first, as is usual in Colombia. Month first only if day first is impossible
// (wisphub-net-api §6.2).
var slashLayouts = []string{
	"2/1/2006 15:04:05", "2/1/2006", "2/1/2006 15:04",
	"1/2/2006 15:04:05", "1/2/2006", "1/2/2006 15:04",
}

var isoLayouts = []string{
	"2006-01-02", "2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02T15:04",
}

var zonedLayouts = []string{time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05Z0700"}

// UnmarshalJSON implements [json.Unmarshaler].
func (t *Time) UnmarshalJSON(data []byte) error {
	*t = Time{Text: strings.TrimSpace(scalar(data))}
	if t.Text == "" {
		t.Malformed = isContainer(data)
		return nil
	}
	var ok bool
	if strings.Contains(t.Text, "/") {
		t.wall, ok = parseTime(t.Text, slashLayouts)
	} else if t.wall, ok = parseTime(t.Text, zonedLayouts); ok {
		t.zoned = true
	} else {
		t.wall, ok = parseTime(t.Text, isoLayouts)
	}
	t.Malformed = !ok
	return nil
}

func parseTime(text string, layouts []string) (time.Time, bool) {
	for _, layout := range layouts {
		if at, err := time.Parse(layout, text); err == nil && at.Year() >= 1 {
			return at, true
		}
	}
	return time.Time{}, false
}

// IsZero reports whether there is no date.
func (t Time) IsZero() bool { return t.wall.IsZero() }

// In returns the time in zone, which is the tenant's. A value without an offset is a wall clock
// there. The zero Time returns the zero time.
func (t Time) In(zone *time.Location) time.Time {
	switch {
	case t.IsZero():
		return time.Time{}
	case t.zoned:
		return t.wall.In(zone)
	}
	year, month, day := t.wall.Date()
	hour, minute, second := t.wall.Clock()
	return time.Date(year, month, day, hour, minute, second, t.wall.Nanosecond(), zone)
}

// Object holds a T if WispHub sent an object. It holds nil for null, and for a text instead of an
// object.
type Object[T any] struct{ Value *T }

// UnmarshalJSON implements [json.Unmarshaler].
func (o *Object[T]) UnmarshalJSON(data []byte) error {
	o.Value = nil
	if !bytes.HasPrefix(data, []byte("{")) {
		return nil
	}
	o.Value = new(T)
	// The syntax was checked before. A field of the wrong type stays zero.
	_ = json.Unmarshal(data, o.Value)
	return nil
}

// Ref is a reference to another record, with its name.
type Ref struct {
	ID   Int  `json:"id"`
	Name Text `json:"nombre"`
}

func refID(ref *Ref) int { return int(ref.ID) }

// scalar returns the text of a JSON string, number or boolean, and "" for null, lists and objects.
func scalar(data []byte) string {
	switch {
	case len(data) == 0 || isContainer(data) || bytes.Equal(data, []byte("null")):
		return ""
	case data[0] != '"':
		return string(data)
	case bytes.IndexByte(data, '\\') < 0 && utf8.Valid(data):
		return string(data[1 : len(data)-1])
	}
	var text string
	_ = json.Unmarshal(data, &text) // the syntax was checked before
	return text
}

func isContainer(data []byte) bool { return len(data) > 0 && (data[0] == '{' || data[0] == '[') }
