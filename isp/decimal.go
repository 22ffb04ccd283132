package isp

import (
	"errors"
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
