package text

import "testing"

func Test13_13_VisibleDropsWhatHasNoWidth(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "Ana": "Ana", " Ana ": " Ana ", "\ufeff Ana \u200b": "Ana", "A\u200bn\u200fa": "Ana", "\u202aAna\u202e": "Ana", "\u2066Ana\u2069": "Ana",
		"\u200a\u2010\u202f\u2065": "\u200a\u2010\u202f\u2065", "\u200b\ufeff": "", "\xe2A\xef": "\xe2A\xef", "€ Ｐ": "€ Ｐ",
	} {
		if got := Visible(text); got != want {
			t.Errorf("Visible(%q) = %q, want %q", text, got, want)
		}
		if got := Fold(text); got != Fold(want) {
			t.Errorf("Fold(%q) = %q, want %q", text, got, Fold(want))
		}
	}
}
