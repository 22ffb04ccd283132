package wisphub

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fakeList is a list of the services 1 to rows.
type fakeList struct {
	rows, pageCap int
	// writeDetails alters an answer before it is given. n counts the calls for the offset, from
	// 1. Optional.
	change func(offset, n int, page *Page[Client]) error

	mu    sync.Mutex
	calls map[int]int // by offset; guarded by mu
}

func (f *fakeList) list(_ context.Context, options ListOptions) (*Page[Client], error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.calls == nil {
		f.calls = map[int]int{}
	}
	f.calls[options.Offset]++
	page := &Page[Client]{Count: f.rows, Rows: []Client{}}
	for i := options.Offset; i < min(f.rows, options.Offset+min(options.Limit, f.pageCap)); i++ {
		page.Rows = append(page.Rows, Client{ID: Int(i + 1)})
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

// read reads the list in one pass.
func (f *fakeList) read(ctx context.Context) ([]Client, error) {
	return newPass(f.list, clientID, policy{maxPages: maxPages, retryPages: true}).read(ctx)
}

func wantWhole(tb testing.TB, rows []Client, err error, count int) {
	tb.Helper()
	if err != nil || len(rows) != count {
		tb.Errorf("read() of %d rows = %d rows, %v, want all", count, len(rows), err)
		return
	}
	for i := range rows {
		if int(rows[i].ID) != i+1 {
			tb.Errorf("read() of %d rows: row %d has the id %d, want %d", count, i, rows[i].ID, i+1)
			return
		}
	}
}

func TestPass_Sizes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ rows, pageCap, calls int }{
		{0, 300, 1}, {1, 300, 1}, {2, 300, 1}, {299, 300, 1}, {300, 300, 1}, {301, 300, 2}, {598, 300, 2}, {599, 300, 2},
		{600, 300, 3}, {601, 300, 3}, {897, 300, 3}, {898, 300, 3}, {899, 300, 4}, {900, 300, 4}, {20_000, 300, 67},
		{99, 100, 1}, {100, 100, 1}, {101, 100, 2}, {199, 100, 2}, {200, 100, 3}, {1000, 100, 11}, {70, 20, 4}, {2, 2, 1},
	} {
		fake := &fakeList{rows: test.rows, pageCap: test.pageCap}
		rows, err := fake.read(t.Context())
		wantWhole(t, rows, err, test.rows)
		if got := fake.total(); got != test.calls {
			t.Errorf("read() of %d rows, %d a page, took %d calls, want %d", test.rows, test.pageCap, got, test.calls)
		}
	}
}

// Only pages that failed are requested again, as long as some round brings a page.
func TestPass_RepeatsFailedPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &fakeList{rows: 1800, pageCap: 300, change: func(offset, n int, _ *Page[Client]) error {
			if n <= 2*(offset/299) {
				return fmt.Errorf("page: %w", ErrUnavailable)
			}
			return nil
		}}
		rows, err := fake.read(t.Context())
		wantWhole(t, rows, err, 1800)
		for offset, n := range fake.calls {
			if want := 2*(offset/299) + 1; n != want {
				t.Errorf("offset %d was requested %d times, want %d", offset, n, want)
			}
		}
	})
}

func TestPass_GivesUp(t *testing.T) {
	t.Parallel()
	const timeout = 10 * time.Minute
	tests := []struct {
		name  string
		err   error
		on    int // the offset that always fails
		calls int // for that offset
		pause time.Duration
	}{
		{"down", ErrUnavailable, 0, 3, 6 * time.Second},
		// The pages of the first round are kept. The failing page is requested until the timeout.
		{"one page hangs", ErrTimeout, 299, 15, timeout},
		{"one page is invalid", ErrInvalidResponse, 598, 15, timeout},
		{"no budget for one page", ErrBudget, 598, 2, 0},
		{"limited", ErrRateLimited, 0, 3, 6 * time.Second},
		{"forbidden", ErrForbidden, 0, 1, 0},
		{"refused", ErrRefused, 0, 1, 0},
		{"gone", ErrNotFound, 0, 1, 0},
		{"forbidden later", ErrForbidden, 299, 2, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := &fakeList{rows: 900, pageCap: 300, change: func(offset, _ int, _ *Page[Client]) error {
					if offset == test.on {
						return fmt.Errorf("page: %w", test.err)
					}
					return nil
				}}
				ctx, cancel := context.WithTimeout(t.Context(), timeout)
				defer cancel()
				began := time.Now()
				_, err := fake.read(ctx)
				if !errors.Is(err, test.err) {
					t.Errorf("read() = %v, want %v", err, test.err)
				}
				if got := time.Since(began); got != test.pause {
					t.Errorf("read() took %v, want %v", got, test.pause)
				}
				if got := fake.calls[test.on]; got != test.calls {
					t.Errorf("the page was requested %d times, want %d", got, test.calls)
				}
			})
		})
	}
}

func TestPass_EndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &fakeList{change: func(int, int, *Page[Client]) error { return ErrUnavailable }}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		_, err := fake.read(ctx)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("read() = %v, want %v", err, context.DeadlineExceeded)
		}
		if got := time.Since(began); got != time.Second {
			t.Errorf("read() ended after %v, want 1s", got)
		}
	})
}

// A list that cannot be proved whole is an error, never a part of it.
func TestPass_RefusesWhatIsNotWhole(t *testing.T) {
	t.Parallel()
	type page = Page[Client]
	tests := map[string]func(offset int, p *page){
		"a count one too high":       func(_ int, p *page) { p.Count++ },
		"a count one too low":        func(_ int, p *page) { p.Count-- },
		"a count of 0":               func(_ int, p *page) { p.Count = 0 },
		"another count later":        func(offset int, p *page) { p.Count += offset / 598 },
		"a later page that is empty": func(offset int, p *page) { p.Rows = p.Rows[:len(p.Rows)*(1-min(offset, 1))] },
		"a later page that is short": func(offset int, p *page) { p.Rows = p.Rows[:len(p.Rows)-min(offset, 1)] },
		"a last page that is long": func(offset int, p *page) {
			if offset == 598 {
				p.Rows = append(p.Rows, Client{ID: 5000})
			}
		},
		"rows shifted by one": func(offset int, p *page) {
			for i := range p.Rows {
				p.Rows[i].ID += Int(min(offset, 1))
			}
		},
	}
	for name, change := range tests {
		fake := &fakeList{rows: 800, pageCap: 300, change: func(offset, _ int, p *Page[Client]) error {
			change(offset, p)
			return nil
		}}
		if rows, err := fake.read(t.Context()); !errors.Is(err, ErrListChanged) {
			t.Errorf("read() with %s = %d rows, %v, want ErrListChanged", name, len(rows), err)
		}
	}
}

// Rows without an id do not repeat each other.
func TestPass_RowsWithoutID(t *testing.T) {
	t.Parallel()
	fake := &fakeList{rows: 700, pageCap: 300, change: func(_, _ int, p *Page[Client]) error {
		for i := range p.Rows {
			if p.Rows[i].ID%10 == 0 {
				p.Rows[i].ID = 0
			}
		}
		return nil
	}}
	if rows, err := fake.read(t.Context()); err != nil || len(rows) != 700 {
		t.Errorf("read() = %d rows, %v, want 700", len(rows), err)
	}
}

// A page of two rows out of 2,000 is a fault. Reading on would cost one call a row.
func TestPass_RefusesTinyPages(t *testing.T) {
	t.Parallel()
	fake := &fakeList{rows: 2000, pageCap: 2}
	if rows, err := fake.read(t.Context()); !errors.Is(err, ErrListChanged) || fake.total() != 1 {
		t.Errorf("read() with 2 rows a page = %d rows, %v after %d calls, want ErrListChanged after 1", len(rows), err, fake.total())
	}
}

func TestPass_RepeatedID(t *testing.T) {
	t.Parallel()
	fake := &fakeList{rows: 800, pageCap: 300, change: func(offset, _ int, p *Page[Client]) error {
		if offset == 299 {
			p.Rows[5].ID = 3
		}
		return nil
	}}
	if rows, err := fake.read(t.Context()); !errors.Is(err, errRepeated) || len(rows) != 800 {
		t.Errorf("read() with an id twice = %d rows, %v, want all 800 and errRepeated", len(rows), err)
	}
}

// clientID returns the id of a row.
func clientID(row *Client) int { return int(row.ID) }

// A list that changes in every pass is an error after three passes.
func TestReadAll_ListKeepsChanging(t *testing.T) {
	t.Parallel()
	fake := &fakeList{rows: 5, pageCap: 300, change: func(_, _ int, p *Page[Client]) error {
		p.Count += 2
		return nil
	}}
	rows, err := ReadAll(t.Context(), fake.list, clientID)
	if !errors.Is(err, ErrListChanged) || rows != nil || fake.total() != 3 {
		t.Errorf("ReadAll() = %d rows, %v after %d calls, want ErrListChanged after 3", len(rows), err, fake.total())
	}
}

// Two passes that find the same id twice are believed: one faulty row must not hide the others.
func TestReadAll_IDTwiceInTwoPasses(t *testing.T) {
	t.Parallel()
	for passes, calls := range map[int]int{1: 2, 2: 2, 3: 2} {
		fake := &fakeList{rows: 5, pageCap: 300, change: func(_, n int, p *Page[Client]) error {
			if n <= passes {
				p.Rows[4].ID = 1
			}
			return nil
		}}
		rows, err := ReadAll(t.Context(), fake.list, clientID)
		if err != nil || len(rows) != 5 || fake.total() != calls {
			t.Errorf("ReadAll() with an id twice in %d passes = %d rows, %v after %d calls, want 5 after %d",
				passes, len(rows), err, fake.total(), calls)
		}
	}
}
