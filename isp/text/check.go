// Package text folds texts for comparison and checks texts that users enter.
package text

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// OrNull is a text from WispHub. GraphQL shows the empty text as null.
type OrNull string

// Check says what is wrong with a text from a user, "" if nothing. It accepts line breaks and
// tabs if multiline.
func Check(text string, limit int, multiline bool) string {
	switch {
	case utf8.RuneCountInString(text) > limit:
		return "Must be at most " + strconv.Itoa(limit) + " characters."
	case !utf8.ValidString(text), strings.ContainsFunc(text, func(r rune) bool { return isControl(r, multiline) }):
		return "Must not hold control characters."
	}
	return ""
}

// isControl includes characters that change the direction of text: they make it look like other
// text.
func isControl(r rune, multiline bool) bool {
	if multiline && (r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029') {
		return false
	}
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r)
}

// IsBlank reports whether a text shows no character.
func IsBlank(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) })
}
