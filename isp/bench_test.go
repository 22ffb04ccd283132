package isp

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
)

// Each benchmark has a yardstick: the simplest code that does the same, or the part that no
// implementation can avoid.

// benchPages are the answers to a crawl of the list of benchClients.
var benchPages = sync.OnceValue(func() [][]byte { return pagesOf(benchClients) })

func pagesOf(clients int) (pages [][]byte) {
	upstream := wisphubtest.New(wisphubtest.Config{Clients: clients, Seed: 1})
	defer upstream.Close()
	for offset := 0; offset+1 < clients; offset += wisphub.MaxLimit - 1 {
		request := httptest.NewRequest(http.MethodGet, fmt.Sprintf("/api/clientes/?limit=%d&offset=%d", wisphub.MaxLimit, offset), nil)
		request.Header.Set("Authorization", "Api-Key "+wisphubtest.Key)
		recorder := httptest.NewRecorder()
		upstream.ServeHTTP(recorder, request)
		pages = append(pages, recorder.Body.Bytes())
	}
	return pages
}

var benchRows = sync.OnceValue(func() []wisphub.Client { return rowsOf(benchPages()) })

func rowsOf(pages [][]byte) (rows []wisphub.Client) {
	for _, page := range pages {
		rows = append(rows[:max(len(rows)-1, 0)], decodePage[wisphub.Client](page)...)
	}
	return rows
}

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

// BenchmarkDecode decodes all pages. The yardstick only scans the JSON.
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

// BenchmarkNewDirectory converts, indexes, ranks and folds. The yardstick only converts.
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

// BenchmarkSearch searches the index. The yardstick scans one folded text per client.
func BenchmarkSearch(b *testing.B) {
	directory := benchDirectory()
	texts := make([]string, len(directory.clients))
	for i := range texts {
		texts[i] = directory.clients[i].search.text
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

// BenchmarkIdentify identifies a client; claims of single letters are the slowest. The yardstick
// is one loop that folds what it compares.
func BenchmarkIdentify(b *testing.B) {
	directory := benchDirectory()
	fetch, _ := fakePlanPrices(b, map[int]string{3: "65000.00"})
	for _, input := range []IdentityClaim{
		claimOf(b, "ana maria perez", "vereda la chapa", "plan 50", ""),
		claimOf(b, "maria", "finca", "plan", "65000"),
		claimOf(b, "a", "a", "a", "65000"),
	} {
		name := *input.Name + ", " + *input.Address
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := mustParse(b, input).identify(b.Context(), directory, fetch); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/yardstick", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				name, address, plan := text.Fold(*input.Name), withoutPlaceWord(text.Fold(*input.Address)), text.Fold(*input.PlanName)
				matches := 0
				for _, c := range directory.clients {
					if strings.Contains(text.Fold(c.Name), name) && strings.Contains(text.Fold(string(c.Address)), address) && strings.Contains(c.Plan.folded(), plan) {
						matches++
					}
				}
			}
		})
	}
}
