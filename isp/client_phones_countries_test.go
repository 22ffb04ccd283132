package isp

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"wisphub-graphql/isp/phone"
	"wisphub-graphql/wisphub/wisphubtest"
)

// phoneForms are the numbers of one client in each country, with what asks for it.
var phoneForms = []struct {
	country phone.Country
	stored  string
	asked   []string
}{
	{"57", "+57 300 123 4567", []string{"3001234567", "573001234567", "0057 3001234567", "03001234567", "573001234567:12@s.whatsapp.net"}},
	{"52", "55 1234 5678", []string{"5215512345678", "+52 1 55 1234 5678", "525512345678", "5512345678", "05512345678"}},
	{"52", "5215512345678", []string{"5512345678", "+52 55 1234 5678", "5215512345678@s.whatsapp.net"}},
	{"54", "011 2345-6789", []string{"5491123456789", "+54 9 11 2345-6789", "541123456789", "1123456789", "01123456789"}},
	{"54", "+54 9 11 2345-6789", []string{"1123456789", "011 2345 6789", "+54 11 2345-6789"}},
	{"58", "0412-1234567", []string{"584121234567", "+58 412 1234567", "4121234567"}},
	{"51", "987 654 321", []string{"51987654321", "+51 987654321", "0051 987 654 321"}},
	{"51", "(01) 2345678", []string{"+51 1 234 5678", "12345678"}},
	{"56", "+56 9 1234 5678", []string{"912345678", "56912345678"}},
	{"593", "099 123 4567", []string{"593991234567", "+593 99 123 4567", "991234567"}},
	{"595", "0981 234567", []string{"595981234567", "981234567"}},
	{"591", "71234567", []string{"59171234567", "+591 71234567"}},
	{"502", "5123-4567", []string{"50251234567", "51234567", "00502 5123 4567"}},
	{"507", "50761234567", []string{"6123-4567", "61234567"}},
	{"1", "(809) 555-0001", []string{"18095550001", "+1 809 555 0001", "8095550001"}},
	{"57", "+52 55 1234 5678", []string{"5215512345678", "+52 1 55 1234 5678", "525512345678"}}, // of another country
	{"44", "07911 123456", []string{"7911123456"}},                                              // without known lengths
}

func directoryIn(tb testing.TB, country phone.Country, phones ...string) *directory {
	tb.Helper()
	rows := []map[string]any{{"id_servicio": 900, "telefono": "99900088"}, {"id_servicio": 901, "telefono": nil}, {"id_servicio": 902, "telefono": 7}}
	for i, stored := range phones {
		rows = append(rows, map[string]any{"id_servicio": 1 + i, "telefono": stored})
	}
	read := directoryOf(tb, rows...)
	where := locale{zone: bogota, countryCode: country}
	convert := newConverter(where, read.asOf)
	for _, client := range read.clients {
		convert.derive(client)
	}
	return buildDirectory(read.clients, where, read.asOf, 1)
}

// What the office has stored and what the bot asks for are compared by the rules of the country.
func Test13_12_PhonesFindInEveryCountry(t *testing.T) {
	t.Parallel()
	for _, test := range phoneForms {
		directory := directoryIn(t, test.country, test.stored)
		for _, asked := range append(test.asked, test.stored) {
			key, err := byTel(asked).lookup(directory.locale)
			if got := idsOf(directory.find(key)); err != nil || !slices.Equal(got, []int{1}) {
				t.Errorf("%s: find(%q) = %v, %v, want the client with %q", test.country, asked, got, err, test.stored)
			}
			if got := searchIDs(t, directory, asked); !slices.Equal(got, []int{1}) {
				t.Errorf("%s: search(%q) = %v, want the client with %q", test.country, asked, got, test.stored)
			}
		}
	}
}

// All forms of a number find the same clients, whatever the form of the stored one.
func Test13_12_EveryFormFindsTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		number := rapid.StringMatching(`3[0-9]{9}`).Draw(rt, "number")
		forms := []string{number, "+57" + number, "0057 " + number, "0" + number, "57" + number + ":3@s.whatsapp.net", number[:3] + " " + number[3:6] + "-" + number[6:]}
		directory := directoryIn(t, "57", rapid.SampledFrom(forms[:4]).Draw(rt, "stored"))
		for _, form := range forms {
			key, err := byTel(form).lookup(directory.locale)
			if got := idsOf(directory.find(key)); err != nil || !slices.Equal(got, []int{1}) {
				rt.Errorf("find(%q) = %v, %v, want client 1", form, got, err)
			}
		}
	})
}

// Two whole numbers must be equal: the last digits of a foreign one are not a national one.
func Test13_12_WholeNumbersAreNotPartsOfOthers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		country       phone.Country
		stored, asked string
		want          []int
	}{
		{"57", "+1 300 123 4567", "3001234567", nil},
		{"57", "+1 300 123 4567", "1234567", []int{1}},
		{"57", "033001234567", "3001234567", []int{1}}, // dialled as in former years
		{"57", "300 000 0001 300 000 0002", "3000000002", []int{1}},
		{"57", "604 123 4567 ext 2", "6041234567", []int{1}},
		{"57", "300123", "300123", []int{1}},
		{"57", "300123", "00123", nil},
		{"57", "3009300123", "300123", nil},
		{"1", "809-555-0001 829-555-0002", "+18295550002", []int{1}},
	}
	for _, test := range tests {
		directory := directoryIn(t, test.country, test.stored)
		key, err := byTel(test.asked).lookup(directory.locale)
		if got := idsOf(directory.find(key)); err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: find(%q) among %q = %v, %v, want %v", test.country, test.asked, test.stored, got, err, test.want)
		}
	}
}

// A number of several customers is ambiguous, also when the forms differ; of one customer it is the
// active service.
func Test13_12_AmbiguousByCountryRules(t *testing.T) {
	t.Parallel()
	upstream := wisphubtest.New(wisphubtest.Config{Clients: 3, Tickets: -1, Seed: 1})
	t.Cleanup(upstream.Close)
	for id, row := range map[int][2]string{50_001: {"3009998877", "7"}, 50_002: {"+57 300 999 8877", "7"}, 50_003: {"311 999 8877 ext 1", "8"}, 50_004: {"0311 999 8877", "9"}} {
		upstream.PutRow(map[string]any{"id_servicio": id, "telefono": row[0], "cedula": row[1], "estado": "Activo"})
	}
	provider, _ := connect(t, serve(t, upstream))
	wantFound(t, provider, byTel("573009998877:4@s.whatsapp.net"), 50_001)
	if client, err := provider.Clients.Find(t.Context(), byTel("573119998877")); !errors.Is(err, ErrAmbiguous) {
		t.Errorf("Find() of a phone of two customers = %v, %v, want %v", client, err, ErrAmbiguous)
	}
}
