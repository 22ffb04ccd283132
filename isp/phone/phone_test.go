package phone

import (
	"slices"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want []string
	}{
		{"", nil},
		{" , ", nil},
		{"no tiene", nil},
		{"3000000001", []string{"3000000001"}},
		{"3000000001,3000000002", []string{"3000000001", "3000000002"}},
		{"3000000001, +57 3000000002", []string{"3000000001", "573000000002"}},
		{"3000000001 / 3000000002;3000000003", []string{"3000000001", "3000000002", "3000000003"}},
		{"3000000001 3000000002", []string{"3000000001", "3000000002"}},
		{"3000000001-3000000002", []string{"3000000001", "3000000002"}},
		{"300 000 0001, 300-000-0002", []string{"3000000001", "3000000002"}},
		{"+57 300 000 0001 y 300.000.0002", []string{"573000000001", "3000000002"}},
		{"(604) 123 4567", []string{"6041234567"}},
		{"300\u00a0000\u00a00001", []string{"3000000001"}},
		{"Ana: 3000000001\r\nLuz: 3000000002", []string{"3000000001", "3000000002"}},
		{"3000000001 +57 3000000002", []string{"3000000001", "573000000002"}},
		{"3000000001 +573000000002", []string{"3000000001", "573000000002"}},
		{"1234", []string{"1234"}},
	}
	for _, test := range tests {
		if got := Split(test.text); got == nil || !slices.Equal(got, test.want) {
			t.Errorf("Split(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{"", "300 000 0001,+573000000002", "(604) 1234567 ext 2", "\u00a0300\xff", "00", "3000000001 +57 300 000 0002"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		phones := Split(text)
		if got, want := strings.Join(phones, ""), Digits(text); got != want {
			t.Errorf("Split(%q) = %q, want all digits of %q in order", text, phones, want)
		}
		if slices.Contains(phones, "") {
			t.Errorf("Split(%q) = %q, want no empty number", text, phones)
		}
		if again := Split(strings.Join(phones, ",")); !slices.Equal(again, phones) {
			t.Errorf("Split(%q) = %q, want %q again", strings.Join(phones, ","), again, phones)
		}
	})
}
