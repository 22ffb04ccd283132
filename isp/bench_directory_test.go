package isp

import (
	"slices"
	"testing"
	"time"

	"wisphub-graphql/wisphub"
)

// BenchmarkBuild20000 indexes converted clients, as at the end of a crawl. The yardstick only sorts
// them by name.
func BenchmarkBuild20000(b *testing.B) {
	clients := benchDirectory().clients
	b.Run("directory", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buildDirectory(slices.Clone(clients), colombia, time.Now(), 1)
		}
	})
	b.Run("yardstick", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			slices.SortFunc(slices.Clone(clients), sortKeys[OrderByName].compareWithID)
		}
	})
}

func BenchmarkReplace20000(b *testing.B) { benchmarkReplace(b, benchDirectory()) }

func BenchmarkReplace60000(b *testing.B) {
	benchmarkReplace(b, newDirectory(rowsOf(pagesOf(60_000)), colombia, time.Now(), 1))
}

// benchmarkReplace puts one written client into the directory, which the writing caller waits for.
// The yardstick reads each client once.
func benchmarkReplace(b *testing.B, directory *directory) {
	row := benchRows()[0]
	row.ID = wisphub.Int(directory.ids[len(directory.ids)/2])
	row.Name, row.LastName, row.Document, row.Balance, row.CutOff = "Zoila Ñáñez", "", "1234567", benchRows()[1].Balance, benchRows()[2].CutOff
	for name, id := range map[string]int{
		"all fields": directory.ids[len(directory.ids)/2], "new": directory.ids[len(directory.ids)-1] + 1, "new in the middle": 0,
	} {
		written := newConverter(colombia, time.Now()).client(&row)
		for middle := len(directory.ids) / 2; id == 0; middle++ {
			if next := directory.ids[middle] + 1; directory.byID(next) == nil {
				id = next
			}
		}
		written.ServiceID = id
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				directory.replace([]*Client{written}, 1)
			}
		})
	}
	b.Run("yardstick", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			addAll(directory.clients)
		}
	})
}

func addAll(clients []*Client) *statsBuilder {
	builder := newStatsBuilder()
	for _, client := range clients {
		builder.add(client)
	}
	return builder
}
