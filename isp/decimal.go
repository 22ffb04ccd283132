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

// maxDecimal bounds what is read from callers, so that 1e999999999 costs nothing.
const maxDecimal = 30

var errDecimal = errors.New("must be a decimal number such as 65000.00")

// NewDecimal returns value with at least two decimals in its text: 65000 reads "65000.00".
func NewDecimal(value decimal.Decimal) Decimal {
	if value.Exponent() >= -2 {
		return Decimal{value, value.StringFixed(2)}
	}
	return Decimal{value, value.String()}
}

// ParseDecimal reads a plain decimal number of at most 30 characters.
func ParseDecimal(text string) (Decimal, error) {
	value, err := decimal.NewFromString(strings.TrimSpace(text))
	if err != nil || len(text) > maxDecimal || value.Exponent() > maxDecimal || value.Exponent() < -maxDecimal {
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
