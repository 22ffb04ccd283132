package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// latin is a table of folded runes, for speed: nearly all text consists of these runes.
var latin = func() (table [0x250]string) {
	for r := range table {
		table[r] = stripRune(rune(r))
	}
	return table
}()

// stripRune removes accents and case: á and Á give a, ß gives ss. ñ gives n, because users who
// search seldom type the tilde.
func stripRune(r rune) string {
	folded := cases.Fold().String(norm.NFD.String(string(r)))
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r) // cases.Fold swaps the two cases of Cherokee
	}, folded)
}

func foldRune(r rune) string {
	if int(r) < len(latin) {
		return latin[r]
	}
	if isInvisible(r) {
		return ""
	}
	return stripRune(r)
}

// Fold normalizes text for comparison. It ignores case, accents, Unicode composition and invisible
// runes, trims spaces and collapses them.
func Fold(text string) string {
	var short [64]byte
	folded := AppendFold(short[:0], text)
	if string(folded) == text {
		return text
	}
	return string(folded)
}

// AppendFold appends the folded text to a buffer.
func AppendFold(buffer []byte, text string) []byte {
	start, gap := len(buffer), false
	for _, r := range text {
		if unicode.IsSpace(r) || r == 0 {
			gap = len(buffer) > start
			continue
		}
		letter := foldRune(r)
		if gap && letter != "" { // an accent between two spaces leaves one space
			buffer = append(buffer, ' ')
			gap = false
		}
		buffer = append(buffer, letter...)
	}
	return buffer
}
