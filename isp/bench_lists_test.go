package isp

import (
	"encoding/base64"
	"fmt"
	"slices"
	"testing"
	"time"
)

// benchBoth runs a benchmark of a directory of 2,000 clients and of one of 20,000.
func benchBoth(b *testing.B, run func(b *testing.B, d *directory)) {
	for _, clients := range []int{2_000, benchClients} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			b.ReportAllocs()
			run(b, buildDirectory(slices.Clone(benchDirectory().clients[:clients]), colombia, time.Now(), 1))
		})
	}
}

// BenchmarkFilter filters by several conditions. The yardstick looks at each client.
func BenchmarkFilter(b *testing.B) {
	city := string(benchDirectory().clients[0].City)
	for name, filter := range map[string]*ClientFilter{
		"zone, status": {Status: []ClientStatus{ClientActive, ClientSuspended}, ZoneID: []int{1, 2, 3}},
		"city":         {City: &city},
		"balance":      {BalanceAtLeast: decimalOf(b, "1000"), BalanceAtMost: decimalOf(b, "60000")},
		"installed":    {InstalledFrom: day("2024-01-01"), InstalledTo: day("2024-12-31")},
	} {
		b.Run(name, func(b *testing.B) {
			benchBoth(b, func(b *testing.B, d *directory) {
				for b.Loop() {
					d.match(filter, nil)
				}
			})
		})
		b.Run(name+"/yardstick", func(b *testing.B) {
			benchBoth(b, func(b *testing.B, d *directory) {
				for b.Loop() {
					d.scan(filter, nil)
				}
			})
		})
	}
}

// BenchmarkPage reads pages by name. The yardstick sorts the matches for each page.
func BenchmarkPage(b *testing.B) {
	for name, filter := range map[string]*ClientFilter{
		"all": nil, "active": {Status: []ClientStatus{ClientActive}}, "a router": {RouterID: []int{2}},
	} {
		first := 50
		query := ClientQuery{Filter: filter, Order: &ClientOrder{OrderByName, Descending}, First: &first}
		b.Run(name, func(b *testing.B) {
			benchBoth(b, func(b *testing.B, d *directory) {
				for b.Loop() {
					parsed, _ := query.parse(colombia)
					d.page(parsed)
				}
			})
		})
		b.Run(name+", deep", func(b *testing.B) {
			benchBoth(b, func(b *testing.B, d *directory) {
				deep, half := query, 2000
				for range 3 {
					deep.First = &half
					parsed, _ := deep.parse(colombia)
					if page := d.page(parsed); page.PageInfo.HasNextPage {
						deep.After = page.PageInfo.EndCursor
					}
				}
				deep.First = &first
				for b.Loop() {
					parsed, _ := deep.parse(colombia)
					d.page(parsed)
				}
			})
		})
		b.Run(name+"/yardstick", func(b *testing.B) {
			benchBoth(b, func(b *testing.B, d *directory) {
				for b.Loop() {
					set := fullBitset(len(d.clients))
					if filter != nil {
						set = d.match(filter, nil)
					}
					found := set.members()
					slices.SortFunc(found, func(a, b uint32) int {
						return sortKeys[OrderByName].compareWithID(d.clients[b], d.clients[a])
					})
				}
			})
		})
	}
}

// BenchmarkTicketPage reads the first 100 of 5,000 tickets. The yardstick looks at each ticket.
func BenchmarkTicketPage(b *testing.B) {
	var tickets []*Ticket
	for id := range 5_000 {
		tickets = append(tickets, &Ticket{
			TicketID: id + 1, Status: []TicketStatus{TicketNew, TicketClosed}[id%2], Zone: &Zone{ZoneID: id % 40},
			ServiceID: id % 1000, CreatedAt: on("05-08 10:00").Add(time.Duration(id) * 10 * time.Minute),
		})
	}
	index, first := indexOf(tickets...), 100
	for name, filter := range map[string]*TicketFilter{
		"all": {}, "status": {Status: []TicketStatus{TicketNew}}, "zone": {ZoneID: []int{3}}, "client": {ServiceID: []int{7}},
		"days": {CreatedFrom: day("2026-05-20"), CreatedTo: day("2026-05-24")},
	} {
		query := TicketQuery{Filter: filter, First: &first}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				parsed, _ := query.parse(firstDay)
				index.page(parsed)
			}
		})
		b.Run(name+"/yardstick", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				filter.apply(index.tickets)
			}
		})
	}
}

// BenchmarkCursor writes and reads the cursor of a client, and hashes a list. The yardstick only
// encodes as many bytes.
func BenchmarkCursor(b *testing.B) {
	key, client := sortKeys[OrderByName], benchDirectory().clients[100]
	text := key.cursorOf(client, 7)
	for name, run := range map[string]func(){
		"write": func() { _ = key.cursorOf(client, 7) },
		"read":  func() { _, _ = key.position(text, 7) },
		"hash": func() {
			hashClientList(ClientOrder{OrderByName, Ascending}, &ClientFilter{ZoneID: []int{1, 2}, City: &text}, "ana")
		},
		"yardstick": func() { _ = base64.RawURLEncoding.EncodeToString([]byte(client.nameKey)) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				run()
			}
		})
	}
}

// BenchmarkStats computes the statistics of all clients. The yardstick adds up client by client.
func BenchmarkStats(b *testing.B) {
	benchBoth(b, func(b *testing.B, d *directory) {
		for b.Loop() {
			d.countStats(fullBitset(len(d.clients)))
		}
	})
	b.Run("yardstick", func(b *testing.B) {
		benchBoth(b, func(b *testing.B, d *directory) {
			for b.Loop() {
				d.scanStats(fullBitset(len(d.clients)))
			}
		})
	})
}
