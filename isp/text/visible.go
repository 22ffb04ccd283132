package text

import (
	"strings"
	"unicode"
)

// invisible runes have no width: zero-width ones, marks of direction, and the byte order mark. They
// come along when a text is copied from a chat or a spreadsheet.
var invisible = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x200b, Hi: 0x200f, Stride: 1},
	{Lo: 0x202a, Hi: 0x202e, Stride: 1},
	{Lo: 0x2066, Hi: 0x2069, Stride: 1},
	{Lo: 0xfeff, Hi: 0xfeff, Stride: 1},
}}

func isInvisible(r rune) bool { return r >= 0x200b && unicode.Is(invisible, r) }

// Visible returns a text without invisible runes, and without spaces at the ends if it had any such
// rune.
func Visible(text string) string {
	const lead2, lead3 = '\xe2', '\xef' // in UTF-8 they begin with one of these
	if strings.IndexByte(text, lead2) < 0 && strings.IndexByte(text, lead3) < 0 || !strings.ContainsFunc(text, isInvisible) {
		return text
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if isInvisible(r) {
			return -1
		}
		return r
	}, text))
}
