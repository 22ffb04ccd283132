package phone

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxExtension bounds the digits of an extension. More are a number of their own.
const maxExtension = 6

// extensionWords stand before an extension, in lower case.
var extensionWords = []string{"ext", "extn", "extension", "extensión", "extensio\u0301n", "x", "anexo", "interno", "int"}

// segment is what stands between two separators: one number or several, in groups of digits.
type segment struct {
	groups    []string
	plus      bool // a + precedes it
	extension bool // a word such as "ext" precedes it
}

// Split is [Country.Split] for a country that is not known.
func Split(text string) []string { return Country("").Split(text) }

// Split returns the numbers in a free text such as "300 000 0001, +57 3000000002", digits only and
// none longer than 15. It is never nil. Extensions and the device in a WhatsApp address
// (573000000001:12@s.whatsapp.net) are left out.
func (c Country) Split(text string) []string {
	phones := []string{}
	var current segment
	for end := 0; ; {
		start := end + strings.IndexFunc(text[end:], IsDigit)
		if start < end {
			return c.appendNumbers(phones, current)
		}
		between := text[end:start]
		if last := strings.LastIndexFunc(between, isSeparator); last >= 0 {
			phones = c.appendNumbers(phones, current)
			current = segment{groups: current.groups[:0], plus: between[last] == '+', extension: endsInExtension(between)}
		}
		end = start
		for end < len(text) && IsDigit(rune(text[end])) {
			end++
		}
		if isDevice := between == ":" && strings.HasPrefix(text[end:], "@"); !isDevice {
			current.groups = append(current.groups, text[start:end])
		}
	}
}

// isSeparator: everything but digits and what people write inside a number. A + begins one.
func isSeparator(r rune) bool {
	if r < utf8.RuneSelf {
		return !IsDigit(r) && !strings.ContainsRune(" -.()\t", r)
	}
	return !unicode.In(r, unicode.Zs, unicode.Pd) && r != '\u2212'
}

// endsInExtension reports whether the last word of a text announces an extension.
func endsInExtension(text string) bool {
	isLetter := func(r rune) bool { return unicode.In(r, unicode.L, unicode.Mn) }
	end := strings.LastIndexFunc(text, isLetter)
	if end < 0 {
		return false
	}
	_, size := utf8.DecodeRuneInString(text[end:])
	text = text[:end+size]
	start := strings.LastIndexFunc(text, func(r rune) bool { return !isLetter(r) })
	if start >= 0 {
		_, size = utf8.DecodeRuneInString(text[start:])
		start += size
	}
	return slices.Contains(extensionWords, strings.ToLower(text[max(start, 0):]))
}

// appendNumbers appends the numbers of a segment. What follows "ext" is an extension unless it is a
// whole number.
func (c Country) appendNumbers(phones []string, s segment) []string {
	if !s.extension || len(s.groups) == 0 || len(s.groups[0]) > maxExtension {
		return c.join(phones, s.groups, s.plus)
	}
	numbers := c.join(nil, s.groups, s.plus)
	if slices.ContainsFunc(numbers, func(number string) bool { return !c.isWhole(number) }) {
		return c.join(phones, s.groups[1:], false)
	}
	return append(phones, numbers...)
}

func (c Country) isWhole(number string) bool {
	_, whole := c.National(number)
	return whole
}

// join appends the numbers that groups of digits make up. Groups as long as numbers are numbers.
func (c Country) join(phones, groups []string, plus bool) []string {
	tooLong := slices.ContainsFunc(groups, func(group string) bool { return len(group) > MaxDigits })
	hasShort := slices.ContainsFunc(groups, func(group string) bool { return len(group) < MinDigits })
	switch {
	case tooLong:
		return c.partition(phones, strings.Split(strings.Join(groups, ""), ""), plus)
	case hasShort && len(groups) > 1:
		return c.partition(phones, groups, plus)
	}
	return append(phones, groups...)
}

// partition joins neighbouring groups so that the numbers are the most plausible ones. Of equally
// plausible ones it takes the fewest, then those whose lengths differ least.
func (c Country) partition(phones, groups []string, plus bool) []string {
	digits := strings.Join(groups, "")
	offsets, costs, next := make([]int, len(groups)+1), make([]int, len(groups)+1), make([]int, len(groups))
	for i, group := range groups {
		offsets[i+1] = offsets[i] + len(group)
	}
	for i := len(groups) - 1; i >= 0; i-- {
		for j := i + 1; j <= len(groups) && offsets[j]-offsets[i] <= MaxDigits; j++ {
			cost := costs[j] + c.cost(digits[offsets[i]:offsets[j]], plus && i == 0)
			if j == i+1 || cost < costs[i] {
				costs[i], next[i] = cost, j
			}
		}
	}
	for i := 0; i < len(groups); i = next[i] {
		phones = append(phones, digits[offsets[i]:offsets[next[i]]])
	}
	return phones
}

// cost grows as a number becomes less plausible. Each number costs a thousand, and the square of its
// length, which is least when lengths are alike.
func (c Country) cost(number string, plus bool) int {
	const unit = 1_000_000
	cost := 1000 + len(number)*len(number)
	own, known := plans[string(c)]
	switch {
	case c.isWhole(number):
		return cost
	case len(number) < MinDigits:
		return cost + 4*unit
	case plus, strings.HasPrefix(number, "00") && len(number) > NationalDigits:
		return cost + unit // of a country that plans does not have
	case !known, len(number) < own.digits:
		return cost + 2*unit
	}
	return cost + 5*unit // longer than any number of the country's
}
