package wisphubtest

import (
	"math"
	"strconv"
	"testing"
)

func TestListClients_Pages(t *testing.T) {
	t.Parallel()
	s := newServer(310, nil)
	const base = "http://wisphub.invalid/api/clientes/?"
	for _, test := range []struct {
		query          string
		rows           int
		next, previous string
	}{
		{"", 300, "limit=300&offset=300", ""},
		{"limit=300&offset=300", 10, "", "limit=300"},
		{"limit=500", 300, "limit=300&offset=300", ""},
		{"limit=500&offset=5", 300, "limit=300&offset=305", "limit=300"},
		{"limit=1", 1, "limit=1&offset=1", ""},
		{"limit=1&offset=309", 1, "", "limit=1&offset=308"},
		{"limit=10&offset=300", 10, "", "limit=10&offset=290"},
		{"limit=10&offset=310", 0, "", "limit=10&offset=300"},
		{"limit=0&offset=-4", 300, "limit=300&offset=300", ""},
		{"limit=all&offset=x", 300, "limit=300&offset=300", ""},
		{"limit=10&nombre=&format=json", 10, "format=json&limit=10&nombre=&offset=10", ""},
		{"offset=" + strconv.Itoa(math.MaxInt), 0, "", "limit=300&offset=" + strconv.Itoa(math.MaxInt-300)},
	} {
		p := list(t, s, "/api/clientes/?"+test.query)
		if p.Count != 310 || len(p.Results) != test.rows {
			t.Errorf("%q: count %d with %d rows, want 310 with %d", test.query, p.Count, len(p.Results), test.rows)
		}
		wantLink(t, test.query+": next", p.Next, base, test.next)
		wantLink(t, test.query+": previous", p.Previous, base, test.previous)
	}
}

func wantLink(t *testing.T, what string, got *string, base, query string) {
	t.Helper()
	switch {
	case query == "" && got != nil:
		t.Errorf("%s = %q, want null", what, *got)
	case query != "" && (got == nil || *got != base+query):
		t.Errorf("%s = %v, want %q", what, got, base+query)
	}
}

func TestListClients_PagesHoldEachClientOnce(t *testing.T) {
	t.Parallel()
	s := newServer(1_000, nil)
	var seen []int
	for offset := 0; offset < 1_000; offset += 300 {
		for _, row := range list(t, s, "/api/clientes/?limit=300&offset="+strconv.Itoa(offset)).Results {
			seen = append(seen, int(row["id_servicio"].(float64)))
		}
	}
	want := s.IDs()
	if len(seen) != len(want) {
		t.Fatalf("the pages hold %d rows, want %d", len(seen), len(want))
	}
	for i := range want {
		if seen[i] != want[i] {
			t.Fatalf("row %d has id %d, want %d", i, seen[i], want[i])
		}
	}
}

func TestCatalogues_Pages(t *testing.T) {
	t.Parallel()
	s := newServer(1, nil)
	if p := list(t, s, "/api/plan-internet/?limit=5&offset=10"); p.Count != 14 || len(p.Results) != 4 || p.Previous == nil {
		t.Errorf("plans 10 to 14: count %d with %d rows, want 14 with 4 and a previous page", p.Count, len(p.Results))
	}
	if p := list(t, s, "/api/zonas/?nombre=nada"); p.Count != 8 {
		t.Errorf("zones with an unknown filter: count %d, want 8", p.Count)
	}
}
