package isp

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Pages of few matches among many clients have every match once, in order, as pages of many have.
func Test16_5_SparsePagesAreInOrder(t *testing.T) {
	t.Parallel()
	var clients []*Client
	balances := []Decimal{{}, *decimalOf(t, "-1"), *decimalOf(t, "5"), *decimalOf(t, "5.00"), *decimalOf(t, "70")}
	for id := range 3 * sparseMatches {
		clients = append(clients, &Client{
			ServiceID: id + 1, nameKey: fmt.Sprint(id * 7919 % 11), Balance: balances[id%5], city: fmt.Sprint(id % 400),
			CutOffDate: Date(fmt.Sprintf("2026-05-%02d", id*31%28+1)), InstalledAt: on("05-08 10:00").Add(time.Duration(id*17%5) * time.Hour),
		})
	}
	d := buildDirectory(clients, colombia, time.Now(), 1)
	rapid.Check(t, func(rt *rapid.T) {
		city, order := fmt.Sprint(rapid.IntRange(0, 410).Draw(rt, "city")), drawOrder(rt)
		filter := &ClientFilter{City: &city}
		var want []int
		for _, id := range orderedIDs(d, order) {
			if d.byID(id).city == city {
				want = append(want, id)
			}
		}
		query, got := ClientQuery{Filter: filter, Order: &order, First: new(rapid.IntRange(1, 3).Draw(rt, "first"))}, []int(nil)
		for {
			page := pageOf(t, d, query)
			if page.TotalCount != len(want) || page.PageInfo.HasPreviousPage != (len(got) > 0) {
				rt.Fatalf("TotalCount %d, %+v after %d of %d clients", page.TotalCount, page.PageInfo, len(got), len(want))
			}
			got = append(got, idsOf(page.Nodes)...)
			if page.PageInfo.HasNextPage != (len(got) < len(want)) {
				rt.Fatalf("HasNextPage = %t after %d of %d clients", page.PageInfo.HasNextPage, len(got), len(want))
			}
			if !page.PageInfo.HasNextPage {
				break
			}
			query.After = page.PageInfo.EndCursor
		}
		if !slices.Equal(got, want) {
			rt.Errorf("pages by %v = %v, want %v", order, got, want)
		}
	})
}
