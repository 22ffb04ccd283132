package document

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"wisphub-graphql/graph/document/documenttest"
)

// shapes are documents of about 11 kB or 2,000 tokens whose trees differ most. Each text has the
// number n, so that no two documents are equal.
var shapes = map[string]func(n int) string{
	"fields":   func(n int) string { return fmt.Sprintf("query Q%d{%s}", n, wide(1900)) },
	"comments": func(n int) string { return fmt.Sprintf("query Q%d{viewer{username%s}}", n, strings.Repeat("#\n", 950)) },
	"long names": func(n int) string {
		return fmt.Sprintf("query Q%d%s{viewer{username}}", n, strings.Repeat("a", 11<<10))
	},
	"typename": func(n int) string {
		return fmt.Sprintf("query Q%d{%s}", n, documenttest.Numbered("a%d:viewer{__typename} ", 10))
	},
	"values": func(n int) string {
		return fmt.Sprintf("query Q%d{clients(filter:{zoneId:[%s]}){totalCount}}", n, strings.Repeat("1 ", 1500))
	},
	"texts": func(n int) string {
		return fmt.Sprintf(`query Q%d{clients(search:"%s"){totalCount}}`, n, strings.Repeat(`\u0041bcdefghijklm`, 600))
	},
	"variables": func(n int) string {
		return fmt.Sprintf("query Q%d(%s){clients(filter:{zoneId:[%s]}){totalCount}}", n,
			documenttest.Numbered("$a%d:Int! ", 200), documenttest.Numbered("$a%d ", 200))
	},
	"fragments": func(n int) string {
		return fmt.Sprintf("query Q%d{viewer{%s}}%s", n, documenttest.Numbered("...F%d ", 40),
			documenttest.Numbered("fragment F%d on Viewer{username scopes} ", 40))
	},
	"inline": func(n int) string {
		return fmt.Sprintf("query Q%d{viewer{%s}}", n, strings.Repeat("...on Viewer{username @include(if:true)} ", 20))
	},
	"small": func(n int) string { return fmt.Sprintf("query Q%d{viewer{username}}", n) },
}

// wide returns a selection of clients with this many fields.
func wide(fields int) string { return "clients{nodes{" + strings.Repeat("name ", fields) + "}}" }

// looseLimits let every shape pass, so that only the cache bounds it.
var looseLimits = Limits{Fields: 100_000, Tokens: 100_000}

// The estimate may be too high, but real memory is at most half more.
func Test15_2_EstimateOfATree(t *testing.T) {
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			documents := make([]*ast.QueryDocument, 100)
			estimate := 0
			before := heap()
			for n := range documents {
				documents[n], _ = parseForCache(t, strings.Clone(shape(n)))
				estimate += compact(documents[n])
			}
			held := int(heap() - before)
			runtime.KeepAlive(documents)
			t.Logf("%d bytes of text, %d estimated, %d real", len(shape(1)), estimate/100, held/100)
			if held > estimate*3/2 || estimate > held*3/2+100*cacheEntryBytes {
				t.Errorf("100 documents take %d bytes, estimated %d, want at most half more or less", held, estimate)
			}
		})
	}
}

// parseForCache returns a valid document and its text.
func parseForCache(t testing.TB, text string) (*ast.QueryDocument, string) {
	t.Helper()
	r := newTestReader(looseLimits)
	document, err := r.parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if errs := r.check(document, len(text)); errs != nil && !strings.Contains(errs[0].Message, "maximum") {
		t.Fatal(errs)
	}
	return document, text
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// Six hundred documents of 11 kB held 213 MB for good.
func Test15_2_ManyLargeDocuments(t *testing.T) {
	r := newTestReader(Limits{})
	ctx := callerContext(t, "ana")
	before := heap()
	for n := range 600 {
		text := shapes["values"](n) + strings.Repeat("#", 8<<10)
		if _, errs := r.read(ctx, text); errs != nil {
			t.Fatal(errs)
		}
	}
	held := int(heap() - before)
	documents, bytes := r.CacheSize()
	t.Logf("%d documents cached, %d bytes estimated, %d real", documents, bytes, held)
	if bytes > maxCachedBytes || held > maxCachedBytes*3/2 || documents < 5 {
		t.Errorf("600 documents = %d cached, %d bytes, really %d, want at most 8 MB", documents, bytes, held)
	}
}

// A flood of one user leaves the documents of others.
func Test15_2_OneUserPushesOutNoOthers(t *testing.T) {
	t.Parallel()
	c := newCache(1 << 20)
	addShape := func(user, shape string, n int) string {
		document, text := parseForCache(t, shapes[shape](n))
		c.add(user, newCheckedDocument(text, document))
		return text
	}
	var kept []string
	for n := range 50 {
		kept = append(kept, addShape("ana", "small", n))
	}
	for n := range 500 {
		addShape("mallory", "variables", n)
	}
	for _, text := range kept {
		if c.get(text) == nil {
			t.Errorf("%s was evicted by another user's flood", text)
		}
	}
	if documents, bytes := c.size(); bytes > 1<<20 || documents < 51 {
		t.Errorf("cache = %d documents of %d bytes, want a full one of at most 1 MB", documents, bytes)
	}
}

// The document that was not used for the longest time goes first, whichever user.
func Test15_2_LeastRecentlyUsedGoesFirst(t *testing.T) {
	t.Parallel()
	c := newCache(1 << 20)
	used, text := parseForCache(t, shapes["variables"](0))
	c.add("ana", newCheckedDocument(text, used))
	for n := 1; n < 300; n++ {
		document, other := parseForCache(t, shapes["variables"](n))
		c.add("ana", newCheckedDocument(other, document))
		if found := c.get(text); found == nil || found.tree != used {
			t.Fatalf("the document in use was evicted after %d others", n)
		}
	}
	if c.get(shapes["variables"](1)) != nil {
		t.Error("an unused document is still cached, want it evicted")
	}
}

// Whatever is added by whom, the sums agree and the bound holds.
func Test15_2_BoundHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		c := newCache(rapid.IntRange(1_000, 100_000).Draw(rt, "max"))
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			user := rapid.SampledFrom([]string{"ana", "eva", "luis"}).Draw(rt, "user")
			text := fmt.Sprintf("query Q%d{viewer{%s}}", rapid.IntRange(0, 20).Draw(rt, "n"),
				strings.Repeat("username ", rapid.IntRange(1, 30).Draw(rt, "fields")))
			if c.get(text) == nil {
				document, _ := parseForCache(t, text)
				c.add(user, newCheckedDocument(text, document))
			}
			checkSums(rt, c)
		}
	})
}

func checkSums(t rapid.TB, c *cache) {
	t.Helper()
	bytes, documents := 0, 0
	for name, owner := range c.byUser {
		sum := 0
		for _, cached := range owner.recent.Values() {
			sum += cached.bytes
			if c.byText[cached.text] != cached || cached.bytes > c.max/largestShare {
				t.Fatalf("a document of %s is not found by its text, or too large", name)
			}
		}
		if sum != owner.bytes || owner.recent.Len() == 0 {
			t.Fatalf("%s holds %d bytes in %d documents, counted %d", name, sum, owner.recent.Len(), owner.bytes)
		}
		bytes, documents = bytes+sum, documents+owner.recent.Len()
	}
	if bytes != c.bytes || bytes > c.max || documents != len(c.byText) {
		t.Fatalf("%d bytes in %d documents, counted %d in %d, at most %d", bytes, documents, c.bytes, len(c.byText), c.max)
	}
}

// Several requests may bring one new document at the same time.
func Test15_2_SameDocumentAtOnce(t *testing.T) {
	t.Parallel()
	r := newTestReader(Limits{})
	ctx := callerContext(t, "ana")
	var running sync.WaitGroup
	for n := range 8 {
		running.Go(func() {
			for m := range 50 {
				if _, errs := r.read(ctx, shapes["inline"](m+n%2)); errs != nil {
					t.Error(errs)
				}
			}
		})
	}
	running.Wait()
	checkSums(t, r.cache)
	if documents, _ := r.CacheSize(); documents != 51 {
		t.Errorf("%d documents cached, want 51", documents)
	}
}
