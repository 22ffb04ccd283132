package wisphub

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// seedValues are values that WispHub sends, and others that it might send.
var seedValues = []string{
	`null`, `""`, `"  "`, `0`, `26`, `-5`, `65000`, `100.0`, `1e3`, `1e999999999`, `true`, `false`, `{}`, `[]`,
	`"26"`, `"65000.00"`, `"-10.00"`, `"65.000,00"`, `"NaN"`, `"Ana Pérez  "`, `"a\r\nb"`, `"\ud83d"`, "\"\xff\"", `"\""`, `"\u0036"`,
	`"30/04/2026 11:07:00"`, `"8/05/2026"`, `"04/30/2026"`, `"2026-05-01"`, `"2026-05-01T00:00:00-05:00"`, `"31/12/9999 23:59:59"`,
	`{"id": 1, "nombre": "Plan 10"}`, `{"id": "1", "nombre": null, "falla_general": 1}`, `{"id": [], "nombre": {}}`,
	`[{"id": 43, "total": 100.5, "fecha_emision": "2026-05-01"}]`, `["x"]`,
}

func addSeeds(f *testing.F) {
	f.Helper()
	for _, value := range seedValues {
		f.Add([]byte(value))
	}
}

// FuzzClientRow puts any value between two good rows, as a row and as a field. The good rows and
// the other fields must stay intact.
func FuzzClientRow(f *testing.F) {
	addSeeds(f)
	var page struct{ Results []json.RawMessage }
	if err := json.Unmarshal([]byte(clientsJSON), &page); err != nil {
		f.Fatal(err)
	}
	for _, row := range page.Results {
		f.Add([]byte(row))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		if !json.Valid(value) {
			return
		}
		keys := []string{"id_servicio", "nombre", "saldo", "fecha_corte", "plan_internet", "router", "cedula"}
		rows := []string{`{"id_servicio": 1, "nombre": "Ana"}`, string(value)}
		for _, key := range keys {
			rows = append(rows, `{"`+key+`": `+string(value)+`, "email": "ana@example.com"}`)
		}
		rows = append(rows, `{"id_servicio": 2, "nombre": "Luis"}`)

		var got listAnswer[Client]
		if err := (&call{}).decode([]byte(`{"count": 9, "results": [`+strings.Join(rows, ",")+`]}`), &got); err != nil {
			t.Fatalf("decode of %q among rows = %v, want no error", value, err)
		}
		if got.Count != 9 || len(got.Results) != len(rows) {
			t.Fatalf("%d rows of %d with %q, want %d of 9", len(got.Results), got.Count, value, len(rows))
		}
		first, last := got.Results[0], got.Results[len(rows)-1]
		if first.ID != 1 || first.Name != "Ana" || last.ID != 2 || last.Name != "Luis" {
			t.Errorf("rows around %q = %+v, %+v, want Ana and Luis", value, first, last)
		}
		for i, key := range keys {
			if row := got.Results[2+i]; row.Email != "ana@example.com" {
				t.Errorf("row with %q as %s = %+v, want its email", value, key, row)
			}
		}
		for _, row := range got.Results {
			checkClient(t, &row)
		}
	})
}

func checkClient(t *testing.T, row *Client) {
	t.Helper()
	for _, amount := range []Money{row.Balance, row.PlanPrice, row.Discount} {
		checkMoney(t, amount)
	}
	for _, at := range []Time{row.CutOff, row.Installed, row.Cancelled, row.Updated} {
		checkTime(t, at)
	}
	if malformed := row.MalformedFields(); len(malformed) > 8 {
		t.Errorf("MalformedFields() = %q, want at most 8", malformed)
	}
	ParseClientState(string(row.State))
}

// FuzzListAnswer decodes any answer. Decoding fails exactly if the JSON is invalid.
func FuzzListAnswer(f *testing.F) {
	addSeeds(f)
	f.Add([]byte(clientsJSON))
	f.Add([]byte(`{"count": "9", "results": [1, null, {"id": 1}]}`))
	f.Add([]byte(`{"count": 1, "results": [{"id"`))
	f.Add([]byte("\ufeff[]"))
	f.Fuzz(func(t *testing.T, body []byte) {
		var got listAnswer[Ref]
		err := (&call{}).decode(body, &got)
		if valid := json.Valid(body); (err == nil) != valid || err != nil && !errors.Is(err, ErrInvalidResponse) {
			t.Errorf("decode(%q) = %v, valid JSON: %t", body, err, valid)
		}
		if len([]rune(detail(body))) > maxDetail+1 {
			t.Errorf("detail(%q) is longer than %d characters", body, maxDetail)
		}
	})
}

func FuzzPlanDetail(f *testing.F) {
	addSeeds(f)
	f.Add([]byte(`{"nombre": "Plan 700", "precio": "199900.00", "bajada": "700M", "subida": 350, "perfil": null}`))
	f.Fuzz(func(t *testing.T, value []byte) {
		for _, body := range []string{string(value), `{"precio": ` + string(value) + `, "nombre": "Plan"}`} {
			var got Object[PlanDetail]
			err := (&call{}).decode([]byte(body), &got)
			if (err == nil) != json.Valid([]byte(body)) {
				t.Errorf("decode(%q) = %v", body, err)
			}
			if got.Value != nil {
				checkMoney(t, got.Value.Price)
			}
		}
	})
}

func FuzzAccount(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, value []byte) {
		var got Object[Account]
		body := `{"facturas": ` + string(value) + `, "saldo": ` + string(value) + `, "router": ` + string(value) + `, "nombre": "Ana"}`
		if (&call{}).decode([]byte(body), &got) != nil || !json.Valid(value) {
			return
		}
		if got.Value.Name != "Ana" {
			t.Errorf("account with %q = %+v, want the name Ana", value, got.Value)
		}
		checkMoney(t, got.Value.Owed)
		for _, invoice := range got.Value.Invoices {
			checkMoney(t, invoice.Total)
			checkTime(t, invoice.Due)
		}
	})
}

// FuzzScalar compares Text with the result of encoding/json.
func FuzzScalar(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, value []byte) {
		var texts struct {
			T Text
			I Int
			B Bool
		}
		if json.Unmarshal([]byte(`{"T": `+string(value)+`, "I": `+string(value)+`, "B": `+string(value)+`}`), &texts) != nil || !json.Valid(value) {
			return
		}
		if want := plainText(value); string(texts.T) != want {
			t.Errorf("Text of %q = %q, want %q", value, texts.T, want)
		}
		if !utf8.ValidString(string(texts.T)) {
			t.Errorf("Text of %q = %q, want UTF-8", value, texts.T)
		}
		if math.Abs(float64(texts.I)) > math.MaxInt32 {
			t.Errorf("Int of %q = %d, want 32 bits", value, texts.I)
		}
	})
}

func plainText(value []byte) string {
	var plain any
	decoder := json.NewDecoder(strings.NewReader(string(value)))
	decoder.UseNumber()
	if err := decoder.Decode(&plain); err != nil {
		return err.Error()
	}
	switch plain := plain.(type) {
	case string:
		return strings.TrimSpace(plain)
	case json.Number:
		return plain.String()
	case bool:
		return map[bool]string{true: "true", false: "false"}[plain]
	}
	return ""
}

// FuzzMoney takes value as JSON, and as the text of a JSON string.
func FuzzMoney(f *testing.F) {
	addSeeds(f)
	for _, text := range []string{"65000.00", "1e30", "1e-31", "9999999999999999999999999999999", "+.5", ".-5", "1_0", "0x10"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		for _, form := range forms(value) {
			var got Money
			if err := json.Unmarshal(form, &got); err == nil {
				checkMoney(t, got)
			} else if json.Valid(form) {
				t.Errorf("Money of %q = %v, want no error", form, err)
			}
		}
	})
}

func checkMoney(t *testing.T, got Money) {
	t.Helper()
	if got.Valid && got.Malformed {
		t.Errorf("Money = %+v, want valid or malformed", got)
	}
	if !got.Valid && !got.Amount.IsZero() {
		t.Errorf("Money = %+v, want no amount", got)
	}
	if text := got.Amount.String(); len(text) > 2*maxDigits+3 {
		t.Errorf("Money = %s, want %d characters at most", text, 2*maxDigits+3)
	}
}

// FuzzTime takes value as JSON, and as the text of a JSON string.
func FuzzTime(f *testing.F) {
	addSeeds(f)
	for _, text := range []string{"1/1/0001", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-05-01T00:00:00-0500"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		for _, form := range forms(value) {
			var got Time
			if err := json.Unmarshal(form, &got); err == nil {
				checkTime(t, got)
			} else if json.Valid(form) {
				t.Errorf("Time of %q = %v, want no error", form, err)
			}
		}
	})
}

func checkTime(t *testing.T, got Time) {
	t.Helper()
	if year := got.wall.Year(); year < 1 || year > 9999 {
		t.Errorf("Time of %q: year %d, want 1 to 9999", got.Text, year)
	}
	if got.Malformed && !got.IsZero() || got.Text == "" && !got.IsZero() {
		t.Errorf("Time of %q = %v, want none", got.Text, got.wall)
	}
	at := got.In(bogota)
	if at.IsZero() != got.IsZero() {
		t.Errorf("Time of %q In(bogota) = %v", got.Text, at)
	}
	if !got.zoned && !got.IsZero() && at.Format(time.DateTime) != got.wall.Format(time.DateTime) {
		t.Errorf("Time of %q In(bogota) = %v, want the wall clock %v", got.Text, at, got.wall)
	}
}

func forms(value []byte) [][]byte {
	quoted, err := json.Marshal(string(value))
	if err != nil {
		return [][]byte{value}
	}
	return [][]byte{value, quoted}
}

func FuzzRetryAfter(f *testing.F) {
	for _, header := range []string{"", "120", "-5", "99999999999999999999", "1.5", "Sat, 01 Jan 2000 00:00:30 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if got := retryAfter(header); got < 0 || got > maxRetryAfter {
			t.Errorf("retryAfter(%q) = %v, want 0 to %v", header, got, maxRetryAfter)
		}
	})
}
