package phone

import (
	"slices"
	"strings"
	"unicode"
)

const (
	// MinDigits is a local number; fewer digits would fit strangers.
	MinDigits = 7
	// NationalDigits is a number with its area, to which a country code may be added.
	NationalDigits = 10
	// MaxDigits is what E.164 allows.
	MaxDigits = 15
)

// Split returns the numbers in a free text such as "300 000 0001, +57 3000000002", digits only. Never nil.
func Split(text string) []string {
	phones := []string{}
	for part := range strings.FieldsFuncSeq(text, isSeparator) {
		groups := strings.FieldsFunc(part, func(r rune) bool { return !IsDigit(r) })
		if slices.ContainsFunc(groups, func(group string) bool { return len(group) < MinDigits }) {
			groups = []string{strings.Join(groups, "")} // one number, written in groups
		}
		for _, number := range groups {
			if number != "" {
				phones = append(phones, number)
			}
		}
	}
	return phones
}

// isSeparator: everything but digits and what people write inside a number. A + begins one.
func isSeparator(r rune) bool {
	return !IsDigit(r) && !unicode.Is(unicode.Zs, r) && !strings.ContainsRune("-.()\t", r)
}

func IsDigit(r rune) bool { return '0' <= r && r <= '9' }

func Digits(text string) string {
	return strings.Map(func(r rune) rune {
		if IsDigit(r) {
			return r
		}
		return -1
	}, text)
}

// National drops the country code (and the 00 or + before it) from a number's digits, where what is left is a
// whole number.
func National(countryCode, number string) string {
	for _, prefix := range []string{"00" + countryCode, "00", countryCode} {
		if rest, found := strings.CutPrefix(number, prefix); found && len(rest) >= NationalDigits {
			return rest
		}
	}
	return number
}

// IndexKey is what an index of phones is by: the last digits.
func IndexKey(number string) string { return number[max(0, len(number)-MinDigits):] }
