package wisphub

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestFields(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]map[string][]string{
		`{"estado": ["Este campo es requerido."], "asunto": ["Uno.", "Dos."]}`: {
			"estado": {"Este campo es requerido."}, "asunto": {"Uno.", "Dos."},
		},
		`{"accion": "\"99\" no es una elección válida."}`: {"accion": {`"99" no es una elección válida.`}},
		`{"error": "Rango"}`: {"": {"Rango"}},
		`{"detail": "A", "errors": ["B", "C"], "non_field_errors": ["D"], "x": ["E"]}`: {"": {"A", "B", "C", "D"}, "x": {"E"}},
		`["Una"]`:                           {"": {"Una"}},
		`"La factura 5 ya esta Pagada"`:     {"": {"La factura 5 ya esta Pagada"}},
		`{"a": {"b": ["c"]}, "d": [1, []]}`: {},
		`{"a": null, "b": 5, "c": []}`:      {},
		`{}`:                                {},
		`5`:                                 {},
		`{"a": ["b`:                         nil,
	} {
		if got := fields([]byte(body)); !reflect.DeepEqual(got, want) {
			t.Errorf("fields(%s) = %q, want %q", body, got, want)
		}
	}
}

func TestFieldsAreBounded(t *testing.T) {
	t.Parallel()
	said := map[string][]string{}
	for n := range 1_000 {
		sentence := strings.Repeat("ñ", 1_000)
		said[fmt.Sprint(sentence, n)] = []string{sentence, sentence, sentence, sentence, sentence, sentence}
		said[fmt.Sprint(n)] = said[fmt.Sprint(sentence, n)]
	}
	body, err := json.Marshal(said)
	if err != nil {
		t.Fatal(err)
	}
	words := fields(body)
	if len(words) != maxFields {
		t.Errorf("%d fields, want %d", len(words), maxFields)
	}
	for name, sentences := range words {
		if len([]rune(name)) > maxDetail+1 || len(sentences) != maxTextsPerField || len([]rune(sentences[0])) != maxDetail+1 {
			t.Errorf("field of %d bytes with %d sentences, want them cut", len(name), len(sentences))
		}
	}
}

// Only a refusal of values has words for callers: those of a missing permission are about us.
func TestFieldsOfRefusalsOnly(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]int{400: 1, 422: 1, 403: 0, 404: 0, 429: 0, 500: 0} {
		api, mux := setup(t)
		mux.HandleFunc("/", reply(status, jsonType, `{"detail": "No."}`))
		if refusal, ok := privateList(t, api).(*Error); !ok || len(refusal.Fields) != want {
			t.Errorf("status %d: error = %+v, want %d fields", status, refusal, want)
		}
	}
}
