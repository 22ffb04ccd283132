package isp

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// searchState returns what a search index knows, in a form that can be compared.
func searchState(d *directory) any {
	texts, searched := make([]searchText, len(d.clients)), make([]string, d.search.size)
	for i, client := range d.clients {
		texts[i], searched[i] = client.search, d.search.texts.at(i)
	}
	sets := map[[2]byte][]int{}
	for first, page := range d.search.bigrams {
		if page == nil {
			continue
		}
		for second, set := range page {
			if set != nil {
				sets[[2]byte{byte(first), byte(second)}] = slices.Collect(set.each)
			}
		}
	}
	return []any{texts, searched, sets}
}

// convertedRows converts rows with a converter of their own, as the reading after a write does.
func convertedRows(tb testing.TB, loc locale, rows ...map[string]any) []*Client {
	convert := newConverter(loc, time.Now())
	var clients []*Client
	for _, row := range decodeRows(tb, rows...) {
		if row.ID > 0 {
			clients = append(clients, convert.client(&row))
		}
	}
	return clients
}

// Any sequence of replacements gives the directory that is built of the same clients.
func Test14_18_ReplacedDirectoryEqualsABuiltOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		base := drawEdgeDirectory(t, rt)
		replaced, current := base, slices.Clone(base.clients)
		before := searchState(base)
		for range rapid.IntRange(1, 6).Draw(rt, "writes") {
			row := rapid.Custom(drawEdgeRow).Filter(func(row map[string]any) bool { return row["id_servicio"] != 0 })
			rows := rapid.SliceOfN(row, 1, 4).Draw(rt, "rows")
			for _, row := range rows {
				row["id_servicio"] = row["id_servicio"].(int) + rapid.SampledFrom([]int{0, 0, 20}).Draw(rt, "behind")
			}
			clients := convertedRows(t, base.locale, rows...)
			if rapid.Bool().Draw(rt, "may build") {
				replaced = replaced.replace(clients, 2)
			} else {
				replaced = replaced.apply(replaced.changesTo(clients), 2)
			}
			current = append(clients, current...)
		}
		built := buildDirectory(current, base.locale, base.asOf, 2)
		wantSameDirectory(rt, replaced, built)
		wantSameAnswers(t, rt, replaced, built)
		if !reflect.DeepEqual(searchState(base), before) {
			rt.Error("a replacement changed the directory that it began with")
		}
	})
}

// wantSameAnswers fails the test if the directories answer a look-up, a page, a filter or a search
// differently.
func wantSameAnswers(tb testing.TB, rt *rapid.T, got, want *directory) {
	for _, client := range append(slices.Clone(want.clients), &Client{ServiceID: 99}) {
		keys := []lookup{
			{field: byServiceID, id: client.ServiceID}, {field: byDocument, normalized: client.document},
			{field: byUsername, normalized: client.username},
		}
		for _, number := range client.Phones {
			keys = append(keys, lookup{field: byPhone, normalized: want.locale.nationalPhone(number)})
		}
		for _, key := range keys {
			if a, b := got.find(key), want.find(key); !slices.Equal(a, b) {
				rt.Errorf("find(%+v) = %v, want %v", key, idsOf(a), idsOf(b))
			}
		}
	}
	order, first := drawOrder(rt), rapid.IntRange(1, 5).Draw(rt, "first")
	filters := []*ClientFilter{nil, {Status: []ClientStatus{ClientActive}}, {ZoneID: []int{1, 2}}, {Document: new("7")}}
	for _, filter := range filters {
		for _, search := range []string{"", "a", "ana", "nan", "0001", "漢", "ana 3000"} {
			query := ClientQuery{Filter: filter, Search: &search, Order: &order, First: &first}
			a, b := pageOf(tb, got, query), pageOf(tb, want, query)
			if mustJSON(rt, a.Stats()) != mustJSON(rt, b.Stats()) {
				rt.Errorf("statistics of %q = %s, want %s", search, mustJSON(rt, a.Stats()), mustJSON(rt, b.Stats()))
			}
			if a, b := walkFrom(tb, got, query), walkFrom(tb, want, query); !slices.Equal(a, b) {
				rt.Errorf("pages of %q by %v = %v, want %v", search, order, idsOf(a), idsOf(b))
			}
		}
	}
}

// A change that comes with a key of the directory is found by the new key only.
func Test14_18_ReplacedClientIsFoundByItsNewKeys(t *testing.T) {
	t.Parallel()
	d := directoryOf(t,
		map[string]any{"id_servicio": 1, "nombre": "Ana", "cedula": "10", "usuario": "ana@isp", "telefono": "3000000001"},
		map[string]any{"id_servicio": 5, "nombre": "Luz", "cedula": "10", "usuario": "luz@isp", "telefono": "3000000001"},
	)
	next := d.apply(d.changesTo(convertedRows(t, colombia,
		map[string]any{"id_servicio": 1, "nombre": "Eva", "cedula": "20", "usuario": "eva@isp", "telefono": "3000000002"},
		map[string]any{"id_servicio": 3, "nombre": "Ida", "cedula": "10", "usuario": "ida@isp", "telefono": "3000000002"},
	)), 2)
	for _, test := range []struct {
		key  ClientKey
		want []int
	}{
		{byDoc("10"), []int{3, 5}}, {byDoc("20"), []int{1}}, {byUser("ana@isp"), nil}, {byUser("eva@isp"), []int{1}},
		{byTel("3000000001"), []int{5}}, {byTel("3000000002"), []int{1, 3}},
	} {
		key, err := test.key.lookup(colombia)
		if got := idsOf(next.find(key)); err != nil || !slices.Equal(got, test.want) {
			t.Errorf("find(%+v) = %v, %v, want %v", key, got, err, test.want)
		}
	}
	for query, want := range map[string][]int{"ana": {}, "eva": {1}, "ida": {3}, "luz": {5}, "isp": {1, 3, 5}} {
		if got := searchIDs(t, next, query); !slices.Equal(got, want) {
			t.Errorf("search for %q = %v, want %v", query, got, want)
		}
	}
	if got := strings.Join(strings.Fields(mustJSON(t, idsOf(d.clients))), ""); got != "[1,5]" {
		t.Errorf("the former directory has %s, want [1,5]", got)
	}
}

// A client without a balance is behind the others. With the balance 0.00 it is not, though both
// compare as equal.
func Test14_18_ReplacedClientWithAZeroBalance(t *testing.T) {
	t.Parallel()
	row := func(id int, balance any) map[string]any { return map[string]any{"id_servicio": id, "saldo": balance} }
	d := directoryOf(t, row(1, nil), row(2, "5"))
	next := d.apply(d.changesTo(convertedRows(t, colombia, row(1, "0.00"))), 2)
	order := ClientOrder{OrderByBalance, Ascending}
	if was, now := orderedIDs(d, order), orderedIDs(next, order); !slices.Equal(was, []int{2, 1}) || !slices.Equal(now, []int{1, 2}) {
		t.Errorf("by balance: %v, then %v, want [2 1], then [1 2]", was, now)
	}
}
