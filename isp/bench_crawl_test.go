package isp

import (
	"context"
	"runtime"
	"testing"
	"time"

	"wisphub-graphql/wisphub"
)

// BenchmarkCrawl decodes and converts all pages, without the network and the indexes. Live-MB is
// what a crawl holds when its last page has come. The yardstick converts when it has all rows.
func BenchmarkCrawl(b *testing.B) {
	pages := benchPages()
	list := func(_ context.Context, options wisphub.ListOptions) (*wisphub.Page[wisphub.Client], error) {
		rows := decodePage[wisphub.Client](pages[options.Offset/(wisphub.MaxLimit-1)])
		return &wisphub.Page[wisphub.Client]{Count: benchClients, Rows: rows}, nil
	}
	b.Run("pages", func(b *testing.B) {
		measureLive(b, func() any {
			crawl := &clientCrawl{clients: &Clients{locale: colombia, labels: newUnknownLabels(nil)}}
			crawl.start(newCrawlPass(time.Now()))
			clients, err := wisphub.ReadAll(b.Context(), func(ctx context.Context, options wisphub.ListOptions) (*wisphub.Page[*Client], error) {
				page, err := list(ctx, options)
				crawl.mu.Lock()
				defer crawl.mu.Unlock()
				return wisphub.ConvertPage(page, crawl.client), err
			}, func(row **Client) int { return (*row).ServiceID })
			if err != nil {
				b.Fatal(err)
			}
			return clients
		})
	})
	b.Run("yardstick", func(b *testing.B) {
		measureLive(b, func() any {
			rows, err := wisphub.ReadAll(b.Context(), list, func(row *wisphub.Client) int { return int(row.ID) })
			if err != nil {
				b.Fatal(err)
			}
			convert, clients := newConverter(colombia, time.Now()), make([]*Client, len(rows))
			for i := range rows {
				clients[i] = convert.client(&rows[i])
			}
			return [2]any{rows, clients}
		})
	})
}

// measureLive also reports how much of the heap the result of read holds.
func measureLive(b *testing.B, read func() any) {
	b.Helper()
	b.ReportAllocs()
	heap := func() float64 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return float64(stats.HeapAlloc) / (1 << 20)
	}
	before := heap()
	result := read()
	live := heap() - before
	runtime.KeepAlive(result)
	for b.Loop() {
		read()
	}
	b.ReportMetric(live, "live-MB")
}
