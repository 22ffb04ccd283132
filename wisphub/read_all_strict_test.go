package wisphub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// catalogueReaders calls each catalogue by its path.
var catalogueReaders = map[string]func(context.Context, *API) (int, error){
	"zonas":                   func(ctx context.Context, a *API) (int, error) { return length(a.Zones.List(ctx)) },
	"plan-internet":           func(ctx context.Context, a *API) (int, error) { return length(a.Plans.List(ctx)) },
	"router":                  func(ctx context.Context, a *API) (int, error) { return length(a.Routers.List(ctx)) },
	"staff":                   func(ctx context.Context, a *API) (int, error) { return length(a.Staff.List(ctx)) },
	"formas-de-pago":          func(ctx context.Context, a *API) (int, error) { return length(a.PaymentMethods.List(ctx)) },
	"tickets/asuntos-tickets": func(ctx context.Context, a *API) (int, error) { return length(a.Tickets.Subjects(ctx)) },
}

func length[T any](rows []T, err error) (int, error) { return len(rows), err }

// serveList serves all rows as one page without regard to the offset.
func serveList(count, rows string) http.HandlerFunc {
	return reply(200, jsonType, `{"count": `+count+`, "next": null, "results": `+rows+`}`)
}

// Every catalogue refuses a list that is not whole.
func Test13_1_CataloguesAreStrict(t *testing.T) {
	t.Parallel()
	const two = `{"id": 1, "nombre": "Norte"}, {"id": 2, "nombre": "Sur"}`
	full := page(0, 0, 300)
	full = full[strings.Index(full, "[") : len(full)-1]
	for name, handler := range map[string]http.HandlerFunc{
		"an empty page":                  serveList("9", `[]`),
		"an empty page of one":           serveList("1", `[]`),
		"no count and a full page":       serveList("null", full),
		"no count and no rows":           serveList("null", `[]`),
		"a count that is no number":      serveList(`"x"`, `[]`),
		"a negative count":               serveList("-1", `[]`),
		"a missing count":                reply(200, jsonType, `{"results": []}`),
		"a repeated last row":            serveList("3", `[`+two+`, {"id": 2, "nombre": "Sur"}]`),
		"a repeated row too many":        serveList("2", `[`+two+`, {"id": 2, "nombre": "Sur"}]`),
		"two rows fewer than counted":    serveList("4", `[`+two+`]`),
		"two rows more than counted":     serveList("0", `[`+two+`]`),
		"the first page again and again": serveList("600", full),
		"rows of another shape":          serveList("2", `[{"pk": 1}, {"pk": 2}]`),
		"rows that are numbers":          serveList("2", `[1, 2]`),
		"an empty later page": func(w http.ResponseWriter, r *http.Request) {
			rows := page(450, 0, 300)
			if r.URL.Query().Has("offset") {
				rows = page(450, 0, 0)
			}
			reply(200, jsonType, rows)(w, r)
		},
	} {
		for path, read := range catalogueReaders {
			if name == "rows that are numbers" && strings.HasPrefix(path, "tickets") {
				continue // a subject may be a bare name
			}
			t.Run(name+" of "+path, func(t *testing.T) {
				t.Parallel()
				api, mux := setup(t)
				mux.HandleFunc("/api/"+path+"/{$}", handler)
				n, err := read(t.Context(), api)
				if n != 0 || !errors.Is(err, ErrInvalidResponse) {
					t.Errorf("List of %s = %d rows, %v, want none and %v", path, n, err, ErrInvalidResponse)
				}
			})
		}
	}
}

// A count that is wrong by the same row in two passes is accepted, for catalogues and for clients,
// and logged once.
func Test13_1_CountOffByOneIsAccepted(t *testing.T) {
	t.Parallel()
	for _, rows := range []int{1, 2, 25, 299, 300, 301, 450, 598, 599, 700} {
		for _, wrong := range []int{1, -1} {
			if wrong < 0 && rows == 301 {
				continue // the page is full and agrees with the count
			}
			t.Run(fmt.Sprintf("%d rows %+d", rows, wrong), func(t *testing.T) {
				t.Parallel()
				var log bytes.Buffer
				mux := http.NewServeMux()
				var calls atomic.Int64
				serveAll := func(w http.ResponseWriter, r *http.Request) {
					calls.Add(1)
					offset := offsetOf(t, r.URL.Query())
					body := page(rows+wrong, offset, min(offset+300, rows))
					reply(200, jsonType, strings.ReplaceAll(body, `"id":`, `"id_servicio":1,"id":`))(w, r)
				}
				mux.HandleFunc("/", serveAll)
				api := open(t, Config{Host: serve(t, mux), Logger: slog.New(slog.NewTextHandler(&log, nil))})
				for range 2 {
					if n, err := length(api.Zones.List(t.Context())); err != nil || n != rows {
						t.Errorf("Zones.List = %d rows, %v, want %d", n, err, rows)
					}
				}
				if want := (rows/299 + 2) * 4; calls.Load() > int64(want) {
					t.Errorf("%d calls for two reads, want at most %d: two passes each", calls.Load(), want)
				}
				if lines := strings.Count(log.String(), "\n"); lines != 1 || !strings.Contains(log.String(), "list=zonas") {
					t.Errorf("log = %q, want one line about zonas", log.String())
				}
			})
		}
	}
}

// The reader of clients accepts such a count, too. It logs through the pages that it gets.
func Test13_1_CountOffByOneOfClients(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	mux := http.NewServeMux()
	mux.HandleFunc("/api/clientes/{$}", func(w http.ResponseWriter, r *http.Request) {
		offset := offsetOf(t, r.URL.Query())
		body := page(701, offset, min(offset+300, 700))
		reply(200, jsonType, strings.ReplaceAll(body, `"id":`, `"id_servicio":`))(w, r)
	})
	api := open(t, Config{Host: serve(t, mux), Logger: slog.New(slog.NewTextHandler(&log, nil))})
	rows, err := ReadAll(t.Context(), func(ctx context.Context, options ListOptions) (*Page[Client], error) {
		return api.Clients.List(ctx, ClientListOptions{ListOptions: options})
	}, clientID)
	wantWhole(t, rows, err, 700)
	if !strings.Contains(log.String(), "list=clientes rows=700 count=701") {
		t.Errorf("log = %q, want a line about clientes", log.String())
	}
}

// Two passes that miss different rows do not agree.
func Test13_1_CountOffInDifferentWays(t *testing.T) {
	t.Parallel()
	fake := &fakeList{rows: 5, pageCap: 300, change: func(_, n int, p *Page[Client]) error {
		p.Count += 1 - 2*(n%2)
		return nil
	}}
	if rows, err := ReadAll(t.Context(), fake.list, clientID); !errors.Is(err, ErrListChanged) || rows != nil {
		t.Errorf("ReadAll() = %d rows, %v, want ErrListChanged", len(rows), err)
	}
}

// A subject may be in the catalogue twice. Pages that do not meet are refused even without ids.
func Test13_1_SubjectsHaveNoIDs(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/api/tickets/asuntos-tickets/{$}", serveList("3", `["Internet Lento", {"nombre": "PoE"}, "Internet Lento"]`))
	if subjects, err := api.Tickets.Subjects(t.Context()); err != nil || len(subjects) != 3 {
		t.Errorf("Subjects = %v, %v, want 3", subjects, err)
	}
	api, mux = setup(t)
	mux.HandleFunc("/api/tickets/asuntos-tickets/{$}", func(w http.ResponseWriter, r *http.Request) {
		offset := offsetOf(t, r.URL.Query())
		if offset > 0 {
			offset++ // a row vanished
		}
		reply(200, jsonType, page(450, offset, min(offset+300, 450)))(w, r)
	})
	if subjects, err := api.Tickets.Subjects(t.Context()); !errors.Is(err, ErrInvalidResponse) {
		t.Errorf("Subjects of pages that do not meet = %d, %v, want %v", len(subjects), err, ErrInvalidResponse)
	}
}
