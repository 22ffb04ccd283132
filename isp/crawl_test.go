package isp

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
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
	c := &crawl{list: f.list, pages: map[int]*wisphub.Page[wisphub.Client]{}}
	if err := c.read(ctx); err != nil {
		return nil, err
	}
	return c.rows()
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
		{99, 100, 1}, {100, 100, 1}, {101, 100, 2}, {199, 100, 2}, {200, 100, 3}, {1000, 100, 11}, {7, 2, 6}, {2, 2, 1},
	} {
		fake := &fakeList{rows: test.rows, pageCap: test.pageCap}
		rows, err := fake.crawl(t.Context())
		wantWhole(t, rows, err, test.rows)
		if got := fake.total(); got != test.calls {
			t.Errorf("crawl of %d rows, %d a page: %d calls, want %d", test.rows, test.pageCap, got, test.calls)
		}
	}
}

// Pages that fail are asked again, and only those.
func TestCrawlRepeatsFailedPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &fakeList{rows: 3000, pageCap: 300, change: func(offset, n int, _ *wisphub.Page[wisphub.Client]) error {
			if n <= offset/299%3 {
				return fmt.Errorf("page: %w", wisphub.ErrUnavailable)
			}
			return nil
		}}
		rows, err := fake.crawl(t.Context())
		wantWhole(t, rows, err, 3000)
		for offset, n := range fake.calls {
			if want := offset/299%3 + 1; n != want {
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
		{"silent on one page", wisphub.ErrTimeout, 299, 4, 6 * time.Second}, // the first round brought others
		{"nonsense on one page", wisphub.ErrInvalidResponse, 598, 4, 6 * time.Second},
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
				began := time.Now()
				_, err := fake.crawl(t.Context())
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
		"an id twice": func(offset int, p *page) {
			if offset == 299 {
				p.Rows[5].ID = 3
			}
		},
	}
	for name, change := range tests {
		fake := &fakeList{rows: 800, pageCap: 300, change: func(offset, _ int, p *page) error {
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

// A list that changes while it is read is read anew, or the old one stays as it was.
func TestRefreshIsWholeOrOld(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		faults wisphubtest.Faults
		whole  bool
	}{
		{"a client appears once", wisphubtest.Faults{AppearBetweenPages: true, ChangeOnce: true}, true},
		{"a client vanishes once", wisphubtest.Faults{VanishBetweenPages: true, ChangeOnce: true}, true},
		{"one appears and one vanishes", wisphubtest.Faults{AppearBetweenPages: true, VanishBetweenPages: true, ChangeOnce: true}, true},
		{"clients appear each time", wisphubtest.Faults{AppearBetweenPages: true}, false},
		{"clients vanish each time", wisphubtest.Faults{VanishBetweenPages: true}, false},
		{"the count is wrong", wisphubtest.Faults{WrongTotal: true}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			upstream, provider := open(t, 700)
			before := lookAt(t, provider)
			list := [][]int{upstream.IDs()}
			upstream.SetFaults(test.faults)
			err := refresh(t, provider)
			after := lookAt(t, provider)
			list = append(list, upstream.IDs())
			if test.whole {
				if err != nil || after == before || !slices.ContainsFunc(list, func(ids []int) bool { return slices.Equal(ids, idsOf(after.clients)) }) {
					t.Errorf("refresh = %v, %d clients, want a list that upstream had", err, len(after.clients))
				}
				return
			}
			wantErrorIs(t, "refresh", err, errMoved)
			if after != before {
				t.Errorf("the directory of %v gave way to that of %v, want the old one", before.asOf, after.asOf)
			}
		})
	}
}

// On a bad day a reading is whole or fails, and one that fails leaves the last good one in its place.
func TestRefreshOnABadDay(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 1000)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		upstream.SetFaults(wisphubtest.Faults{ErrorRate: 0.3, TruncateRate: 0.1, HTMLRate: 0.1, TooManyRate: 0.1})
		good := 0
		for range 20 {
			before, _ := provider.Clients.directory.Peek(struct{}{})
			if err := refresh(t, provider); err != nil {
				if after, _ := provider.Clients.directory.Peek(struct{}{}); after.Value != before.Value {
					t.Errorf("a refresh that failed (%v) replaced the directory", err)
				}
				continue
			}
			good++
			if got, want := idsOf(lookAt(t, provider).clients), upstream.IDs(); !slices.Equal(got, want) {
				t.Errorf("the directory holds %d clients, want the %d of upstream", len(got), len(want))
			}
		}
		if good == 0 {
			t.Error("none of 20 readings was whole, want most: failed pages are asked again")
		}
	})
}

func TestRefreshRefusedKeepsTheOld(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 700)
	before := lookAt(t, provider)
	upstream.Reset()
	upstream.Forbid("/api/clientes/")
	wantErrorIs(t, "refresh", refresh(t, provider), wisphub.ErrForbidden)
	wantCalls(t, upstream, 1)
	if after := lookAt(t, provider); after != before {
		t.Error("a refused refresh replaced the directory")
	}
}

// A provider that has no clients has an empty directory, which is not a failure.
func TestCrawlOfNobody(t *testing.T) {
	t.Parallel()
	provider, _ := connect(t, host(t, literal(`{"count":0,"next":null,"previous":null,"results":[]}`)))
	page, err := provider.Clients.List(t.Context(), ClientQuery{})
	if err != nil || page.TotalCount != 0 || len(page.Nodes) != 0 || page.Stats().TotalDebt.String() != "0.00" {
		t.Errorf("List() = %+v, %v, want an empty page", page, err)
	}
}
