package wisphub

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

// A long answer without a list is an error, though there was room for its rows.
func Test14_17_LongAnswerWithoutAList(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 4*minRowText)
	for _, body := range []string{
		`{"detail": "` + long + `"}`, `{"count": 9, "results": null, "detail": "` + long + `"}`, `{"count": 9, "results": "` + long + `"}`,
	} {
		api, mux := setup(t)
		mux.HandleFunc("/api/zonas/{$}", answer(t, "", body))
		_, err := getPage[Ref](t.Context(), api, nil, "zonas")
		checkError(t, err, ErrInvalidResponse, http.StatusOK)
	}
}

// namedPage is a page with rows of which each has the name and 1,500 bytes.
func namedPage(rows int, name string) string {
	row := fmt.Sprintf(`{"id": 1, "nombre": %q, "comentarios": %q}`, name, strings.Repeat("x", 1500))
	return fmt.Sprintf(`{"count": %d, "results": [%s]}`, rows, strings.Repeat(row+", ", rows-1)+row)
}

// Rows stay as they are when the buffer of their answer takes the next one.
func Test14_17_RowsOutliveTheAnswer(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	nameOf := func(page int64) string { return strings.Repeat(string(rune('a'+page)), 30) }
	var calls atomic.Int64
	mux.HandleFunc("/api/zonas/{$}", func(w http.ResponseWriter, r *http.Request) {
		answer(t, "", namedPage(3, nameOf(calls.Add(1)-1)))(w, r)
	})
	var pages []*Page[Ref]
	for range 20 {
		page, err := getPage[Ref](t.Context(), api, nil, "zonas")
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
	}
	for i, page := range pages {
		for _, row := range page.Rows {
			if want := nameOf(int64(i)); string(row.Name) != want {
				t.Fatalf("page %d has %q, want %q", i, row.Name, want)
			}
		}
	}
}

// A page of 300 clients takes less than twice its own size. The test is not parallel,
// because it measures the whole process.
func Test14_17_GarbageOfAPage(t *testing.T) {
	api, mux := setup(t)
	page := []byte(namedPage(300, "Ana"))
	mux.HandleFunc("/api/clientes/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(page)
	})
	read := func() uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := api.Clients.List(t.Context(), ClientListOptions{}); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	least := read()
	for range 5 {
		least = min(least, read())
	}
	if least > uint64(2*len(page)) {
		t.Errorf("a page of %d bytes took %d bytes, want less than twice as many", len(page), least)
	}
}
