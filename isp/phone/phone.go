// Package phone reads phone numbers out of free text and compares them.
package phone

import "strings"

const (
	// MinDigits is the length of a local number. Shorter numbers would match other customers.
	MinDigits = 7
	// NationalDigits is the least that may follow a calling code whose national lengths are unknown.
	NationalDigits = 10
	// MaxDigits is the maximum of E.164.
	MaxDigits = 15
)

// Country is a calling code, digits only, such as "57". A code that is not in plans has no known
// lengths: its numbers are compared by their digits, and may have 7 to 15.
type Country string

// plan is how the numbers of a country are made. None of them begins with 0.
type plan struct {
	digits   int    // of a number with its area
	landline int    // digits of a landline where it has fewer, else 0
	mobile   string // WhatsApp puts it between the code and the number
}

// trunk is dialled before a number within its country.
const trunk = "0"

var plans = map[string]plan{
	"1":   {digits: 10},
	"51":  {digits: 9, landline: 8},
	"52":  {digits: 10, mobile: "1"},
	"54":  {digits: 10, mobile: "9"},
	"56":  {digits: 9},
	"57":  {digits: 10},
	"58":  {digits: 10},
	"502": {digits: 8},
	"503": {digits: 8},
	"504": {digits: 8},
	"505": {digits: 8},
	"506": {digits: 8},
	"507": {digits: 8, landline: 7},
	"591": {digits: 8},
	"593": {digits: 9, landline: 8},
	"595": {digits: 9, landline: 8},
}

func (p plan) fits(number string) bool {
	return (len(number) == p.digits || len(number) == p.landline) && number != "" && number[0] != '0'
}

// withoutTrunk drops the 0 before a number.
func (p plan) withoutTrunk(number string) (string, bool) {
	rest, found := strings.CutPrefix(number, trunk)
	return rest, found && p.fits(rest)
}

// afterCode returns the number that follows the calling code.
func (p plan) afterCode(rest string) (string, bool) {
	if number, found := p.withoutTrunk(rest); found {
		return number, true
	}
	if p.fits(rest) {
		return rest, true
	}
	number, found := strings.CutPrefix(rest, p.mobile)
	return number, found && p.mobile != "" && len(number) == p.digits && number[0] != '0'
}

// National returns the form in which numbers are compared: without the country's own code, the 00
// or trunk 0 before it, and the digit that WhatsApp adds. A number of another country keeps its
// code. Whole reports whether it is a number with its area, so that no digits are missing.
func (c Country) National(number string) (national string, whole bool) {
	abroad := false
	if rest, found := strings.CutPrefix(number, "00"); found && len(rest) >= NationalDigits && rest[0] != '0' {
		number, abroad = rest, true
	}
	own, known := plans[string(c)]
	if !known {
		if rest, found := strings.CutPrefix(number, string(c)); found && len(rest) >= NationalDigits {
			return rest, false
		}
		return number, false
	}
	if !abroad {
		if rest, found := own.withoutTrunk(number); found {
			return rest, true
		}
		if len(number) == own.digits && own.fits(number) {
			return number, true
		}
	}
	return c.withCode(number)
}

// withCode is National for a number that begins with a calling code.
func (c Country) withCode(number string) (national string, whole bool) {
	for n := 1; n <= 3 && n < len(number); n++ {
		code := number[:n]
		plan, known := plans[code]
		if !known {
			continue
		}
		rest, found := plan.afterCode(number[n:])
		switch {
		case !found:
			return number, false // no code is the beginning of another
		case code == string(c):
			return rest, true
		case n+len(rest) == len(number):
			return number, true
		}
		return code + rest, true
	}
	return number, false
}

// IndexKey returns the last digits of a number, by which an index finds it. Numbers that are equal in their
// national form have the same key.
func IndexKey(number string) string { return number[max(0, len(number)-MinDigits):] }

func IsDigit(r rune) bool { return '0' <= r && r <= '9' }

// Digits returns the ASCII digits of a text.
func Digits(text string) string {
	return strings.Map(func(r rune) rune {
		if IsDigit(r) {
			return r
		}
		return -1
	}, text)
}
