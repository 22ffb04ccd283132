package text

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func Test15_Small_Shorten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		value, limit := rapid.String().Draw(rt, "text"), rapid.IntRange(1, 20).Draw(rt, "limit")
		got := Shorten(value, limit)
		switch {
		case utf8.RuneCountInString(value) <= limit && got != value:
			rt.Errorf("Shorten(%q, %d) = %q, want it unchanged", value, limit, got)
		case utf8.RuneCountInString(value) > limit &&
			(utf8.RuneCountInString(got) != limit || !strings.HasSuffix(got, "…") || !strings.HasPrefix(value, strings.TrimSuffix(got, "…"))):
			rt.Errorf("Shorten(%q, %d) = %q, want its begin and …", value, limit, got)
		}
	})
}
