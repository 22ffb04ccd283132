package text

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// OrNull is a text of the upstream's. The empty one is null in GraphQL.
type OrNull string

// Check says what is wrong with a text that a person wrote; "" for nothing. With lines, it may have several.
func Check(text string, most int, lines bool) string {
	switch {
	case utf8.RuneCountInString(text) > most:
		return "Must be at most " + strconv.Itoa(most) + " characters."
	case !utf8.ValidString(text), strings.ContainsFunc(text, func(r rune) bool { return isControl(r, lines) }):
		return "Must not hold control characters."
	}
	return ""
}

// isControl is true also for what turns the direction of the text around it, so that it reads as something else.
func isControl(r rune, lines bool) bool {
	if lines && (r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029') {
		return false
	}
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r)
}

// IsBlank reports whether a text shows nothing.
func IsBlank(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) })
}
