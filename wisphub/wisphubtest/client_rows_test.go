package wisphubtest

import (
	"slices"
	"strings"
	"testing"
)

func TestPutRow(t *testing.T) {
	t.Parallel()
	s := newServer(3, nil)
	ids := s.IDs()
	row := s.Row(ids[1])
	row["nombre"] = "Otro"
	s.PutRow(row)
	if got := s.Row(ids[1])["nombre"]; got != "Otro" || s.RowCount() != 3 {
		t.Errorf("after PutRow: nombre = %v with %d rows, want Otro with 3", got, s.RowCount())
	}
	row["nombre"] = "changed after"
	if got := s.Row(ids[1])["nombre"]; got != "Otro" {
		t.Errorf("nombre = %v after a change of the caller's map, want Otro", got)
	}

	s.PutRow(map[string]any{"id_servicio": int64(3), "nombre": 12})
	if got, want := s.IDs(), slices.Insert(slices.Clone(ids), 0, 3); !slices.Equal(got, want) {
		t.Errorf("IDs() = %v, want %v", got, want)
	}
	if got := list(t, s, "/api/clientes/?limit=1").Results[0]; len(got) != 2 || got["nombre"] != 12.0 {
		t.Errorf("malformed row = %v, want its two keys unchanged", got)
	}
	s.DeleteRow(3)
	s.DeleteRow(999)
	if s.Row(3) != nil || s.RowCount() != 3 {
		t.Errorf("after DeleteRow: Row(3) = %v with %d rows, want nil with 3", s.Row(3), s.RowCount())
	}
}

func TestPutRow_WithoutUsableID(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]any{
		"text": "26", "null": nil, "zero": 0, "negative": -5, "fraction": 2.5, "object": map[string]any{},
	} {
		s := newServer(2, nil)
		s.PutRow(map[string]any{"id_servicio": id, "cedula": "a"})
		s.PutRow(map[string]any{"id_servicio": id, "cedula": "b"})
		results := list(t, s, "/api/clientes/").Results
		if len(results) != 4 || results[2]["cedula"] != "a" || results[3]["cedula"] != "b" {
			t.Errorf("%s: the list has %d rows, want 4 with the malformed ones last", name, len(results))
		}
		if len(s.IDs()) != 2 {
			t.Errorf("%s: IDs() = %v, want 2 usable ids", name, s.IDs())
		}
		s.DeleteRow(noID)
		if s.RowCount() != 4 || s.Row(noID) != nil {
			t.Errorf("%s: a row without a usable id was deleted or returned by id", name)
		}
	}
}

func TestPutRow_OrdersKeys(t *testing.T) {
	t.Parallel()
	s := newServer(1, nil)
	s.PutRow(map[string]any{"zz": 1, "tecnico": nil, "aa": "<&>", "usuario": "u", "id_servicio": 5})
	body := do(s, "GET", "/api/clientes/?limit=1").Body.String()
	if want := `[{"id_servicio":5,"usuario":"u","tecnico":null,"aa":"<&>","zz":1}]`; !strings.Contains(body, want) {
		t.Errorf("body = %s, want %s", body, want)
	}
}

func TestPutRow_Panics(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("PutRow(a channel) did not panic, want a panic")
		}
	}()
	newServer(1, nil).PutRow(map[string]any{"id_servicio": make(chan int)})
}
