package text

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"", ""},
		{"  Ana \t María\u00a0 ", "ana maria"},
		{"ÁÉÍÓÚÜÑ", "aeiouun"},
		{"Straße", "strasse"},
		{"ΣΊΣΥΦΟΣ", "σισυφοσ"},
		{"\u1fb3", "αι"},
		{"a \u0301 b", "a b"},
		{"a \u0301", "a"},
		{"\x00a\x00", "a"},
		{"\xff", "\ufffd"},
		{"한글", norm.NFD.String("한글")},
	}
	for _, test := range tests {
		if got := Fold(test.text); got != test.want {
			t.Errorf("Fold(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

// Case and Unicode composition make no difference, and folding twice equals folding once.
func TestFold_IsStable(t *testing.T) {
	t.Parallel()
	spanish := rapid.StringOf(rapid.OneOf(rapid.SampledFrom([]rune("aáAÁnñÑeé57 .,-\u0301\u0303ß")), rapid.RuneFrom([]rune("ÜüçÇøØ\u00a0\tÅå漢한"))))
	rapid.Check(t, func(t *rapid.T) {
		text := spanish.Draw(t, "text")
		folded := Fold(text)
		for name, other := range map[string]string{
			"folded": folded, "NFC": norm.NFC.String(text), "NFD": norm.NFD.String(text),
			"upper": strings.ToUpper(text), "lower": strings.ToLower(text), "spaced": " " + text + "\n",
		} {
			if got := Fold(other); got != folded {
				t.Errorf("Fold(%s of %q) = %q, want %q", name, other, got, folded)
			}
		}
	})
}

func FuzzFold(f *testing.F) {
	for _, seed := range []string{"", "María José", "a \u0301 b", "\u0345\u0301α", "ŉǰẞ", "\xff\x00", "한\u1161", "ꭷᎧ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		folded := Fold(text)
		if again := Fold(folded); again != folded {
			t.Errorf("Fold(%q) = %q, want it unchanged", folded, again)
		}
		if got := Fold(norm.NFD.String(text)); got != folded {
			t.Errorf("Fold(NFD %q) = %q, want %q", text, got, folded)
		}
		if got := Fold(norm.NFC.String(text)); got != folded {
			t.Errorf("Fold(NFC %q) = %q, want %q", text, got, folded)
		}
		if strings.Contains(folded, "\x00") || strings.Contains(folded, "  ") || strings.TrimSpace(folded) != folded {
			t.Errorf("Fold(%q) = %q, want single spaces, none at the ends, and no NUL", text, folded)
		}
	})
}
