package wisphub

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// The words of a refusal arrive whatever their shape.
func Test13_7_WordsOfARefusal(t *testing.T) {
	t.Parallel()
	general := map[string][]string{"": {"La factura ya está pagada"}}
	field := map[string][]string{"asunto": {"La factura ya está pagada"}}
	const text = `"La factura ya está pagada"`
	for body, want := range map[string]map[string][]string{
		text:                                      general,
		`[` + text + `]`:                          general,
		`[[` + text + `]]`:                        general,
		`{"error": ` + text + `}`:                 general,
		`{"errors": ` + text + `}`:                general,
		`{"errors": [` + text + `]}`:              general,
		`{"errors": [{"message": ` + text + `}]}`: general,
		`{"error": {"message": ` + text + `}}`:    general,
		`{"message": ` + text + `}`:               general,
		`{"messages": ` + text + `}`:              general,
		`{"messages": [` + text + `]}`:            general,
		`{"messages": {"error": [` + text + `]}}`: general,
		`{"detail": ` + text + `}`:                general,
		`{"detail": [` + text + `]}`:              general,
		`{"non_field_errors": [` + text + `]}`:    general,
		`{"mensaje": ` + text + `}`:               general,
		`{"errores": [` + text + `]}`:             general,
		`{"asunto": [` + text + `]}`:              field,
		`{"asunto": ` + text + `}`:                field,
		`{"asunto": {"nombre": [` + text + `]}}`:  field,
		`{"errors": {"asunto": [` + text + `]}}`:  field,
		`{"errors": {"asunto": ` + text + `}}`:    field,
		`{"errors": [{"asunto": ` + text + `}]}`:  field,
		`[{"asunto": ` + text + `}, {}]`:          field,
		`{"asunto": [` + text + `], "code": 400, "x": null, "y": [], "z": ""}`: field,
		`{"error": " La factura\r\n ya\u0000 est\u00e1\u200b pagada "}`:        general,
		`{"a": [[[[` + text + `]]]]}`:                                          {},
		`{"error": "<html><body>x</body></html>", "asunto": "<p>x"}`:           {},
		`{"error": "x </div>", "<b>asunto</b>": 5}`:                            {},
		`{"fecha": "Debe ser < hoy y > ayer"}`:                                 {"fecha": {"Debe ser < hoy y > ayer"}},
	} {
		api, mux := setup(t)
		mux.HandleFunc("/", reply(400, jsonType, body))
		refusal, ok := errors.AsType[*Error](createTicket(t.Context(), api))
		if !ok || !errors.Is(refusal, ErrRefused) || !reflect.DeepEqual(refusal.Fields, want) {
			t.Errorf("Create refused with %s = %+v, want the fields %q", body, refusal, want)
		}
	}
}

// A page is not shown, also if its header says JSON.
func Test13_7_NoHTML(t *testing.T) {
	t.Parallel()
	for _, contentType := range []string{htmlType, jsonType, "", "text/plain"} {
		api, mux := setup(t)
		mux.HandleFunc("/", reply(400, contentType, html))
		refusal, ok := errors.AsType[*Error](createTicket(t.Context(), api))
		if !ok || len(refusal.Fields) != 0 || strings.Contains(refusal.Error(), "Forbidden") {
			t.Errorf("Create refused with a page of type %q = %+v, want no fields", contentType, refusal)
		}
	}
}

// The key is removed from every text and name, however JSON writes it.
func Test13_7_KeyIsRedacted(t *testing.T) {
	t.Parallel()
	escaped, hidden := strings.ReplaceAll(testKey, "c", `\u0063`), strings.ReplaceAll(testKey, "c", `c\u200b`)
	long := strings.Repeat("x", maxDetail-20)
	for _, text := range []string{testKey, escaped, hidden, long + escaped, strings.Replace(testKey, "y", `y\u0001`, 1)} {
		for _, body := range []string{
			`"` + text + `"`, `["` + text + `"]`, `{"errors": {"a": ["` + text + `"]}}`, `{"` + text + `": "x"}`,
		} {
			api, mux := setup(t)
			mux.HandleFunc("/", reply(400, jsonType, body))
			refusal, _ := errors.AsType[*Error](createTicket(t.Context(), api))
			if refusal == nil || len(refusal.Fields) != 1 {
				t.Fatalf("Create refused with %s = %+v, want one field", body, refusal)
			}
			shown, err := json.Marshal(refusal.Fields)
			if err != nil || strings.Contains(string(shown)+refusal.Error(), testKey[:8]) {
				t.Errorf("Create refused with %s = %s, want it without the key", body, shown)
			}
		}
	}
}

// Nesting, lengths and counts are bounded.
func Test13_7_Bounded(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 5000) + `"x"` + strings.Repeat("]", 5000)
	many := `["` + strings.Repeat(`x", "`, 5000) + `x"]`
	for _, body := range []string{deep, many, `{"errors": ` + many + `, "messages": ` + many + `}`, `"` + strings.Repeat("ñ ", 5000) + `"`} {
		for field, texts := range fields([]byte(body), unredacted) {
			if field != "" || len(texts) > maxTextsPerField || len([]rune(texts[0])) > maxDetail+1 {
				t.Errorf("fields(%.20s…) = %d texts, want at most %d short ones", body, len(texts), maxTextsPerField)
			}
		}
	}
}
