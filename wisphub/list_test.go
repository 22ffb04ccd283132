package wisphub

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestListEnvelope(t *testing.T) {
	t.Parallel()
	rows := []Ref{{1, "Norte"}, {2, "Sur"}}
	const rowsJSON = `[{"id": 1, "nombre": "Norte"}, {"id": 2, "nombre": "Sur"}]`
	for _, test := range []struct {
		body string
		want *Page[Ref] // nil for ErrInvalidResponse
	}{
		{`{"count": 9, "next": "http://other.example/api/zonas/?offset=2", "previous": null, "results": ` + rowsJSON + `}`, &Page[Ref]{9, rows}},
		{" \r\n\t{\"results\": " + rowsJSON + ", \"count\": 9}\n", &Page[Ref]{9, rows}},
		{`{"count": "9", "results": ` + rowsJSON + `}`, &Page[Ref]{9, rows}},
		{`{"count": 9.0, "results": ` + rowsJSON + `}`, &Page[Ref]{9, rows}},
		{`{"count": null, "results": ` + rowsJSON + `}`, &Page[Ref]{0, rows}},
		{`{"count": {}, "results": ` + rowsJSON + `}`, &Page[Ref]{0, rows}},
		{`{"count": 0, "results": []}`, &Page[Ref]{0, []Ref{}}},
		{`{"count": 9, "results": [{"id": 1, "nombre": "Norte"}, 5, "x", [], null, {"id": {}, "nombre": "Sur"}]}`,
			&Page[Ref]{9, []Ref{{1, "Norte"}, {}, {}, {}, {}, {0, "Sur"}}}},

		// A bare list is a whole one.
		{rowsJSON, &Page[Ref]{2, rows}},
		{"\n " + rowsJSON + " ", &Page[Ref]{2, rows}},
		{`[]`, &Page[Ref]{0, []Ref{}}},
		{`[1, {"id": 2, "nombre": "Sur"}]`, &Page[Ref]{2, []Ref{{}, {2, "Sur"}}}},

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
		got, err := list[Ref](t.Context(), api, nil, "zonas")
		if test.want == nil {
			checkError(t, err, ErrInvalidResponse, http.StatusOK)
		} else if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("list of %s = %+v, %v, want %+v", test.body, got, err, test.want)
		}
	}
}

func TestRecordIsAnObject(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]*Ref{
		`{"id": 1, "nombre": "Norte"}`: {1, "Norte"},
		" {\"id\": \"1\"}\n":           {1, ""},
		`{}`:                           {},
		`[]`:                           nil,
		`[{"id": 1}]`:                  nil,
		`null`:                         nil,
		`"x"`:                          nil,
	} {
		api, mux := setup(t)
		mux.HandleFunc("/api/zonas/1/{$}", answer(t, "", body))
		got, err := record[Ref](t.Context(), api, "zonas", "1")
		if want == nil {
			checkError(t, err, ErrInvalidResponse, http.StatusOK)
		} else if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("record of %s = %+v, %v, want %+v", body, got, err, want)
		}
	}
}

func TestAllReadsEveryPage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		count, cap, rows int // what WispHub says it has, puts in a page, has
		want             []string
	}{
		"empty":              {0, 300, 0, []string{"limit=300"}},
		"one page":           {2, 300, 2, []string{"limit=300"}},
		"a full page":        {300, 300, 300, []string{"limit=300"}},
		"three pages":        {650, 300, 650, []string{"limit=300", "limit=300&offset=300", "limit=300&offset=600"}},
		"a smaller cap":      {5, 2, 5, []string{"limit=300", "limit=300&offset=2", "limit=300&offset=4"}},
		"fewer rows than it": {9, 300, 4, []string{"limit=300", "limit=300&offset=4"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api, mux := setup(t)
			var queries []string
			mux.HandleFunc("/api/zonas/{$}", func(w http.ResponseWriter, r *http.Request) {
				queries = append(queries, r.URL.RawQuery)
				offset := offsetOf(t, r.URL.Query())
				answer(t, r.URL.RawQuery, page(test.count, offset, min(offset+test.cap, test.rows)))(w, r)
			})
			zones, err := api.Zones.List(t.Context())
			if err != nil || !slices.Equal(queries, test.want) {
				t.Errorf("Zones.List asked for %q, %v, want %q", queries, err, test.want)
			}
			for i, zone := range zones {
				if int(zone.ID) != i+1 {
					t.Fatalf("row %d has the id %d, want %d", i, zone.ID, i+1)
				}
			}
			if len(zones) != test.rows {
				t.Errorf("Zones.List = %d rows, want %d", len(zones), test.rows)
			}
		})
	}
}

// A list that grows as it is read costs a bounded number of calls.
func TestAllEndsAnEndlessList(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	calls := 0
	mux.HandleFunc("/api/zonas/{$}", func(w http.ResponseWriter, r *http.Request) {
		calls++
		answer(t, r.URL.RawQuery, page(1_000_000, calls, calls+1))(w, r)
	})
	zones, err := api.Zones.List(t.Context())
	checkError(t, err, ErrInvalidResponse, http.StatusOK)
	if calls != 20 || zones != nil {
		t.Errorf("Zones.List = %d rows after %d calls, want none after 20", len(zones), calls)
	}
}

// A truncated list is never served as the list.
func TestAllFailsWithAnyPage(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/api/zonas/{$}", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("offset") {
			reply(http.StatusBadGateway, htmlType, html)(w, r)
			return
		}
		reply(http.StatusOK, jsonType, page(600, 0, 300))(w, r)
	})
	zones, err := api.Zones.List(t.Context())
	if !errors.Is(err, ErrUnavailable) || zones != nil {
		t.Errorf("Zones.List = %d rows, %v, want none, %v", len(zones), err, ErrUnavailable)
	}
}

// page is an envelope around the rows with the ids from+1 to to.
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
