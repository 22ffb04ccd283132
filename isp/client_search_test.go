package isp

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"wisphub-graphql/isp/text"
)

// searchIDs returns the service ids that match a search.
func searchIDs(tb testing.TB, directory *directory, query string) []int {
	tb.Helper()
	words, err := directory.locale.searchWords(query)
	if err != nil {
		tb.Fatalf("searchWords(%q) = %v", query, err)
	}
	return directory.idsIn(directory.match(&ClientFilter{}, words))
}

// idsIn returns the service ids of a set.
func (d *directory) idsIn(set bitset) []int {
	ids := []int{}
	for i := range set.each {
		ids = append(ids, d.clients[i].ServiceID)
	}
	return ids
}

// searchTests are queries with the ids of the clients of TestDirectory_Search that they find.
var searchTests = []struct {
	query string
	want  []int
}{
	{"", []int{1, 2, 3, 4}},
	{" \t\n\u00a0 ", []int{1, 2, 3, 4}},
	{"\u0301", []int{1, 2, 3, 4}}, // an accent without a letter
	{"perez maria", []int{1}},
	{"PÉREZ, ", nil}, // the comma is part of the word
	{"ose ari erez", []int{1}},
	{"maria munoz", nil},
	{"muñoz", []int{2}},
	{"munoz", []int{2}},
	{norm.NFD.String("MUÑOZ"), []int{2}},
	{"begoña", []int{4}},
	{"nanez BEGONA", []int{4}},
	{"strasse", []int{3}},
	{"ana straße", []int{3}},
	{"penol", []int{1}},
	{"0001_maria", []int{1}},
	{"demo-isp", []int{1}},
	{"cra 3-45", []int{1}},
	{"joseperez", nil}, // a word does not match across two words
	{"1.000.001", []int{1}},
	{"1000001", []int{1}},
	{"1.000.003", []int{3}},
	{"900123456", []int{2, 4}},
	{"900.123.456-7", []int{2}},
	{"900.123.456-8", []int{4}},
	{"3000000001", []int{1}},
	{"+573000000001", []int{1}},
	{"573000000001", []int{1}},
	{"00573000000001", []int{1}},
	{"+57 3000000001", []int{1}},
	{"0057 300 000 0001", []int{1}},
	{"(+57) 300-000-0001", []int{1}},
	{"57 300 000 0001 maria", []int{1}},
	{"3110000002", []int{1}},
	{"311 000 0002", []int{1}},
	{"+57 311 000 0002", []int{1}},
	{"+573110000002", []int{1}},
	{"573000000003", []int{2}},
	{"3000000003", []int{2}},
	{"3000000004", []int{3}},
	{"000 0004", []int{3}},
	{"+57 3150000008", []int{4}},
	{"0057 315 000 0008", []int{4}},
	{"(+57) 315-000-0008", []int{4}},
	{"57 315 000 0008 begoña", []int{4}},
	{"57 begoña", nil},
	{"57", []int{1, 2, 3}},
	{"57 3", []int{1, 2, 3}},
	{"calle 57", []int{3}},
	{"57 #", []int{1, 3}},
	{"00", []int{1, 2, 3, 4}},
	{"0099", nil},
	{"\x00", []int{1, 2, 3, 4}},
	{"perez\x00maria", []int{1}},
	{"nadie", nil},
}

func TestDirectory_Search(t *testing.T) {
	t.Parallel()
	directory := directoryOf(t,
		map[string]any{
			"id_servicio": 1, "nombre": "María José Pérez", "cedula": "1.000.001", "usuario": "0001_maria@demo-isp",
			"telefono": "3000000001,+57 311 000 0002", "direccion": "Cra 12 # 3-45", "localidad": "Vereda El Peñol",
		},
		map[string]any{"id_servicio": 2, "nombre": "Pedro Muñoz", "cedula": "900.123.456-7", "telefono": "573000000003", "localidad": "Centro"},
		map[string]any{"id_servicio": 3, "nombre": "Ana  Straße", "cedula": "1000003", "telefono": "300 000 0004", "direccion": "Calle 57 # 1-2"},
		map[string]any{"id_servicio": 4, "nombre": norm.NFD.String("Begoña Ñáñez"), "cedula": "900123456-8", "telefono": "3150000008"},
	)
	for _, test := range searchTests {
		if got := searchIDs(t, directory, test.query); !slices.Equal(got, test.want) {
			t.Errorf("search(%q) = %v, want %v", test.query, got, test.want)
		}
	}
}

func TestSearchWords_Limits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, query string
		refused     bool
	}{
		{"200 characters", strings.Repeat("ñ", 200), false},
		{"201 characters", strings.Repeat("ñ", 201), true},
		{"16 words", strings.Repeat("a ", 16), false},
		{"17 words", strings.Repeat("a ", 17), true},
	}
	for _, test := range tests {
		_, err := colombia.searchWords(test.query)
		if !test.refused {
			if err != nil {
				t.Errorf("searchWords(%s) = %v, want no error", test.name, err)
			}
			continue
		}
		wantInputError(t, test.name, err, "search")
	}
}

// Texts in property tests have few letters, so that words often match.
var (
	letters = rapid.SampledFrom([]rune("aáAÁnñÑeé57 .,-\u0301\u0303ß"))
	anyText = rapid.StringOfN(letters, 0, 8, -1)
)

func drawSearchRow(t *rapid.T) map[string]any {
	row := map[string]any{"id_servicio": rapid.IntRange(1, 200).Draw(t, "id")}
	for _, key := range []string{"nombre", "cedula", "telefono", "direccion", "localidad", "usuario"} {
		row[key] = anyText.Draw(t, key)
	}
	return row
}

func drawSearchDirectory(tb testing.TB, t *rapid.T) *directory {
	rows := rapid.SliceOfNDistinct(rapid.Custom(drawSearchRow), 0, 30, func(row map[string]any) int {
		return row["id_servicio"].(int)
	}).Draw(t, "rows")
	return directoryOf(tb, rows...)
}

// The index finds what a scan of each client finds.
func TestDirectory_SearchEqualsNaiveScan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		directory := drawSearchDirectory(t, rt)
		query := rapid.StringOfN(letters, 0, 6, -1).Draw(rt, "query")
		words, err := colombia.searchWords(query)
		if err != nil {
			rt.Skip()
		}
		var want []int
		for _, client := range directory.clients {
			if naiveMatch(client, words) {
				want = append(want, client.ServiceID)
			}
		}
		if got := directory.idsIn(directory.match(&ClientFilter{}, words)); !slices.Equal(got, want) {
			rt.Errorf("search(%q) = %v, want %v", query, got, want)
		}
	})
}

// naiveMatch looks for each word in each field of a client.
func naiveMatch(c *Client, words []searchWord) bool {
	fields := []string{c.Name, string(c.Document), string(c.Phone), string(c.Address), string(c.Username), string(c.Locality)}
	for i, field := range fields {
		fields[i] = text.Fold(field)
	}
	fields = append(fields, documentKey(string(c.Document)))
	fields = append(fields, c.Phones...)
	for _, number := range c.Phones {
		fields = append(fields, colombia.nationalPhone(number))
	}
	return !slices.ContainsFunc(words, func(word searchWord) bool { return !slices.ContainsFunc(fields, word.in) })
}

// The name, document and phone of each simulated client find it, in several spellings.
func TestDirectory_SearchFindsEachSimulatedClient(t *testing.T) {
	t.Parallel()
	directory := simulatedDirectory(300)
	for _, client := range directory.clients {
		words := strings.Fields(client.Name)
		slices.Reverse(words)
		queries := append([]string{
			strings.ToUpper(client.Name), norm.NFD.String(strings.Join(words, " ")), string(client.Document), string(client.Username),
		}, client.Phones...)
		for _, query := range queries {
			if got := searchIDs(t, directory, query); !slices.Contains(got, client.ServiceID) {
				t.Errorf("search(%q) = %v, want client %d among them", query, got, client.ServiceID)
			}
		}
	}
}

func FuzzSearchWords(f *testing.F) {
	for _, seed := range []string{"", "perez maria", "+57 300 000 0001", "00", "1.000.001", "+ - .", "\xff", strings.Repeat("a ", 20)} {
		f.Add(seed)
	}
	directory := directoryOf(f, map[string]any{"id_servicio": 1, "nombre": "María", "telefono": "+57 300 000 0001"})
	f.Fuzz(func(t *testing.T, query string) {
		words, err := colombia.searchWords(query)
		if err != nil {
			return
		}
		if len(words) > MaxSearchWords {
			t.Errorf("searchWords(%q) has %d words, want at most %d", query, len(words), MaxSearchWords)
		}
		for _, word := range words {
			if len(word) == 0 || slices.Contains(word, "") {
				t.Errorf("searchWords(%q) has word %q, want no empty spelling", query, word)
			}
		}
		directory.match(&ClientFilter{}, words)
	})
}
