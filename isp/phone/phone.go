// Package phone reads phone numbers out of free text and compares them.
package phone

import (
	"slices"
	"strings"
	"unicode"
)

const (
	// MinDigits is the length of a local number. Shorter numbers would match other customers.
	MinDigits = 7
	// NationalDigits is the length of a number with its area code. A country code may precede
	// it.
	NationalDigits = 10
	// MaxDigits is the maximum of E.164.
	MaxDigits = 15
)

// Split returns the numbers in free text such as "300 000 0001, +57 3000000002", digits only. It
// is never nil.
func Split(text string) []string {
	phones := []string{}
	for part := range strings.FieldsFuncSeq(text, isSeparator) {
		groups := strings.FieldsFunc(part, func(r rune) bool { return !IsDigit(r) })
		if slices.ContainsFunc(groups, func(group string) bool { return len(group) < MinDigits }) {
			groups = []string{strings.Join(groups, "")} // one number in groups of digits
		}
		for _, number := range groups {
			if number != "" {
				phones = append(phones, number)
			}
		}
	}
	return phones
}

// isSeparator reports whether r ends a number. Digits and the characters that users write inside
// numbers do not; a + begins a number.
func isSeparator(r rune) bool {
	return !IsDigit(r) && !unicode.Is(unicode.Zs, r) && !strings.ContainsRune("-.()\t", r)
}

// IsDigit reports whether r is an ASCII digit.
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

// National drops the country code, and 00 before it, from a number's digits. It drops nothing if
// the rest would be shorter than NationalDigits.
func National(countryCode, number string) string {
	for _, prefix := range []string{"00" + countryCode, "00", countryCode} {
		if rest, found := strings.CutPrefix(number, prefix); found && len(rest) >= NationalDigits {
			return rest
		}
	}
	return number
}

// IndexKey returns the last digits of a number, by which an index finds it.
func IndexKey(number string) string { return number[max(0, len(number)-MinDigits):] }
