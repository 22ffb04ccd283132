package isp

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
)

// The largest provider that the design names. Each benchmark has beside it a yardstick: the plainest code that does the
// same, or the part that cannot be spared.
const benchClients = 20_000

// benchPages are the answers to a crawl of the list, 67 of them.
var benchPages = sync.OnceValue(func() [][]byte {
	upstream := wisphubtest.New(wisphubtest.Config{Clients: benchClients, Seed: 1})
	defer upstream.Close()
	var pages [][]byte
	for offset := 0; offset+1 < benchClients; offset += wisphub.MaxLimit - 1 {
		request := httptest.NewRequest(http.MethodGet, fmt.Sprintf("/api/clientes/?limit=%d&offset=%d", wisphub.MaxLimit, offset), nil)
		request.Header.Set("Authorization", "Api-Key "+wisphubtest.Key)
		recorder := httptest.NewRecorder()
		upstream.ServeHTTP(recorder, request)
		pages = append(pages, recorder.Body.Bytes())
	}
	return pages
})

var benchRows = sync.OnceValue(func() []wisphub.Client {
	var rows []wisphub.Client
	for _, page := range benchPages() {
		rows = append(rows[:max(len(rows)-1, 0)], decodePage[wisphub.Client](page)...)
	}
	return rows
})

var benchDirectory = sync.OnceValue(func() *directory {
	return newDirectory(benchRows(), colombia, time.Now(), 1)
})

func decodePage[T any](text []byte) []T {
	var page struct {
		Results []T `json:"results"`
	}
	if err := json.Unmarshal(text, &page); err != nil {
		panic(err)
	}
	return page.Results
}

// BenchmarkDecode decodes all pages; its yardstick does nothing but look at every byte of them.
func BenchmarkDecode(b *testing.B) {
	pages := benchPages()
	b.Run("rows", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, page := range pages {
				decodePage[wisphub.Client](page)
			}
		}
	})
	b.Run("yardstick", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, page := range pages {
				decodePage[json.RawMessage](page)
			}
		}
	})
}

// BenchmarkNewDirectory converts, indexes, ranks and folds; its yardstick only converts.
func BenchmarkNewDirectory(b *testing.B) {
	rows := benchRows()
	b.Run("directory", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			newDirectory(rows, colombia, time.Now(), 1)
		}
	})
	b.Run("yardstick", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			convert := newConverter(colombia, time.Now())
			for i := range rows {
				convert.client(&rows[i])
			}
		}
	})
}

// BenchmarkWrite puts one client that was written into the directory, which its caller waits for; its yardstick looks once at
// each client.
func BenchmarkWrite(b *testing.B) {
	directory := benchDirectory()
	written := *directory.clients[len(directory.clients)/2]
	b.Run("directory", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			directory.with([]*Client{&written}, 1)
		}
	})
	b.Run("yardstick", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			statsOf(directory.clients)
		}
	})
}

func statsOf(clients []*Client) *statsBuilder {
	t := newStatsBuilder()
	for _, client := range clients {
		t.add(client)
	}
	return t
}

// BenchmarkSearch has a folded text a client and a loop for its yardstick.
func BenchmarkSearch(b *testing.B) {
	directory := benchDirectory()
	texts := make([]string, len(directory.clients))
	for i := range texts {
		var value strings.Builder
		colombia.writeSearchText(&value, directory.clients[i])
		texts[i] = value.String()
	}
	for _, query := range []string{"perez", "perez maria vereda", "3000", "a e i", "nadie"} {
		b.Run(query, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				words, _ := colombia.searchWords(query)
				directory.search.match(words)
			}
		})
		b.Run(query+"/yardstick", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				words, found := strings.Fields(query), newBitset(len(texts))
				for i, value := range texts {
					if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(value, word) }) {
						found.add(i)
					}
				}
			}
		})
	}
}

// BenchmarkIdentify has one loop that folds what it compares for its yardstick. Two letters are the worst that a claim can be.
func BenchmarkIdentify(b *testing.B) {
	directory := benchDirectory()
	ask, _ := fakePlanPrices(b, map[int]string{3: "65000.00"})
	for _, said := range []IdentityClaim{
		claimOf(b, "ana maria perez", "vereda la chapa", "plan 50", ""),
		claimOf(b, "maria", "finca", "plan", "65000"),
		claimOf(b, "a", "a", "a", "65000"),
	} {
		name := *said.Name + ", " + *said.Address
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := mustParse(b, said).identify(b.Context(), directory, ask); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/yardstick", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				name, address, plan := text.Fold(*said.Name), withoutPlaceWord(text.Fold(*said.Address)), text.Fold(*said.PlanName)
				fit := 0
				for _, c := range directory.clients {
					if strings.Contains(text.Fold(c.Name), name) && strings.Contains(text.Fold(string(c.Address)), address) && strings.Contains(c.Plan.folded(), plan) {
						fit++
					}
				}
			}
		})
	}
}

// BenchmarkFilter has the same three conditions in one loop for its yardstick.
func BenchmarkFilter(b *testing.B) {
	directory := benchDirectory()
	filter := ClientFilter{
		Status: []ClientStatus{ClientActive, ClientSuspended}, ZoneID: []int{1, 2, 3}, BalanceAtLeast: decimalOf(b, "1000"),
	}
	b.Run("filter", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			directory.match(&filter, nil)
		}
	})
	b.Run("yardstick", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			found := newBitset(len(directory.clients))
			for i, c := range directory.clients {
				if (c.Status == ClientActive || c.Status == ClientSuspended) && c.zoneID() >= 1 && c.zoneID() <= 3 &&
					c.Balance.Compare(*filter.BalanceAtLeast) >= 0 {
					found.add(i)
				}
			}
		}
	})
}

// BenchmarkPage is the first page of active clients by name; its yardstick sorts the matches for each page.
func BenchmarkPage(b *testing.B) {
	directory := benchDirectory()
	for _, first := range []int{50, 500} {
		query := ClientQuery{
			Filter: &ClientFilter{Status: []ClientStatus{ClientActive}}, Order: &ClientOrder{OrderByName, Descending}, First: &first,
		}
		b.Run(fmt.Sprint(first), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				listing, _ := query.parse(colombia)
				directory.page(listing)
			}
		})
		b.Run(fmt.Sprint(first, "/yardstick"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var found []*Client
				for _, c := range directory.clients {
					if c.Status == ClientActive {
						found = append(found, c)
					}
				}
				slices.SortFunc(found, func(a, b *Client) int { return sortKeys[OrderByName].compareWithID(b, a) })
				_ = slices.Clone(found[:first])
			}
		})
	}
}

// BenchmarkStats tallies all clients; its yardstick only counts states.
func BenchmarkStats(b *testing.B) {
	directory := benchDirectory()
	b.Run("stats", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			directory.countStats(fullBitset(len(directory.clients)))
		}
	})
	b.Run("yardstick", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			states := map[ClientStatus]int{}
			for _, c := range directory.clients {
				states[c.Status]++
			}
		}
	})
}

// BenchmarkEncodeDirectory has the JSON of the clients as they are for its yardstick.
func BenchmarkEncodeDirectory(b *testing.B) {
	directory := benchDirectory()
	b.Run("directory", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			data, _ := encodeDirectory(directory)
			b.ReportMetric(float64(len(data)), "bytes")
		}
	})
	b.Run("yardstick", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			data, _ := json.Marshal(directory.clients)
			b.ReportMetric(float64(len(data)), "bytes")
		}
	})
}

// BenchmarkDecodeDirectory decodes and builds; its yardstick is what a crawl does once it has its rows.
func BenchmarkDecodeDirectory(b *testing.B) {
	data, err := encodeDirectory(benchDirectory())
	if err != nil {
		b.Fatal(err)
	}
	b.Run("directory", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := decodeDirectory(data, colombia, 1); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("yardstick", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			newDirectory(benchRows(), colombia, time.Now(), 1)
		}
	})
}

// BenchmarkDirectoryInMemory weighs a directory that was read back; its yardstick is one that was crawled.
func BenchmarkDirectoryInMemory(b *testing.B) {
	data, err := encodeDirectory(benchDirectory())
	if err != nil {
		b.Fatal(err)
	}
	pages := benchPages()
	b.Run("decoded", func(b *testing.B) {
		weigh(b, func() *directory {
			decoded, _ := decodeDirectory(data, colombia, 1)
			return decoded
		})
	})
	b.Run("yardstick", func(b *testing.B) {
		weigh(b, func() *directory {
			var rows []wisphub.Client
			for _, page := range pages {
				rows = append(rows[:max(len(rows)-1, 0)], decodePage[wisphub.Client](page)...)
			}
			return newDirectory(rows, colombia, time.Now(), 1)
		})
	})
}

// weigh reports the memory that what was made keeps.
func weigh(b *testing.B, made func() *directory) {
	b.Helper()
	for b.Loop() {
		before := heapBytes()
		kept := made()
		b.ReportMetric(float64(heapBytes()-before), "kept-B")
		runtime.KeepAlive(kept)
	}
}

func heapBytes() uint64 {
	var memory runtime.MemStats
	runtime.GC()
	runtime.GC() // the first only empties sync.Pools into their victims
	runtime.ReadMemStats(&memory)
	return memory.HeapAlloc
}
