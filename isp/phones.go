package isp

import (
	"slices"
	"strings"
	"unicode"
)

const (
	// minPhoneDigits is a local number; fewer digits would fit strangers.
	minPhoneDigits = 7
	// wholePhoneDigits is a number with its area, to which a country code may be added.
	wholePhoneDigits = 10
	// maxPhoneDigits is what E.164 allows.
	maxPhoneDigits = 15
)

// splitPhones returns the numbers in a free text such as "300 000 0001, +57 3000000002", digits only. Never nil.
func splitPhones(text string) []string {
	phones := []string{}
	for part := range strings.FieldsFuncSeq(text, separatesPhones) {
		groups := strings.FieldsFunc(part, func(r rune) bool { return !isDigit(r) })
		if slices.ContainsFunc(groups, func(group string) bool { return len(group) < minPhoneDigits }) {
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

// separatesPhones: everything but digits and what people write inside a number. A + begins one.
func separatesPhones(r rune) bool {
	return !isDigit(r) && !unicode.Is(unicode.Zs, r) && !strings.ContainsRune("-.()\t", r)
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if isDigit(r) {
			return r
		}
		return -1
	}, text)
}

// nationalPhone drops the country code (and the 00 or + before it) from a number's digits, where what is left is a
// whole number.
func (l locale) nationalPhone(number string) string {
	for _, prefix := range []string{"00" + l.countryCode, "00", l.countryCode} {
		if rest, found := strings.CutPrefix(number, prefix); found && len(rest) >= wholePhoneDigits {
			return rest
		}
	}
	return number
}

// phoneKey is what an index of phones is by: the last digits.
func phoneKey(number string) string { return number[max(0, len(number)-minPhoneDigits):] }

// phoneQuery reads the number that a caller looks for.
func (l locale) phoneQuery(text string) (string, error) {
	number := l.nationalPhone(digits(text))
	if len(number) < minPhoneDigits || len(number) > maxPhoneDigits {
		return "", invalid("must be a phone number of 7 to 15 digits", "by", "phone")
	}
	return number, nil
}

// withPhone keeps the clients that have the number: whole where somebody has it whole, else as their last digits.
func (l locale) withPhone(clients []*Client, number string) []*Client {
	var whole, partly []*Client
	for _, client := range clients {
		switch {
		case slices.ContainsFunc(client.Phones, func(phone string) bool { return l.nationalPhone(phone) == number }):
			whole = append(whole, client)
		case slices.ContainsFunc(client.Phones, func(phone string) bool { return strings.HasSuffix(phone, number) }):
			partly = append(partly, client)
		}
	}
	if len(whole) > 0 {
		return whole
	}
	return partly
}
