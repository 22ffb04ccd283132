package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// latin holds the folded form of the runes that nearly every text is made of.
var latin = func() (table [0x250]string) {
	for r := range table {
		table[r] = stripRune(rune(r))
	}
	return table
}()

// stripRune drops accents and case: á and Á give a, ñ gives n (who types a name seldom types its tilde), ß gives ss.
func stripRune(r rune) string {
	folded := cases.Fold().String(norm.NFD.String(string(r)))
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r) // Fold swaps the two cases of Cherokee
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

// Fold makes texts comparable: without regard to case and accents, composed or not, without
// invisible runes, spaces trimmed and collapsed.
func Fold(text string) string {
	var folded strings.Builder
	folded.Grow(len(text))
	gap := false
	for _, r := range text {
		if unicode.IsSpace(r) || r == 0 {
			gap = folded.Len() > 0
			continue
		}
		letter := foldRune(r)
		if gap && letter != "" { // an accent between two spaces leaves one of them
			folded.WriteByte(' ')
			gap = false
		}
		folded.WriteString(letter)
	}
	return folded.String()
}
