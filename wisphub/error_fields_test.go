package wisphub

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func unredacted(text string) string { return text }

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
		`{"a": {"b": ["c"]}, "d": [1, []]}`: {"a": {"c"}},
		`{"a": null, "b": 5, "c": []}`:      {},
		`{}`:                                {},
		`5`:                                 {},
		`{"a": ["b`:                         nil,
	} {
		if got := fields([]byte(body), unredacted); !reflect.DeepEqual(got, want) {
			t.Errorf("fields(%s) = %q, want %q", body, got, want)
		}
	}
}

func TestFields_Bounded(t *testing.T) {
	t.Parallel()
	refusal := map[string][]string{}
	for n := range 1_000 {
		text := strings.Repeat("ñ", 1_000)
		refusal[fmt.Sprint(text, n)] = []string{text, text, text, text, text, text}
		refusal[fmt.Sprint(n)] = refusal[fmt.Sprint(text, n)]
	}
	body, err := json.Marshal(refusal)
	if err != nil {
		t.Fatal(err)
	}
	texts := fields(body, unredacted)
	if len(texts) != maxFields {
		t.Errorf("fields() = %d fields, want %d", len(texts), maxFields)
	}
	for name, list := range texts {
		if len([]rune(name)) > maxDetail+1 || len(list) != maxTextsPerField || len([]rune(list[0])) != maxDetail+1 {
			t.Errorf("fields() has a name of %d bytes with %d texts, want both bounded", len(name), len(list))
		}
	}
}

// Only texts about refused values are for callers. Those about permissions concern the operator.
func TestFields_OnlyOfRefusedValues(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]int{400: 1, 422: 1, 403: 0, 404: 0, 429: 0, 500: 0} {
		api, mux := setup(t)
		mux.HandleFunc("/", reply(status, jsonType, `{"detail": "No."}`))
		if refusal, ok := privateList(t, api).(*Error); !ok || len(refusal.Fields) != want {
			t.Errorf("Clients.List with status %d = %+v, want %d fields", status, refusal, want)
		}
	}
}
