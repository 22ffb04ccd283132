package isp

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// invisibles are some of the runes that texts copied from a chat or a spreadsheet bring along.
var invisibles = []string{"\u200b", "\u200d", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069", "\ufeff"}

// hidden returns the text with invisible runes between all others.
func hidden(text string) string {
	var value strings.Builder
	for i, r := range []rune(text) {
		value.WriteString(invisibles[i%len(invisibles)])
		value.WriteRune(r)
	}
	return value.String() + "\u200b"
}

func Test13_13_DocumentsCompareWithoutHyphensAndInvisibles(t *testing.T) {
	t.Parallel()
	directory := directoryOf(t,
		map[string]any{"id_servicio": 1, "cedula": "900.123.456-7"},
		map[string]any{"id_servicio": 2, "cedula": hidden("V-12.345.678")},
		map[string]any{"id_servicio": 3, "cedula": 77001122},
		map[string]any{"id_servicio": 4, "cedula": nil},
		map[string]any{"id_servicio": 5, "cedula": "\u200b\ufeff"},
		map[string]any{"id_servicio": 6},
	)
	tests := []struct {
		document string
		want     []int
	}{
		{"9001234567", []int{1}},
		{"900123456-7", []int{1}},
		{"900 123 456\u20137", []int{1}},
		{hidden("900.123.456-7"), []int{1}},
		{"V12345678", []int{2}},
		{"v-12345678", []int{2}},
		{"77.001.122", []int{3}},
		{"\ufeff77001122", []int{3}},
		{"7700-1122", []int{3}},
		{"77001123", nil},
	}
	for _, test := range tests {
		key, err := byDoc(test.document).lookup(colombia)
		if got := idsOf(directory.find(key)); err != nil || !slices.Equal(got, test.want) {
			t.Errorf("find(%q) = %v, %v, want %v", test.document, got, err, test.want)
		}
		filter := &ClientFilter{Document: &test.document}
		if got := directory.idsIn(directory.match(filter, nil)); !slices.Equal(got, append([]int{}, test.want...)) {
			t.Errorf("filter by %q = %v, want %v", test.document, got, test.want)
		}
	}
	_, err := byDoc("\u200b-\ufeff.").lookup(colombia)
	wantInputError(t, "a document that shows nothing", err, "by", "document")
}

// The upstream is asked for the document without what no record has.
func Test13_13_ColdDocumentCostsOneCall(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 400)
	addMaria(upstream)
	wantFound(t, provider, byDoc("\u202a77001122\u202c"), mariaID)
	wantCallsBesideList(t, upstream, 1)
}

func Test13_13_NamesLoseInvisibles(t *testing.T) {
	t.Parallel()
	ref := func(name string) map[string]any { return map[string]any{"id": 3, "nombre": hidden(name)} }
	directory := directoryOf(t, map[string]any{
		"id_servicio": 1, "nombre": hidden("Ana María"), "apellidos": hidden(" Pérez "), "direccion": "Calle 1", "precio_plan": "65000", "plan_internet": ref("Plan 50"),
		"zona": ref("Norte"), "router": ref("Torre 1"), "sectorial": ref("Sector 1"), "tecnico": ref("Luz"), "telefono": hidden("300 000 0001"),
	})
	client := directory.clients[0]
	names := []string{client.Name, client.Plan.Name, client.Zone.Name, client.Router.Name, client.Sector.Name, string(client.Technician.Name)}
	if want := []string{"Ana María Pérez", "Plan 50", "Norte", "Torre 1", "Sector 1", "Luz"}; !slices.Equal(names, want) {
		t.Errorf("names = %q, want %q", names, want)
	}
	if want := []string{"3000000001"}; !slices.Equal(client.Phones, want) {
		t.Errorf("phones = %q, want %q", client.Phones, want)
	}
	for _, query := range []string{"ana maria perez", hidden("MARÍA"), "3000000001"} {
		if got := searchIDs(t, directory, query); !slices.Equal(got, []int{1}) {
			t.Errorf("search(%q) = %v, want client 1", query, got)
		}
	}
	check, err := mustParse(t, claimOf(t, hidden("ana"), "calle 1", hidden("plan 50"), "65000")).identify(t.Context(), directory, nil)
	wantIdentified(t, "identify() with invisible runes", check, err, 1)
}

// A snapshot of an earlier version still has them.
func Test13_13_RestoredNamesLoseInvisibles(t *testing.T) {
	t.Parallel()
	saved := directoryOf(t, map[string]any{"id_servicio": 1})
	saved.clients[0].Name = hidden("Ana")
	data, err := encodeDirectory(saved)
	if err != nil {
		t.Fatal(err)
	}
	restored, err := decodeDirectory(data, colombia, 1)
	if err != nil || restored.clients[0].Name != "Ana" {
		t.Errorf("restored directory = %+v, %v, want the name Ana", restored, err)
	}
}

// A name with invisible runes was kept, though it is read without them.
func Test13_13_WrittenNameIsKept(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 3)
	id := upstream.IDs()[0]
	payload, err := provider.Clients.Update(t.Context(), UpdateClientInput{ServiceID: id, Name: new("Ana\u200b Mar\u200bía")})
	if err != nil || len(payload.UserErrors) > 0 || !strings.HasPrefix(payload.Client.Name, "Ana María") {
		t.Errorf("UpdateClient() = %+v, %v, want Ana María", payload, err)
	}
}

// Invisible runes change nothing of what is compared.
func Test13_13_InvisiblesChangeNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := anyText.Draw(t, "text")
		if got, want := documentKey(hidden(text)), documentKey(text); got != want {
			t.Errorf("documentKey(%q) = %q, want %q", hidden(text), got, want)
		}
	})
}
