package wisphub

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// keyForms returns a key in the forms in which a text may hold it.
func keyForms(key string) map[string]string {
	escape := func(format string) string {
		var text strings.Builder
		for _, char := range []byte(key) {
			fmt.Fprintf(&text, format, char)
		}
		return text.String()
	}
	return map[string]string{
		"plain": key, "JSON escapes": escape(`\u%04x`), "upper case": escape(`\u00%02X`), "escapes of escapes": escape(`\\\\u%04x`),
		"percent": escape("%%%02X"), "percent twice": escape("%%25%02x"), "decimal references": escape("&#%d;"),
		"hexadecimal references": escape("&#x%x;"), "references of references": escape("&amp;#%d;"), "hexadecimal": hex.EncodeToString([]byte(key)),
		"upper hexadecimal": strings.ToUpper(hex.EncodeToString([]byte(key))),
		"some percent":      strings.ReplaceAll(url.QueryEscape(key), "-", "%2D"),
		"some escapes":      strings.ReplaceAll(strings.ReplaceAll(key, "-", `\u002d`), ".", `\.`),
		"base64":            base64.StdEncoding.EncodeToString([]byte(key)),
		"base64, 1 before":  base64.StdEncoding.EncodeToString([]byte("x" + key)),
		"base64, 2 before":  base64.URLEncoding.EncodeToString([]byte("xy" + key + "zz")),
		"the header":        base64.StdEncoding.EncodeToString([]byte("Api-Key " + key)),
	}
}

// leaks reports whether a text still shows much of a key, in any form.
func leaks(text, key string) bool {
	for _, form := range keyForms(key) {
		if part := len(form) / 2; strings.Contains(text, form[part/2:part/2+part]) {
			return true
		}
	}
	return false
}

// The key is struck out of every text that was decoded, in whatever form it is there.
func Test15_Small_KeyInDecodedTexts(t *testing.T) {
	t.Parallel()
	for name, form := range keyForms(testKey) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			quoted, _ := json.Marshal("before " + form + " after")
			for _, text := range []string{string(quoted), `"` + strings.ReplaceAll(testKey, "c", `\u0063`) + `"`} {
				body := fmt.Sprintf(`{"id_servicio": 26, "comentarios": %[1]s, "nombre": "Ana", "cedula": %[1]s, "url_pago": "https://x.test/?k=%[2]s",
					"task": {"status": %[1]s, "result": {"a": [%[1]s]}, "error": %[1]s}, "saldo": 1, "facturas": [],
					"id_ticket": 3, "asunto": %[1]s, "servicio": {"nombre": %[1]s}, "respuestas": [{"respuesta": %[1]s}],
					"precio": 3, "plan_internet": {"nombre": %[1]s}, "fecha_corte": %[1]s}`, text, url.QueryEscape(testKey))
				api := open(t, Config{Host: serve(t, reply(200, jsonType, body))})
				list := open(t, Config{Host: serve(t, reply(200, jsonType, `{"count": 1, "results": [`+body+`]}`))})
				var got []any
				add := func(value any, err error) {
					if got = append(got, value); err != nil {
						t.Errorf("a read = %v, want no error", err)
					}
				}
				add(api.Clients.Get(t.Context(), 26))
				add(api.Clients.Account(t.Context(), 26))
				add(api.Clients.Profile(t.Context(), 26))
				add(api.Tasks.Get(t.Context(), "1"))
				add(api.Tickets.Get(t.Context(), 3))
				add(api.Plans.PPPoE(t.Context(), 3))
				add(list.Clients.List(t.Context(), ClientListOptions{}))
				add(list.Tickets.Subjects(t.Context()))
				for _, value := range got {
					if shown := fmt.Sprintf("%+v", deepText(value)); leaks(shown, testKey) {
						t.Errorf("%T shows the key as %s: %s", value, name, shown)
					}
				}
			}
		})
	}
}

// deepText returns all that a value holds, as JSON, with raw JSON as text.
func deepText(value any) string {
	if task, ok := value.(*Task); ok {
		return string(task.Status) + string(task.Result) + string(task.Error)
	}
	text, err := json.Marshal(value)
	return fmt.Sprint(string(text), err)
}

// A refusal shows the key in no form: neither in its texts, nor in names of fields, nor in the log.
func Test15_Small_KeyInRefusals(t *testing.T) {
	t.Parallel()
	for name, form := range keyForms(testKey) {
		quoted, _ := json.Marshal("before " + form)
		for _, body := range []string{
			string(quoted), `{"errors": {"a": [` + string(quoted) + `]}}`, `{` + string(quoted) + `: "x"}`,
			`{"asunto": "` + strings.Repeat("x", maxDetail-20) + string(quoted)[1:] + `}`,
		} {
			api, mux := setup(t)
			mux.HandleFunc("/", reply(400, jsonType, body))
			err := createTicket(t.Context(), api)
			refusal, _ := errors.AsType[*Error](err)
			if refusal == nil || leaks(fmt.Sprint(refusal.Fields, refusal.Detail, err), testKey) {
				t.Errorf("%s: Create refused with %s = %v, want it without the key", name, body, refusal)
			}
		}
	}
}

// Any character may be hidden in any way. The text around the key stays.
func Test15_Small_KeyRedactionProperty(t *testing.T) {
	t.Parallel()
	key := newRedactedKey(testKey)
	ring := &keyRing{keys: []redactedKey{key}}
	formats := []string{"%c", `\u%04x`, `\\u00%02X`, "%%%02x", "%%25%02X", "&#%d;", "&#x%X;", `\%c`}
	rapid.Check(t, func(t *rapid.T) {
		var hidden strings.Builder
		for _, char := range []byte(testKey) {
			fmt.Fprintf(&hidden, rapid.SampledFrom(formats).Draw(t, "form"), char)
		}
		if got := ring.redact("x" + hidden.String() + "y"); got != "x"+redacted+"y" {
			t.Fatalf("redact(%s) = %s, want the key struck out and no more", hidden.String(), got)
		}
	})
}

// Texts without the key stay as they are, also with a short key.
func Test15_Small_OtherTextsStay(t *testing.T) {
	t.Parallel()
	for _, key := range []string{testKey, "k", "short-key", "abc.def"} {
		ring := &keyRing{}
		ring.set(key)
		for _, text := range []string{
			"", "Calle 13 % 4 & Co", `C:\router\u0041`, "a%20b", "Señal & tono &#243;", "[]", "0", strings.Repeat("áé", 500),
		} {
			if strings.Contains(text, key) {
				continue
			}
			if got := ring.redact(text); got != text {
				t.Errorf("redact(%q) with the key %q = %q, want it unchanged", text, key, got)
			}
		}
	}
}

// Names are shown without runes that have no width. They must not hide a key until then.
func Test15_Small_KeyWithInvisibleRunes(t *testing.T) {
	t.Parallel()
	ring := &keyRing{}
	ring.set(testKey)
	for text, want := range map[string]string{
		"x " + strings.Join(strings.Split(testKey, ""), "\u200b") + " y": "x " + redacted + " y",
		testKey[:3] + "\ufeff" + testKey[3:]:                             redacted,
		"Ana\u200b Ñáñez \u00ad":                                         "Ana\u200b Ñáñez \u00ad",
	} {
		row := Ref{Name: Text(text)}
		c := cleaner{redact: ring.redact}
		if c.clean(&row); string(row.Name) != want {
			t.Errorf("clean(%+q) = %+q, want %+q", text, row.Name, want)
		}
	}
}

// A task's result stays JSON when the key is struck out.
func Test15_Small_ResultStaysJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ key, result, want string }{
		{"123456789012", `{"a": 123456789012}`, `"[key]"`},
		{testKey, `{"a": "` + testKey + `", "b": [1]}`, `{"a": "[key]", "b": [1]}`},
		{"a/b/c/d/e/f", `["a\/b\/c\/d\/e\/f"]`, `["[key]"]`},
	} {
		api, err := New(Config{Host: serve(t, reply(200, jsonType, `{"task": {"status": "SUCCESS", "result": `+test.result+`}}`)), Key: test.key})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(api.Close)
		if task, err := api.Tasks.Get(t.Context(), "1"); err != nil || string(task.Result) != test.want {
			t.Errorf("the result %s with the key %s = %+v, %v, want %s", test.result, test.key, task, err, test.want)
		}
	}
}

// Texts beyond their length are left out, and the log says so once a reading. The rows stay.
func Test15_3_OverlongTexts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ñ", maxText+1)
	row := func(id int) string {
		return fmt.Sprintf(`{"id_servicio": %d, "usuario": %q, "direccion": %q, "ciudad": %q, "fecha_corte": %q, "zona": {"id": 1, "nombre": %q}}`,
			id, long, strings.Repeat("x", 1000), strings.Repeat("ñ", maxText), long, long)
	}
	var log strings.Builder
	handler := func(w http.ResponseWriter, r *http.Request) {
		reply(200, jsonType, `{"count": 2, "results": [`+row(1)+","+row(2)+`]}`)(w, r)
	}
	api := open(t, Config{Host: serve(t, http.HandlerFunc(handler)), Logger: slog.New(slog.NewTextHandler(&log, nil))})
	list := func(o ListOptions) ClientListOptions { return ClientListOptions{ListOptions: o} }
	rows, err := ReadAll(t.Context(), func(ctx context.Context, o ListOptions) (*Page[Client], error) { return api.Clients.List(ctx, list(o)) },
		func(row *Client) int { return int(row.ID) })
	if err != nil || len(rows) != 2 {
		t.Fatalf("ReadAll = %d rows, %v, want both", len(rows), err)
	}
	if r := rows[0]; r.Username != "" || r.CutOff.Text != "" || r.Zone.Value.Name != "" || len(r.Address) != 1000 || len([]rune(r.City)) != maxText {
		t.Errorf("the row is %.200v, want only the overlong texts left out", r)
	}
	want := `fields="map[fecha_corte:2 nombre:2 usuario:2]"`
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, want) || strings.Contains(got, "ñ") {
		t.Errorf("the log is %q, want one line with %s and no text", got, want)
	}
}
