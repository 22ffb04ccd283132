package isp

import (
	"errors"
	"regexp"
	"strings"

	"github.com/shopspring/decimal"
)

// Decimal is an exact amount with its text, made once because it is read far more often than it changes. The zero
// value is no amount.
type Decimal struct {
	value decimal.Decimal
	text  string
}

// What is read from callers is bounded, so that 1e999999999 costs nothing. The text is as long as that of the longest
// amount which WispHub may send.
const (
	maxDecimalText = 64
	maxExponent    = 30
)

var errDecimal = errors.New("must be a decimal number such as 65000.00")

// NewDecimal returns value with at least two decimals in its text, and no more than it needs: 65000 reads "65000.00".
func NewDecimal(value decimal.Decimal) Decimal {
	if value.Exponent() >= -2 || value.Equal(value.Truncate(2)) {
		return Decimal{value, value.StringFixed(2)}
	}
	return Decimal{value, value.String()}
}

// ParseDecimal reads a decimal number of at most 64 characters, with an exponent or without.
func ParseDecimal(text string) (Decimal, error) {
	if len(text) > maxDecimalText {
		return Decimal{}, errDecimal
	}
	value, err := decimal.NewFromString(strings.TrimSpace(text))
	if err != nil || value.Exponent() > maxExponent || value.Exponent() < -maxExponent {
		return Decimal{}, errDecimal
	}
	return NewDecimal(value), nil
}

// groupedPrice is an amount with thousands set apart by one sign, and decimals by the other.
var groupedPrice = regexp.MustCompile(`^-?\d{1,3}(?:(?:\.\d{3})+(?:,\d{1,2})?|(?:,\d{3})+(?:\.\d{1,2})?)$`)

// ParsePrice reads an amount as people write prices: 65000, 65.000, 65,000, 65.000,00, 65,000.00 or
// 65000,50. Three digits after the only sign are read as decimals, which a claim takes for thousands,
// too. It is for amounts that are compared, never for those that are written.
func ParsePrice(text string) (Decimal, error) {
	text = strings.TrimSpace(text)
	if amount, err := ParseDecimal(text); err == nil || len(text) > maxDecimalText {
		return amount, err
	}
	last := strings.LastIndexAny(text, ".,")
	switch {
	case strings.Count(text, ",") == 1 && strings.IndexByte(text, '.') < 0:
		return ParseDecimal(strings.Replace(text, ",", ".", 1))
	case !groupedPrice.MatchString(text):
		return Decimal{}, errDecimal
	case len(text)-last-1 == 3:
		return ParseDecimal(withoutSigns(text))
	}
	return ParseDecimal(withoutSigns(text[:last]) + "." + text[last+1:])
}

func withoutSigns(text string) string { return strings.NewReplacer(".", "", ",", "").Replace(text) }

// IsZero reports whether there is no amount; the amount 0.00 is one.
func (d Decimal) IsZero() bool { return d.text == "" }

// Value returns the amount, 0 when there is none.
func (d Decimal) Value() decimal.Decimal { return d.value }

// Compare orders amounts by value.
func (d Decimal) Compare(other Decimal) int { return d.value.Cmp(other.value) }

func (d Decimal) String() string { return d.text }

// MarshalText implements [encoding.TextMarshaler].
func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.text), nil }

// UnmarshalJSON reads a number, or text that is one. Null and "" are no amount, as [Decimal.MarshalText] writes it. What
// callers send is not read by this but by package scalar.
func (d *Decimal) UnmarshalJSON(data []byte) (err error) {
	text := strings.Trim(string(data), `"`)
	if text == "" || string(data) == "null" {
		*d = Decimal{}
		return nil
	}
	*d, err = ParseDecimal(text)
	return err
}
