package isp

import (
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
	"wisphub-graphql/wisphub/wisphubtest"
)

// sevenPages is how many clients fill seven pages.
const sevenPages = 300 + 6*299

// crawlReplica is a provider with a store of its own, and what it asked of the shared WispHub.
type crawlReplica struct {
	provider *Provider
	store    *shared.Store
	gate     chan struct{} // the pages from an offset on wait until it is closed

	mu      sync.Mutex
	offsets []int     // of the pages of the list that were requested; guarded by mu
	first   time.Time // when the first one was; guarded by mu
}

func newCrawlReplica(t *testing.T, upstream http.Handler, cfg shared.Config, gated int) *crawlReplica {
	t.Helper()
	r := &crawlReplica{store: cachetest.Join(t, cfg), gate: make(chan struct{})}
	address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if r.note(request) >= gated {
			select {
			case <-r.gate:
			case <-request.Context().Done():
				return
			}
		}
		upstream.ServeHTTP(w, request)
	}))
	r.provider, _ = connectWith(t, address, func(cfg *Config) { cfg.Shared = r.store })
	return r
}

func (r *crawlReplica) note(request *http.Request) (offset int) {
	offset, _ = strconv.Atoi(request.URL.Query().Get("offset"))
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.offsets) == 0 {
		r.first = time.Now()
	}
	r.offsets = append(r.offsets, offset)
	return offset
}

func (r *crawlReplica) requested() []int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return distinctOffsets(r.offsets)
}

// distinctOffsets returns each offset once: on a busy machine a page may be late and requested twice.
func distinctOffsets(offsets []int) []int {
	return slices.Compact(slices.Sorted(slices.Values(offsets)))
}

// warm starts to read the list, and returns a channel that is closed when the list is there.
func (r *crawlReplica) warm(t *testing.T) (there chan struct{}) {
	there = make(chan struct{})
	go func() {
		defer close(there)
		_ = r.provider.Clients.Warm(t.Context()) // ends with an error when the test ends
	}()
	return there
}

func (r *crawlReplica) wantWhole(t *testing.T) {
	t.Helper()
	page, err := r.provider.Clients.List(t.Context(), ClientQuery{})
	if err != nil || page.TotalCount != sevenPages {
		t.Errorf("List() = %+v, %v, want %d clients", page, err, sevenPages)
	}
}

// crawlingPair returns two replicas of which the first has read and published the pages before an
// offset.
func crawlingPair(t *testing.T, gated int, change func(*shared.Config)) (server *cachetest.Server, a, b *crawlReplica) {
	t.Helper()
	server = cachetest.StartServer(t)
	cfg := server.Config()
	change(&cfg)
	upstream := wisphubtest.New(wisphubtest.Config{Clients: sevenPages, Seed: 1})
	t.Cleanup(upstream.Close)
	a, b = newCrawlReplica(t, upstream, cfg, gated), newCrawlReplica(t, upstream, cfg, gated)
	a.warm(t)
	cachetest.Until(t, "the pages are published", func() bool {
		for offset := 0; offset < gated; offset += 299 {
			if fetchPage(t.Context(), b.store, offset) == nil {
				return false
			}
		}
		return true
	})
	close(b.gate)
	return server, a, b
}

// When the crawling replica dies, another goes on from its pages within ten seconds.
func Test14_11_TakeoverFromPages(t *testing.T) {
	t.Parallel()
	_, a, b := crawlingPair(t, 2*299, func(*shared.Config) {})
	there := b.warm(t)
	time.Sleep(500 * time.Millisecond) // it finds the lease held
	if offsets := b.requested(); len(offsets) != 0 {
		t.Fatalf("the second replica requested %v while the first reads", offsets)
	}
	began := time.Now()
	a.store.Close() // keeps its lease, as a crash does
	select {
	case <-there:
	case <-time.After(30 * time.Second):
	}
	b.wantWhole(t)
	b.mu.Lock()
	defer b.mu.Unlock()
	if took := b.first.Sub(began); took > 10*time.Second {
		t.Errorf("the second replica went on after %v, want 10s", took)
	}
	if offsets := distinctOffsets(b.offsets); !slices.Equal(offsets, []int{598, 897, 1196, 1495, 1794}) {
		t.Errorf("the second replica requested %v, want the five pages that were not published", offsets)
	}
	entry, _ := b.provider.Clients.directory.Peek(struct{}{})
	if !entry.AsOf.Before(began) {
		t.Errorf("the list is as of %v, want a time before the takeover at %v", entry.AsOf, began)
	}
}

// While the store is paused, one replica reads the list.
func Test14_11_PausedStoreOneCrawls(t *testing.T) {
	t.Parallel()
	server, a, b := crawlingPair(t, 6*299, func(cfg *shared.Config) { cfg.LeaseTTL = 2 * time.Second })
	there := b.warm(t)
	time.Sleep(500 * time.Millisecond)
	server.Freeze()
	cachetest.Until(t, "both have lost the store", func() bool { return !a.store.Up() && !b.store.Up() })
	time.Sleep(3 * time.Second) // longer than the lease
	server.Thaw()
	cachetest.Until(t, "the store is back", func() bool { return a.store.Up() && b.store.Up() })
	time.Sleep(time.Second)
	close(a.gate)
	select {
	case <-there:
	case <-time.After(10 * time.Second):
	}
	b.wantWhole(t)
	if offsets := b.requested(); len(offsets) != 0 {
		t.Errorf("the second replica requested %v, want nothing", offsets)
	}
	if offsets := a.requested(); len(offsets) != 7 {
		t.Errorf("the first replica requested %v, want seven pages", offsets)
	}
}

// publishPages publishes pages of a pass in which the services 1 to count have other names.
func publishPages(t *testing.T, store *shared.Store, pass crawlPass, count int, offsets ...int) {
	t.Helper()
	publisher := newPagePublisher(t.Context(), store)
	defer publisher.close()
	for _, offset := range offsets {
		publisher.publish(pass, offset, progressPage(count, numbers(offset+1, min(300, count-offset))...))
		cachetest.Until(t, "the page is published", func() bool {
			page := fetchPage(t.Context(), store, offset)
			return page != nil && page.Pass == pass.id && page.Count == count
		})
	}
}

// Pages of other passes, with another count, or of another time are not used.
func Test14_11_PagesAreNotMixed(t *testing.T) {
	t.Parallel()
	store := cachetest.Join(t, cachetest.StartServer(t).Config())
	resume := func() (offsets []int, crawl *clientCrawl) {
		crawl = &clientCrawl{clients: &Clients{locale: colombia}}
		crawl.start(newCrawlPass(time.Now()))
		for offset := range crawl.resume(t.Context(), store) {
			offsets = append(offsets, offset)
		}
		slices.Sort(offsets)
		return offsets, crawl
	}
	want := func(what string, offsets ...int) {
		t.Helper()
		if got, _ := resume(); !slices.Equal(got, offsets) {
			t.Errorf("resume() %s = pages at %v, want %v", what, got, offsets)
		}
	}
	want("of an empty store")
	one, two := newCrawlPass(time.Now().Add(-time.Minute)), newCrawlPass(time.Now())
	publishPages(t, store, one, 1500, 0, 299, 598, 1196)
	want("of a pass", 0, 299, 598, 1196)
	publishPages(t, store, two, 1500, 299)
	want("with a page of another pass", 0, 598, 1196)
	publishPages(t, store, one, 1501, 598)
	want("with a page of another count", 0, 1196)
	if _, crawl := resume(); crawl.pass.id != one.id || !crawl.pass.began.Equal(one.began.Round(0)) {
		t.Errorf("resume() continues %+v, want %+v", crawl.pass, one)
	}
	publishPages(t, store, newCrawlPass(time.Now().Add(time.Minute)), 1500, 0, 299)
	want("of a clock that is ahead")
	publishPages(t, store, newCrawlPass(time.Now().Add(-crawlTimeout-time.Minute)), 1500, 0, 299)
	want("of an old pass")
}

// Published pages that do not fit to the list are read again.
func Test14_11_PagesOfAChangedList(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	upstream := wisphubtest.New(wisphubtest.Config{Clients: sevenPages, Seed: 1})
	t.Cleanup(upstream.Close)
	r := newCrawlReplica(t, upstream, server.Config(), sevenPages)
	close(r.gate)
	publishPages(t, r.store, newCrawlPass(time.Now().Add(-time.Minute)), sevenPages, 0, 598)
	began := time.Now()
	if err := r.provider.Clients.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.wantWhole(t)
	if offsets := r.requested(); len(offsets) != 7 {
		t.Errorf("%v were requested, want the two published pages too, in the next pass", offsets)
	}
	if entry, _ := r.provider.Clients.directory.Peek(struct{}{}); entry.AsOf.Before(began) {
		t.Errorf("the list is as of %v, want a time after %v: nothing old is in it", entry.AsOf, began)
	}
}
