package isp

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// pageOf answers a query from a directory.
func pageOf(tb testing.TB, directory *directory, query ClientQuery) *ClientConnection {
	tb.Helper()
	parsed, err := query.parse(colombia)
	if err != nil {
		tb.Fatalf("parse(%+v) = %v", query, err)
	}
	return directory.page(parsed)
}

// walk follows the cursors from the first page to the last. It returns all clients.
func walk(tb testing.TB, directory *directory, query ClientQuery) []*Client {
	tb.Helper()
	var all []*Client
	for {
		page := pageOf(tb, directory, query)
		if page.PageInfo.HasPreviousPage != (len(all) > 0) {
			tb.Fatalf("HasPreviousPage = %t after %d clients", page.PageInfo.HasPreviousPage, len(all))
		}
		if all = append(all, page.Nodes...); len(all) > page.TotalCount {
			tb.Fatalf("the pages have %v, want %d clients", idsOf(all), page.TotalCount)
		}
		if page.PageInfo.HasNextPage != (len(all) < page.TotalCount) {
			tb.Fatalf("HasNextPage = %t after %d of %d clients", page.PageInfo.HasNextPage, len(all), page.TotalCount)
		}
		if !page.PageInfo.HasNextPage {
			return all
		}
		query.After = page.PageInfo.EndCursor
	}
}

func TestClients_ListDefaults(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 120)
	page, err := provider.Clients.List(t.Context(), ClientQuery{Search: new("  "), After: new("")})
	if err != nil {
		t.Fatalf("List() = %v", err)
	}
	if got, want := idsOf(page.Nodes), upstream.IDs()[:50]; !slices.Equal(got, want) {
		t.Errorf("List() = %v, want the first 50 by service id", got)
	}
	if page.TotalCount != 120 || !page.PageInfo.HasNextPage || page.PageInfo.HasPreviousPage || page.AsOf.IsZero() {
		t.Errorf("List() = %d clients, %+v, want 120 and a next page", page.TotalCount, page.PageInfo)
	}
	edges := page.Edges()
	if len(edges) != 50 || edges[0].Cursor != *page.PageInfo.StartCursor || edges[49].Cursor != *page.PageInfo.EndCursor {
		t.Errorf("Edges() has other cursors than the page")
	}
	for i, edge := range edges {
		if edge.Node != page.Nodes[i] {
			t.Errorf("Edges()[%d] is client %d, want %d", i, edge.Node.ServiceID, page.Nodes[i].ServiceID)
		}
	}
}

func TestClients_ListOfEmptyDirectory(t *testing.T) {
	t.Parallel()
	page := pageOf(t, directoryOf(t), ClientQuery{Order: &ClientOrder{OrderByName, Descending}})
	if page.Nodes == nil || len(page.Nodes) != 0 || page.TotalCount != 0 || *page.PageInfo != (PageInfo{}) {
		t.Errorf("List() of no clients = %v, %+v, want an empty page without cursors", page.Nodes, page.PageInfo)
	}
	if edges := page.Edges(); edges == nil || len(edges) != 0 {
		t.Errorf("Edges() = %v, want none", edges)
	}
}

func TestClients_ListInvalidFirst(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 1)
	for _, first := range []int{0, -1, 2001} {
		_, err := provider.Clients.List(t.Context(), ClientQuery{First: &first})
		wantInputError(t, "List()", err, "first")
	}
	wantCalls(t, upstream, 0)
	for _, first := range []int{1, 2000} {
		if _, err := provider.Clients.List(t.Context(), ClientQuery{First: &first}); err != nil {
			t.Errorf("List(first: %d) = %v, want no error", first, err)
		}
	}
}

// For any page size, order and filter, the pages contain each match once, in order.
func TestDirectory_PagesHaveEachMatchOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		directory, filter, order := drawFilterDirectory(t, rt), drawFilter(t, rt), drawOrder(rt)
		first := rapid.IntRange(1, 9).Draw(rt, "first")
		search := rapid.SampledFrom([]string{"", "a", "na"}).Draw(rt, "search")
		words, _ := colombia.searchWords(search)
		got := walk(t, directory, ClientQuery{Filter: filter, Search: &search, Order: &order, First: &first})
		for i := range len(got) - 1 {
			wantOrdered(rt, order, got[i], got[i+1])
		}
		ids := slices.Sorted(slices.Values(idsOf(got)))
		if want := directory.idsIn(directory.match(filter, words)); !slices.Equal(ids, want) {
			rt.Errorf("the pages have %v, want %v", ids, want)
		}
	})
}

// A cursor continues at its position in the next directory, even if its client is gone.
func TestDirectory_CursorSurvivesRefresh(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		before, order := drawFilterDirectory(t, rt), drawOrder(rt)
		first := rapid.IntRange(1, 9).Draw(rt, "first")
		query := ClientQuery{Order: &order, First: &first}
		page := pageOf(t, before, query)
		if len(page.Nodes) == 0 {
			rt.Skip()
		}
		last := page.Nodes[len(page.Nodes)-1]
		rest := slices.DeleteFunc(orderedIDs(before, order)[len(page.Nodes):], func(id int) bool { return id == last.ServiceID })
		after := withoutClient(before, last)
		query.After = page.PageInfo.EndCursor
		if got := idsOf(walkFrom(t, after, query)); !slices.Equal(got, rest) {
			rt.Errorf("the page after the removed client has %v, want %v", got, rest)
		}
	})
}

// withoutClient returns the directory without the client.
func withoutClient(d *directory, removed *Client) *directory {
	remaining := slices.DeleteFunc(slices.Clone(d.clients), func(c *Client) bool { return c == removed })
	next := &directory{locale: d.locale, clients: remaining, rankings: map[ClientOrderField]ranking{}, search: newSearchIndex(remaining, nil)}
	for field, key := range sortKeys {
		next.rankings[field] = newRanking(remaining, key, nil)
	}
	return next
}

// walkFrom is walk from any page on.
func walkFrom(tb testing.TB, directory *directory, query ClientQuery) []*Client {
	tb.Helper()
	var all []*Client
	for {
		page := pageOf(tb, directory, query)
		if all = append(all, page.Nodes...); len(all) > page.TotalCount {
			tb.Fatalf("the pages have %v, want at most %d clients", idsOf(all), page.TotalCount)
		}
		if !page.PageInfo.HasNextPage {
			return all
		}
		query.After = page.PageInfo.EndCursor
	}
}

func TestDirectory_PageAfterTheEnd(t *testing.T) {
	t.Parallel()
	directory := directoryOf(t, map[string]any{"id_servicio": 1}, map[string]any{"id_servicio": 2})
	page := pageOf(t, directory, ClientQuery{})
	page = pageOf(t, directory, ClientQuery{After: page.PageInfo.EndCursor})
	if len(page.Nodes) != 0 || page.PageInfo.HasNextPage || !page.PageInfo.HasPreviousPage || page.TotalCount != 2 || page.PageInfo.EndCursor != nil {
		t.Errorf("page after the end = %v, %+v, want no clients of 2 and no cursor", idsOf(page.Nodes), page.PageInfo)
	}
}
