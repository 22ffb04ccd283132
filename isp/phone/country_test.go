package phone

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var nationalNumbers = []struct {
	country Country
	number  string
	want    string
	whole   bool
}{
	{"57", "3001234567", "3001234567", true},
	{"57", "573001234567", "3001234567", true},
	{"57", "00573001234567", "3001234567", true},
	{"57", "03001234567", "3001234567", true},
	{"57", "5703001234567", "3001234567", true},
	{"57", "5712345678", "5712345678", true}, // ten digits are a whole number
	{"57", "1234567", "1234567", false},
	{"57", "0000001", "0000001", false},
	{"57", "0013051234567", "13051234567", true},
	{"57", "5215512345678", "525512345678", true}, // of another country
	{"57", "5491123456789", "541123456789", true},
	{"57", "447911123456", "447911123456", false},
	{"57", "0044207946095", "44207946095", false},
	{"52", "5215512345678", "5512345678", true},
	{"52", "525512345678", "5512345678", true},
	{"52", "5512345678", "5512345678", true},
	{"54", "5491123456789", "1123456789", true},
	{"54", "541123456789", "1123456789", true},
	{"54", "01123456789", "1123456789", true},
	{"54", "54011123456789", "54011123456789", false},
	{"58", "584121234567", "4121234567", true},
	{"58", "04121234567", "4121234567", true},
	{"1", "18095550001", "8095550001", true},
	{"1", "8095550001", "8095550001", true},
	{"51", "51987654321", "987654321", true},
	{"51", "5112345678", "12345678", true}, // a landline
	{"51", "012345678", "12345678", true},
	{"51", "12345678", "12345678", false}, // or the last digits of a mobile
	{"56", "56912345678", "912345678", true},
	{"593", "593991234567", "991234567", true},
	{"593", "0991234567", "991234567", true},
	{"595", "595981234567", "981234567", true},
	{"595", "0981234567", "981234567", true},
	{"591", "59171234567", "71234567", true},
	{"502", "50251234567", "51234567", true},
	{"503", "50371234567", "71234567", true},
	{"504", "50491234567", "91234567", true},
	{"505", "50581234567", "81234567", true},
	{"506", "0050681234567", "81234567", true},
	{"507", "50761234567", "61234567", true},
	{"507", "5072345678", "2345678", true},
	{"502", "0012125550123", "12125550123", true},
	{"44", "447911123456", "7911123456", false}, // without known lengths, as ever
	{"44", "00447911123456", "7911123456", false},
	{"44", "07911123456", "07911123456", false},
	{"57", "", "", false},
	{"57", "0", "0", false},
}

func Test13_12_NationalNumbers(t *testing.T) {
	t.Parallel()
	for _, test := range nationalNumbers {
		if got, whole := test.country.National(test.number); got != test.want || whole != test.whole {
			t.Errorf("Country(%s).National(%s) = %s, %t, want %s, %t", test.country, test.number, got, whole, test.want, test.whole)
		}
	}
}

func Test13_12_SplitByCountry(t *testing.T) {
	t.Parallel()
	tests := []struct {
		country Country
		text    string
		want    []string
	}{
		{"57", "300 000 0001 300 000 0002", []string{"3000000001", "3000000002"}},
		{"57", "300-000-0001 - 300-000-0002", []string{"3000000001", "3000000002"}},
		{"57", "30000000013000000002", []string{"3000000001", "3000000002"}},
		{"57", "57 300 000 0001 57 300 000 0002 604 123 4567", []string{"573000000001", "573000000002", "6041234567"}},
		{"57", "3000000001 57 3000000002", []string{"3000000001", "573000000002"}},
		{"57", "300 000 0001 123 4567", []string{"3000000001", "1234567"}},
		{"57", "123 4567 123 4568", []string{"1234567", "1234568"}},
		{"57", "30 00 00 00 01 30 00 00 00 02", []string{"3000000001", "3000000002"}},
		{"57", "+57 300 000 0001 +1 809 555 0001", []string{"573000000001", "18095550001"}},
		{"57", "+44 20 7946 0958 300 000 0001", []string{"442079460958", "3000000001"}},
		{"57", "300\u2011000\u20110001", []string{"3000000001"}},
		{"1", "809-555-0001 829-555-0002", []string{"8095550001", "8295550002"}},
		{"1", "1-809-555-0001 829-555-0002", []string{"18095550001", "8295550002"}},
		{"1", "(809) 555-0001 (829) 555-0002", []string{"8095550001", "8295550002"}},
		{"502", "5123 4567 5123 4568", []string{"51234567", "51234568"}},
		{"56", "9 1234 5678 9 8765 4321", []string{"912345678", "987654321"}},
		{"51", "999 888 777 999 888 776", []string{"999888777", "999888776"}},
		{"52", "+52 1 55 1234 5678", []string{"5215512345678"}},
		{"44", "300 000 0001 300 000 0002", []string{"3000000001", "3000000002"}}, // lengths alike
		{"44", "07911 123456", []string{"07911123456"}},
		{"44", "1234567890123456", []string{"12345678", "90123456"}},
		{"57", "573001234567:12@s.whatsapp.net", []string{"573001234567"}},
		{"57", "573001234567@s.whatsapp.net, 300 000 0001", []string{"573001234567", "3000000001"}},
		{"57", "12:30 3000000001", []string{"12", "30", "3000000001"}},
		{"57", "604 123 4567 ext 2", []string{"6041234567"}},
		{"57", "604 123 4567 Ext. 12, 3000000002", []string{"6041234567", "3000000002"}},
		{"57", "6041234567x2", []string{"6041234567"}},
		{"57", "604 123 4567 x 2 3000000002", []string{"6041234567", "3000000002"}},
		{"57", "6041234567 EXTENSIÓN: 100", []string{"6041234567"}},
		{"57", "3000000001 x 300 000 0002", []string{"3000000001", "3000000002"}}, // a whole number
		{"57", "fax 6041234567", []string{"6041234567"}},
		{"57", "3000000001 texto 12", []string{"3000000001", "12"}},
		{"57", "tel:+573000000001;ext=2", []string{"573000000001"}},
		{"57", "ext 2", nil},
	}
	for _, test := range tests {
		if got := test.country.Split(test.text); got == nil || !slices.Equal(got, test.want) {
			t.Errorf("Country(%s).Split(%q) = %q, want %q", test.country, test.text, got, test.want)
		}
	}
}

var countries = rapid.SampledFrom(append([]string{"44", "34"}, slices.Sorted(maps.Keys(plans))...))

func drawDigits(t *rapid.T, n int, label string) string {
	first := rapid.StringOfN(rapid.RuneFrom([]rune("123456789")), 1, 1, -1).Draw(t, label)
	return first + rapid.StringOfN(rapid.RuneFrom([]rune("0123456789")), n-1, n-1, -1).Draw(t, label)
}

// Splitting loses no digit and invents none, whatever stands between.
func Test13_12_SplitKeepsDigits(t *testing.T) {
	t.Parallel()
	texts := rapid.StringOf(rapid.SampledFrom([]rune("0123456789 000-.()+,/;\tñA\u00a0")))
	rapid.Check(t, func(t *rapid.T) {
		country, text := Country(countries.Draw(t, "country")), texts.Draw(t, "text")
		wantSplit(t, country, text)
		if got := strings.Join(country.Split(text), ""); got != Digits(text) {
			t.Errorf("Country(%s).Split(%q) = %q, want every digit of the text in turn", country, text, country.Split(text))
		}
	})
}

// wantSplit checks what holds for every text.
func wantSplit(t rapid.TB, country Country, text string) {
	phones := country.Split(text)
	for _, phone := range phones {
		if phone == "" || len(phone) > MaxDigits || Digits(phone) != phone {
			t.Errorf("Country(%s).Split(%q) has %q, want 1 to %d digits", country, text, phone, MaxDigits)
		}
	}
	joined := strings.Join(phones, ",")
	if again := country.Split(joined); !slices.Equal(again, phones) {
		t.Errorf("Country(%s).Split(%q) = %q, want %q as before", country, joined, again, phones)
	}
}

// However a whole number is written, it is one number and has one national form.
func Test13_12_EveryFormIsOneNumber(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom(slices.Sorted(maps.Keys(plans))).Draw(t, "code")
		number := drawDigits(t, plans[code].digits, "number")
		cut := rapid.IntRange(1, len(number)-1).Draw(t, "cut")
		grouped := number[:cut] + " " + number[cut:]
		forms := []string{
			number, grouped, "+" + code + number, "+" + code + " " + grouped, "00" + code + number, "00 " + code + " " + grouped,
			trunk + number, code + number, "+" + code + " (0) " + grouped, code + plans[code].mobile + number + ":7@s.whatsapp.net",
		}
		for _, form := range forms {
			wantOneNumber(t, Country(code), form, number)
		}
		if other := countries.Draw(t, "other"); other != code && plans[other].digits > 0 && len(code)+len(number) > plans[other].digits {
			wantOneNumber(t, Country(other), "+"+code+plans[code].mobile+number, code+number)
		}
	})
}

func wantOneNumber(t rapid.TB, country Country, form, want string) {
	phones := country.Split(form)
	if len(phones) != 1 {
		t.Fatalf("Country(%s).Split(%q) = %q, want one number", country, form, phones)
	}
	national, whole := country.National(phones[0])
	if again, _ := country.National(national); national != want || !whole || again != national || IndexKey(national) != IndexKey(phones[0]) {
		t.Errorf("Country(%s).National(%q) = %s, %t, then %s, want %s", country, form, national, whole, again, want)
	}
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		"", "300 000 0001,+573000000002", "(604) 1234567 ext 2", "\u00a0300\xff", "00", "3000000001 +57 300 000 0002", "573001234567:12@s.whatsapp.net",
		"1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7", "30000000013000000002", "x 2 x 300 000 0001",
	} {
		f.Add(seed, uint8(57))
	}
	f.Fuzz(func(t *testing.T, text string, code uint8) {
		country := Country(fmt.Sprint(code))
		wantSplit(t, country, text)
		got, all := strings.Join(country.Split(text), ""), Digits(text)
		if !isSubsequence(got, all) || got != all && !strings.ContainsAny(strings.ToLower(text), "xt@") && !strings.Contains(text, "nexo") {
			t.Errorf("Country(%s).Split(%q) = %q, want the digits %q in turn", country, text, got, all)
		}
	})
}

func isSubsequence(part, whole string) bool {
	for i := 0; i < len(whole) && part != ""; i++ {
		if whole[i] == part[0] {
			part = part[1:]
		}
	}
	return part == ""
}

func BenchmarkSplit(b *testing.B) {
	for _, text := range []string{"3000000001", "3000000001,+57 3000000002", "300 000 0001 300 000 0002"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Country("57").Split(text)
			}
		})
	}
}
