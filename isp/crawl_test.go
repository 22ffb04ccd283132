package isp

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub"
)

// fakeList answers pages of a list of services 1 to rows.
type fakeList struct {
	rows, pageCap int
	// change alters an answer before it is given. n counts the calls for the offset, from 1. Optional.
	change func(offset, n int, page *wisphub.Page[wisphub.Client]) error

	mu    sync.Mutex
	calls map[int]int // by offset; guarded by mu
}

func (f *fakeList) list(_ context.Context, options wisphub.ListOptions) (*wisphub.Page[wisphub.Client], error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.calls == nil {
		f.calls = map[int]int{}
	}
	f.calls[options.Offset]++
	page := &wisphub.Page[wisphub.Client]{Count: f.rows, Rows: []wisphub.Client{}}
	for i := options.Offset; i < min(f.rows, options.Offset+min(options.Limit, f.pageCap)); i++ {
		page.Rows = append(page.Rows, wisphub.Client{ID: wisphub.Int(i + 1)})
	}
	if f.change == nil {
		return page, nil
	}
	return page, f.change(options.Offset, f.calls[options.Offset], page)
}

func (f *fakeList) total() int {
	total := 0
	for n := range maps.Values(f.calls) {
		total += n
	}
	return total
}

// crawl reads the list once.
func (f *fakeList) crawl(ctx context.Context) ([]wisphub.Client, error) {
	c := &crawl[wisphub.Client]{
		list: f.list, id: func(row *wisphub.Client) int { return int(row.ID) }, pages: map[int]*wisphub.Page[wisphub.Client]{},
	}
	return c.read(ctx)
}

func wantWhole(tb testing.TB, rows []wisphub.Client, err error, count int) {
	tb.Helper()
	if err != nil || len(rows) != count {
		tb.Errorf("crawl of %d rows = %d rows, %v", count, len(rows), err)
		return
	}
	for i := range rows {
		if int(rows[i].ID) != i+1 {
			tb.Errorf("crawl of %d rows: row %d is service %d", count, i, rows[i].ID)
			return
		}
	}
}

func TestCrawlOfEverySize(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ rows, pageCap, calls int }{
		{0, 300, 1}, {1, 300, 1}, {2, 300, 1}, {299, 300, 1}, {300, 300, 1}, {301, 300, 2}, {598, 300, 2}, {599, 300, 2},
		{600, 300, 3}, {601, 300, 3}, {897, 300, 3}, {898, 300, 3}, {899, 300, 4}, {900, 300, 4}, {20_000, 300, 67},
		{99, 100, 1}, {100, 100, 1}, {101, 100, 2}, {199, 100, 2}, {200, 100, 3}, {1000, 100, 11}, {70, 20, 4}, {2, 2, 1},
	} {
		fake := &fakeList{rows: test.rows, pageCap: test.pageCap}
		rows, err := fake.crawl(t.Context())
		wantWhole(t, rows, err, test.rows)
		if got := fake.total(); got != test.calls {
			t.Errorf("crawl of %d rows, %d a page: %d calls, want %d", test.rows, test.pageCap, got, test.calls)
		}
	}
}

// Pages that fail are asked again, and only those, as long as rounds bring something now and then.
func TestCrawlRepeatsFailedPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &fakeList{rows: 1800, pageCap: 300, change: func(offset, n int, _ *wisphub.Page[wisphub.Client]) error {
			if n <= 2*(offset/299) {
				return fmt.Errorf("page: %w", wisphub.ErrUnavailable)
			}
			return nil
		}}
		rows, err := fake.crawl(t.Context())
		wantWhole(t, rows, err, 1800)
		for offset, n := range fake.calls {
			if want := 2*(offset/299) + 1; n != want {
				t.Errorf("offset %d was asked %d times, want %d", offset, n, want)
			}
		}
	})
}

func TestCrawlGivesUp(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		err   error
		on    int // the offset that fails for good
		calls int // for it
		pause time.Duration
	}{
		{"down", wisphub.ErrUnavailable, 0, 3, 6 * time.Second},
		// What the first round brought is not thrown away: the page is asked for until the time is up.
		{"silent on one page", wisphub.ErrTimeout, 299, 15, crawlTimeout},
		{"nonsense on one page", wisphub.ErrInvalidResponse, 598, 15, crawlTimeout},
		{"no budget for one page", wisphub.ErrBudget, 598, 2, 0},
		{"limited", wisphub.ErrRateLimited, 0, 3, 6 * time.Second},
		{"forbidden", wisphub.ErrForbidden, 0, 1, 0},
		{"refused", wisphub.ErrRefused, 0, 1, 0},
		{"gone", wisphub.ErrNotFound, 0, 1, 0},
		{"forbidden later", wisphub.ErrForbidden, 299, 2, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := &fakeList{rows: 900, pageCap: 300, change: func(offset, _ int, _ *wisphub.Page[wisphub.Client]) error {
					if offset == test.on {
						return fmt.Errorf("page: %w", test.err)
					}
					return nil
				}}
				ctx, cancel := context.WithTimeout(t.Context(), crawlTimeout)
				defer cancel()
				began := time.Now()
				_, err := fake.crawl(ctx)
				wantErrorIs(t, "crawl", err, test.err)
				if got := time.Since(began); got != test.pause {
					t.Errorf("the crawl took %v, want %v", got, test.pause)
				}
				if got := fake.calls[test.on]; got != test.calls {
					t.Errorf("the page was asked %d times, want %d", got, test.calls)
				}
			})
		})
	}
}

func TestCrawlEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &fakeList{change: func(int, int, *wisphub.Page[wisphub.Client]) error { return wisphub.ErrUnavailable }}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		_, err := fake.crawl(ctx)
		wantErrorIs(t, "crawl", err, context.DeadlineExceeded)
		if got := time.Since(began); got != time.Second {
			t.Errorf("the crawl ended after %v, want 1s", got)
		}
	})
}

// What cannot be proved whole is refused, never cut short.
func TestCrawlRefusesWhatIsNotWhole(t *testing.T) {
	t.Parallel()
	type page = wisphub.Page[wisphub.Client]
	tests := map[string]func(offset int, p *page){
		"a count one too high":       func(_ int, p *page) { p.Count++ },
		"a count one too low":        func(_ int, p *page) { p.Count-- },
		"a count of 0":               func(_ int, p *page) { p.Count = 0 },
		"another count later":        func(offset int, p *page) { p.Count += offset / 598 },
		"a later page that is empty": func(offset int, p *page) { p.Rows = p.Rows[:len(p.Rows)*(1-min(offset, 1))] },
		"a later page that is short": func(offset int, p *page) { p.Rows = p.Rows[:len(p.Rows)-min(offset, 1)] },
		"a last page that is long": func(offset int, p *page) {
			if offset == 598 {
				p.Rows = append(p.Rows, wisphub.Client{ID: 5000})
			}
		},
		"rows shifted by one": func(offset int, p *page) {
			for i := range p.Rows {
				p.Rows[i].ID += wisphub.Int(min(offset, 1))
			}
		},
	}
	for name, change := range tests {
		fake := &fakeList{rows: 800, pageCap: 300, change: func(offset, _ int, p *wisphub.Page[wisphub.Client]) error {
			change(offset, p)
			return nil
		}}
		if rows, err := fake.crawl(t.Context()); !errors.Is(err, errMoved) {
			t.Errorf("crawl with %s = %d rows, %v, want errMoved", name, len(rows), err)
		}
	}
}

// Rows without an id are no duplicates of each other.
func TestCrawlKeepsRowsWithoutID(t *testing.T) {
	t.Parallel()
	fake := &fakeList{rows: 700, pageCap: 300, change: func(_, _ int, p *wisphub.Page[wisphub.Client]) error {
		for i := range p.Rows {
			if p.Rows[i].ID%10 == 0 {
				p.Rows[i].ID = 0
			}
		}
		return nil
	}}
	if rows, err := fake.crawl(t.Context()); err != nil || len(rows) != 700 {
		t.Errorf("crawl = %d rows, %v, want 700", len(rows), err)
	}
}

// Two rows where hundreds are counted are a fault: read on in steps of one, they would cost a call a row.
func TestCrawlRefusesTinyPages(t *testing.T) {
	t.Parallel()
	fake := &fakeList{rows: 2000, pageCap: 2}
	if rows, err := fake.crawl(t.Context()); !errors.Is(err, errMoved) || fake.total() != 1 {
		t.Errorf("crawl of 2 rows a page = %d rows, %v at %d calls, want errMoved at 1", len(rows), err, fake.total())
	}
}

func TestCrawlNamesRepeats(t *testing.T) {
	t.Parallel()
	fake := &fakeList{rows: 800, pageCap: 300, change: func(offset, _ int, p *wisphub.Page[wisphub.Client]) error {
		if offset == 299 {
			p.Rows[5].ID = 3
		}
		return nil
	}}
	if rows, err := fake.crawl(t.Context()); !errors.Is(err, errRepeated) || len(rows) != 800 {
		t.Errorf("crawl with an id twice = %d rows, %v, want all 800 and errRepeated", len(rows), err)
	}
}

// An id that is there twice in every reading is one bad row, which must not hide the others.
func TestRepeatedRowIsLeftOut(t *testing.T) {
	t.Parallel()
	provider, log := connect(t, host(t, literal(`{"count":3,"results":[
		{"id_servicio":1,"nombre":"Ana"},{"id_servicio":2,"nombre":"Bo"},{"id_servicio":1,"nombre":"Cy"}]}`)))
	page, err := provider.Clients.List(t.Context(), ClientQuery{})
	if err != nil || page.TotalCount != 2 || page.Nodes[0].Name != "Ana" {
		t.Fatalf("List() = %+v, %v, want Ana and Bo", page, err)
	}
	if lines := log.with("repeat a service id", `"services":[1]`); len(lines) != 1 {
		t.Errorf("the log names service 1 in %d lines, want 1", len(lines))
	}
}

// WispHub answers count 0 with status 200 for reasons of its own: a full directory is not swapped for an empty one.
func TestEmptyListDoesNotReplaceClients(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	upstream := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answer := `{"count":0,"results":[]}`
		if asked.Add(1) == 1 {
			answer = `{"count":1,"results":[{"id_servicio":1}]}`
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(answer))
	})
	provider, _ := connect(t, host(t, upstream))
	before, err := provider.Clients.List(t.Context(), ClientQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Clients.directory.Refresh(t.Context(), struct{}{}); !errors.Is(err, errEmptied) {
		t.Errorf("Refresh() = %v, want errEmptied", err)
	}
	after, err := provider.Clients.List(t.Context(), ClientQuery{})
	if err != nil || after.TotalCount != 1 || !after.AsOf.Equal(before.AsOf) {
		t.Errorf("List() = %+v, %v, want the client of before, as old as it is", after, err)
	}
}

// A crowd that asks a list that cannot be read costs one reading, not one each.
func TestFailedReadingStandsForAWhile(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 5)
	upstream.Forbid("/api/clientes/")
	for range 5 {
		_, err := provider.Clients.List(t.Context(), ClientQuery{})
		wantErrorIs(t, "List()", err, ErrUpstreamUnavailable)
	}
	wantCalls(t, upstream, 1)
}
