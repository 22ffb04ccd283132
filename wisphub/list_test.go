package wisphub

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

func TestGetPage(t *testing.T) {
	t.Parallel()
	rows := []Ref{{1, "Norte"}, {2, "Sur"}}
	const rowsJSON = `[{"id": 1, "nombre": "Norte"}, {"id": 2, "nombre": "Sur"}]`
	for _, test := range []struct {
		body string
		want *Page[Ref] // nil for ErrInvalidResponse
	}{
		{`{"count": 9, "next": "http://other.example/api/zonas/?offset=2", "previous": null, "results": ` + rowsJSON + `}`, &Page[Ref]{Count: 9, Rows: rows}},
		{" \r\n\t{\"results\": " + rowsJSON + ", \"count\": 9}\n", &Page[Ref]{Count: 9, Rows: rows}},
		{`{"count": "9", "results": ` + rowsJSON + `}`, &Page[Ref]{Count: 9, Rows: rows}},
		{`{"count": 9.0, "results": ` + rowsJSON + `}`, &Page[Ref]{Count: 9, Rows: rows}},
		{`{"count": null, "results": ` + rowsJSON + `}`, &Page[Ref]{Count: -1, Rows: rows}},
		{`{"count": {}, "results": ` + rowsJSON + `}`, &Page[Ref]{Count: -1, Rows: rows}},
		{`{"count": 0, "results": []}`, &Page[Ref]{Count: 0, Rows: []Ref{}}},
		{`{"count": 9, "results": [{"id": 1, "nombre": "Norte"}, 5, "x", [], null, {"id": {}, "nombre": "Sur"}]}`,
			&Page[Ref]{Count: 9, Rows: []Ref{{1, "Norte"}, {}, {}, {}, {}, {0, "Sur"}}}},

		// A bare array is a whole list.
		{rowsJSON, &Page[Ref]{Count: 2, Rows: rows}},
		{"\n " + rowsJSON + " ", &Page[Ref]{Count: 2, Rows: rows}},
		{`[]`, &Page[Ref]{Count: 0, Rows: []Ref{}}},
		{`[1, {"id": 2, "nombre": "Sur"}]`, &Page[Ref]{Count: 2, Rows: []Ref{{}, {2, "Sur"}}}},

		{`{}`, nil},
		{`{"count": 9}`, nil},
		{`{"count": 9, "results": null}`, nil},
		{`{"count": 9, "results": "x"}`, nil},
		{`{"count": 9, "results": {"id": 1}}`, nil},
		{`{"detail": "No encontrado."}`, nil},
		{`null`, nil},
		{`9`, nil},
		{`"x"`, nil},
		{``, nil},
		{`[{"id": 1}`, nil},
		{`{"results": []} x`, nil},
	} {
		api, mux := setup(t)
		mux.HandleFunc("/api/zonas/{$}", answer(t, "", test.body))
		got, err := getPage[Ref](t.Context(), api, nil, "zonas")
		if test.want == nil {
			checkError(t, err, ErrInvalidResponse, http.StatusOK)
		} else if err != nil || got.Count != test.want.Count || !reflect.DeepEqual(got.Rows, test.want.Rows) {
			t.Errorf("getPage() of %s = %+v, %v, want %+v", test.body, got, err, test.want)
		}
	}
}

func TestGetRecord(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]*Ref{
		`{"id": 1, "nombre": "Norte"}`: {1, "Norte"},
		" {\"id\": \"1\"}\n":           {1, ""},
		`{}`:                           nil,
		`[]`:                           nil,
		`[{"id": 1}]`:                  nil,
		`null`:                         nil,
		`"x"`:                          nil,
	} {
		api, mux := setup(t)
		mux.HandleFunc("/api/zonas/1/{$}", answer(t, "", body))
		got, err := getRecord[testRecord](t.Context(), api, "zonas/{id}", "1")
		if want == nil {
			checkError(t, err, ErrInvalidResponse, http.StatusOK)
		} else if err != nil || got.Ref != *want {
			t.Errorf("getRecord() of %s = %+v, %v, want %+v", body, got, err, want)
		}
	}
}

// testRecord is a record that must have an id.
type testRecord struct{ Ref }

func (r *testRecord) lacks() string {
	if r.ID == 0 {
		return "id"
	}
	return ""
}

// page is a page with the ids from+1 to to.
func page(count, from, to int) string {
	rows := make([]string, 0, max(to-from, 0))
	for id := from + 1; id <= to; id++ {
		rows = append(rows, fmt.Sprintf(`{"id": %d, "nombre": "Zona %[1]d"}`, id))
	}
	return fmt.Sprintf(`{"count": %d, "next": "http://other.example/", "previous": null, "results": [%s]}`, count, strings.Join(rows, ","))
}

func offsetOf(t *testing.T, query url.Values) int {
	t.Helper()
	if !query.Has("offset") {
		return 0
	}
	offset, err := strconv.Atoi(query.Get("offset"))
	if err != nil {
		t.Errorf("offset = %q, want a number", query.Get("offset"))
	}
	return offset
}
