package isp

import (
	"errors"
	"regexp"
	"strings"

	"github.com/shopspring/decimal"
)

// Decimal is an exact amount. The zero value is no amount.
type Decimal struct{ amount *amount } // a pointer, because many clients share few amounts

// amount keeps its text, because it is read far more often than it is made.
type amount struct {
	value decimal.Decimal
	text  string
}

// The limits of what callers may send. Without them, 1e999999999 would take gigabytes of memory.
// The longest amount that WispHub may send has maxDecimalText characters.
const (
	maxDecimalText = 64
	maxExponent    = 30
)

var errDecimal = errors.New("must be a decimal number such as 65000.00")

// NewDecimal returns an amount whose text has two decimals, and more only if the value needs them:
// the text of 65000 is "65000.00".
func NewDecimal(value decimal.Decimal) Decimal {
	if value.Exponent() >= -2 || value.Equal(value.Truncate(2)) {
		return Decimal{&amount{value, value.StringFixed(2)}}
	}
	return Decimal{&amount{value, value.String()}}
}

// ParseDecimal reads a decimal number of at most 64 characters, with or without an exponent.
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

// ParsePrice reads an amount as subscribers write prices: 65000, 65.000, 65,000, 65.000,00,
// 65,000.00 or 65000,50. After a single point, three digits are decimals, and a claim also tries
// them as thousands. Use it to compare amounts, never to write them.
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

// IsZero reports whether there is no amount. It is false for the amount 0.00.
func (d Decimal) IsZero() bool { return d.amount == nil }

// Value returns the number, 0 when there is no amount.
func (d Decimal) Value() decimal.Decimal {
	if d.amount == nil {
		return decimal.Decimal{}
	}
	return d.amount.value
}

// Compare orders amounts by value.
func (d Decimal) Compare(other Decimal) int { return d.Value().Cmp(other.Value()) }

// cents returns the amount in hundredths. It is not exact for no amount, more than two decimals, or
// maxCents and more.
func (d Decimal) cents() (cents int64, exact bool) {
	digits, negative := strings.CutPrefix(d.String(), "-")
	point := len(digits) - 3
	if point < 1 || digits[point] != '.' {
		return 0, false
	}
	for i := range len(digits) {
		if i == point {
			continue
		}
		if cents = cents*10 + int64(digits[i]-'0'); cents >= maxCents {
			return 0, false
		}
	}
	if negative {
		return -cents, true
	}
	return cents, true
}

func (d Decimal) String() string {
	if d.amount == nil {
		return ""
	}
	return d.amount.text
}

// MarshalText implements [encoding.TextMarshaler].
func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalJSON reads what [Decimal.MarshalText] wrote. It also reads a JSON number, and null,
// which is no amount. It is for snapshots; package scalar reads the amounts of callers.
func (d *Decimal) UnmarshalJSON(data []byte) (err error) {
	text := strings.Trim(string(data), `"`)
	if text == "" || string(data) == "null" {
		*d = Decimal{}
		return nil
	}
	*d, err = ParseDecimal(text)
	return err
}
