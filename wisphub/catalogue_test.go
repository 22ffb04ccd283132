package wisphub

import (
	"errors"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

func TestReadCatalogue_Sizes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cap, rows int
		want      []string
	}{
		"empty":         {300, 0, []string{"limit=300"}},
		"one page":      {300, 2, []string{"limit=300"}},
		"a full page":   {300, 300, []string{"limit=300"}},
		"three pages":   {300, 650, []string{"limit=300", "limit=300&offset=299", "limit=300&offset=598"}},
		"a smaller cap": {100, 150, []string{"limit=300", "limit=300&offset=99"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api, mux := setup(t)
			var mu sync.Mutex
			var queries []string
			mux.HandleFunc("/api/zonas/{$}", func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				queries = append(queries, r.URL.RawQuery)
				mu.Unlock()
				offset := offsetOf(t, r.URL.Query())
				answer(t, r.URL.RawQuery, page(test.rows, offset, min(offset+test.cap, test.rows)))(w, r)
			})
			zones, err := api.Zones.List(t.Context())
			slices.Sort(queries)
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

// A catalogue that cannot be proved whole is an error, never a part of it.
func TestReadCatalogue_Strict(t *testing.T) {
	t.Parallel()
	const row = `{"id": 1, "nombre": "Norte"}`
	for name, test := range map[string]struct {
		body  string // of every page
		calls int
	}{
		"fewer rows than counted": {page(9, 0, 4), 3},
		"more rows than counted":  {page(3, 0, 5), 3},
		"no rows":                 {page(9, 0, 0), 3},
		"tiny pages":              {page(9, 0, 2), 3},
		"no count":                {`{"count": null, "results": [` + row + `]}`, 3},
		"an id twice":             {`{"count": 2, "results": [` + row + `, ` + row + `]}`, 3},
		"no row with an id":       {`{"count": 2, "results": [{}, {}]}`, 3},
		"an endless list":         {page(1_000_000, 0, 300), 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api, mux := setup(t)
			calls := 0
			mux.HandleFunc("/api/zonas/{$}", func(w http.ResponseWriter, r *http.Request) {
				calls++
				answer(t, r.URL.RawQuery, test.body)(w, r)
			})
			zones, err := api.Zones.List(t.Context())
			checkError(t, err, ErrInvalidResponse, http.StatusOK)
			if calls != test.calls || zones != nil {
				t.Errorf("Zones.List = %d rows after %d calls, want none after %d", len(zones), calls, test.calls)
			}
		})
	}
}

func TestReadCatalogue_Accepts(t *testing.T) {
	t.Parallel()
	rows := []Zone{{1, "Norte"}, {1, "Norte"}}
	for body, want := range map[string][]Zone{
		`[{"id": 1, "nombre": "Norte"}]`: rows[:1],
		`[]`:                             {},
		`{"count": 0, "results": []}`:    {},
		`{"count": 2, "results": [{"id": 1, "nombre": "Norte"}, {}]}`: {rows[0], {}},
	} {
		api, mux := setup(t)
		mux.HandleFunc("/api/zonas/{$}", answer(t, "limit=300", body))
		if zones, err := api.Zones.List(t.Context()); err != nil || !reflect.DeepEqual(zones, want) {
			t.Errorf("Zones.List of %s = %v, %v, want %v", body, zones, err, want)
		}
	}
}

// A caller waits for a catalogue: a page that fails is not requested again after a pause.
func TestReadCatalogue_FailsWithAnyPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pipe := wisphubtest.Pipe(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("offset") {
				reply(http.StatusBadGateway, htmlType, html)(w, r)
				return
			}
			reply(http.StatusOK, jsonType, page(600, 0, 300))(w, r)
		}))
		defer pipe.Close()
		api := open(t, Config{Host: "http://wisphub.test", Dial: pipe.Dial})
		began := time.Now()
		zones, err := api.Zones.List(t.Context())
		if !errors.Is(err, ErrUnavailable) || zones != nil {
			t.Errorf("Zones.List = %d rows, %v, want none, %v", len(zones), err, ErrUnavailable)
		}
		if took := time.Since(began); took > 2*maxJitter {
			t.Errorf("Zones.List took %v, want no pause beyond the second try", took)
		}
	})
}
