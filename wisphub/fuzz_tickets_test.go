package wisphub

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzTicket puts any value between two good rows, as a row and as a field. The good rows and the
// other fields must stay intact.
func FuzzTicket(f *testing.F) {
	addSeeds(f)
	f.Add([]byte(ticketJSON))
	f.Add([]byte(`"2026-02-26 10:00"`))
	f.Add([]byte(`{"id_servicio": 26, "zona": {"id": 4, "nombre": "Norte"}}`))
	f.Fuzz(func(t *testing.T, value []byte) {
		if !json.Valid(value) {
			return
		}
		rows := []string{`{"id_ticket": 1, "asunto": "Uno"}`, string(value)}
		for _, key := range []string{"id_ticket", "asunto", "prioridad", "tecnico", "fecha_creacion", "servicio", "respuestas"} {
			rows = append(rows, `{"`+key+`": `+string(value)+`, "departamento": "Soporte"}`)
		}
		rows = append(rows, `{"id_ticket": 2, "asunto": "Dos"}`)

		var got listAnswer[Ticket]
		if err := (&call{}).decode([]byte(`{"count": 9, "results": [`+strings.Join(rows, ",")+`]}`), &got); err != nil {
			t.Fatalf("decode of %q among rows = %v, want no error", value, err)
		}
		first, last := got.Results[0], got.Results[len(got.Results)-1]
		if len(got.Results) != len(rows) || first.ID != 1 || first.Subject != "Uno" || last.ID != 2 || last.Subject != "Dos" {
			t.Fatalf("rows around %q = %+v, %+v, want Uno and Dos", value, first, last)
		}
		for _, row := range got.Results[2 : len(rows)-1] {
			if row.Department != "Soporte" {
				t.Errorf("row with %q = %+v, want its department", value, row)
			}
		}
		for _, row := range got.Results {
			checkTicket(t, row)
		}
	})
}

func checkTicket(t *testing.T, row Ticket) {
	t.Helper()
	for _, at := range []Time{row.Created, row.EstimatedStart, row.EstimatedEnd} {
		checkTime(t, at)
	}
	for _, answer := range row.Answers {
		checkTime(t, answer.Created)
	}
	if state := ParseTicketState(string(row.State)); state < 0 || state > TicketRescheduled {
		t.Errorf("state of %q = %d, want 0 to 5", row.State, state)
	}
	if priority := ParseTicketPriority(string(row.Priority)); priority < 0 || priority > PriorityVeryHigh {
		t.Errorf("priority of %q = %d, want 0 to 4", row.Priority, priority)
	}
}

// FuzzTask decodes any value as the answer, as the task, and as its result. The result must stay
// as it was sent.
func FuzzTask(f *testing.F) {
	addSeeds(f)
	for _, seed := range []string{
		`{"task": {"status": "FAILURE", "error": "x"}}`, `{"status": "SUCCESS", "result": []}`,
		`[{"ping-1": {"received": "1"}}, {"ping-exitoso": "1 de 1"}]`, `{"agregar": true, "errores": []}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		result := `{"task": {"status": "SUCCESS", "result": ` + string(value) + `, "error": ` + string(value) + `}}`
		for _, body := range []string{string(value), `{"task": ` + string(value) + `}`, result} {
			var got Object[taskAnswer]
			err := (&call{}).decode([]byte(body), &got)
			if valid := json.Valid([]byte(body)); (err == nil) != valid {
				t.Errorf("decode(%q) = %v, valid JSON: %t", body, err, valid)
			}
			if err != nil || got.Value == nil || got.Value.Task.Value == nil {
				continue
			}
			task := got.Value.Task.Value
			if body == result && json.Valid(value) && string(task.Result) != string(bytes.TrimSpace(value)) {
				t.Errorf("result = %q, want %q as it was sent", task.Result, value)
			}
			if len(task.Result) > 0 && !json.Valid(task.Result) {
				t.Errorf("result of %q = %q, want JSON", body, task.Result)
			}
			ParseTaskState(string(task.Status))
		}
	})
}

// FuzzSubject puts any value between two subjects. The other subjects must stay intact.
func FuzzSubject(f *testing.F) {
	addSeeds(f)
	f.Add([]byte(`{"id": 1, "nombre": "Internet Lento"}`))
	f.Add([]byte(`{"asunto": "Otro Asunto", "nombre": null}`))
	f.Fuzz(func(t *testing.T, value []byte) {
		if !json.Valid(value) {
			return
		}
		var got listAnswer[Subject]
		rows := `["Uno", ` + string(value) + `, {"nombre": ` + string(value) + `}, {"nombre": "Dos"}]`
		if err := (&call{}).decode([]byte(rows), &got); err != nil || len(got.Results) != 4 {
			t.Fatalf("decode of %s = %d subjects, %v, want 4", rows, len(got.Results), err)
		}
		if got.Results[0].Name != "Uno" || got.Results[3].Name != "Dos" {
			t.Errorf("subjects around %q = %q, want Uno and Dos", value, got.Results)
		}
		for _, subject := range got.Results {
			if name := string(subject.Name); !utf8.ValidString(name) || strings.TrimSpace(name) != name {
				t.Errorf("subject of %q = %q, want trimmed UTF-8", value, name)
			}
		}
	})
}

// FuzzAnswers decodes any value. Only an object or a list holds answers, and only if all can be read.
func FuzzAnswers(f *testing.F) {
	addSeeds(f)
	for _, seed := range []string{
		`{"respuesta": "Listo", "created": "2026-07-28T17:00:00-05:00"}`, `[{"respuesta": "Listo"}, null, {"usuario": []}]`, `[[{}]]`, ` {}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		if !json.Valid(value) {
			return
		}
		var got, alone Answers
		if err := json.Unmarshal(value, &got); err != nil {
			t.Fatalf("Answers of %q = %v, want no error", value, err)
		}
		for _, answer := range got {
			checkTime(t, answer.Created)
		}
		value = bytes.TrimSpace(value)
		if isList := value[0] == '{' || value[0] == '['; got != nil && !isList || got != nil && value[0] == '{' && len(got) != 1 {
			t.Errorf("Answers of %q = %#v", value, got)
		}
		if err := json.Unmarshal([]byte("["+string(value)+"]"), &alone); value[0] == '{' && (err != nil || !reflect.DeepEqual(alone, got)) {
			t.Errorf("Answers of [%s] = %+v, %v, want %+v as without the brackets", value, alone, err, got)
		}
	})
}
