package isp

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
)

func progressPage(count int, ids ...int) *wisphub.Page[*Client] {
	page := &wisphub.Page[*Client]{Count: count}
	for _, id := range ids {
		page.Rows = append(page.Rows, &Client{
			ServiceID: id, Username: Text("User" + strconv.Itoa(id)), document: strconv.Itoa(id % 100), Phones: []string{"300000" + fmt.Sprintf("%04d", id)},
		})
	}
	return page
}

func numbers(from, count int) []int {
	ids := make([]int, count)
	for i := range ids {
		ids[i] = from + i
	}
	return ids
}

func ids(clients []*Client) []int {
	found := []int{}
	for _, client := range clients {
		found = append(found, client.ServiceID)
	}
	return found
}

// Pages answer as the directory does, as soon as they are there.
func Test14_1_ProgressFindsClientsInPages(t *testing.T) {
	t.Parallel()
	progress := newCrawlProgress(colombia, func(int) time.Duration { return 0 })
	pass := progress.begin()
	progress.add(pass, 299, progressPage(1000, numbers(300, 300)...))
	progress.add(pass, 0, progressPage(1000, numbers(1, 300)...)) // later, and 300 again
	progress.add(pass-1, 598, progressPage(1000, numbers(900, 10)...))
	for _, test := range []struct {
		key  lookup
		want []int
	}{
		{lookup{field: byServiceID, id: 300}, []int{300}},
		{lookup{field: byServiceID, id: 900}, []int{}}, // of an earlier pass
		{lookup{field: byDocument, normalized: "0", typed: "0."}, []int{100, 200, 300, 400, 500}},
		{lookup{field: byUsername, normalized: "user7", typed: "USER7"}, []int{7}},
		{lookup{field: byPhone, normalized: "3000000008"}, []int{8}},
		{lookup{field: byPhone, normalized: "0000008"}, []int{8}},
	} {
		if got := ids(progress.find(test.key)); !slices.Equal(got, test.want) {
			t.Errorf("find(%+v) = %v, want %v", test.key, got, test.want)
		}
	}
	progress.end(pass)
	if found := progress.find(lookup{field: byServiceID, id: 300}); len(found) != 0 {
		t.Errorf("find() = %v after the crawl, want none", ids(found))
	}
}

func Test14_1_ProgressTellsWhenTheListIsThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wait := time.Duration(0)
		progress := newCrawlProgress(colombia, func(int) time.Duration { return wait })
		want := func(when string, left time.Duration, known bool) {
			t.Helper()
			if got, ok := progress.remaining(); got != left || ok != known {
				t.Errorf("remaining() %s = %v, %v, want %v, %v", when, got, ok, left, known)
			}
		}
		want("before a crawl", 0, false)
		pass := progress.begin()
		want("before the first page", 0, false)
		time.Sleep(time.Second)
		changed := progress.changed()
		progress.add(pass, 0, progressPage(300+12*299, numbers(1, 300)...))
		<-changed
		want("after the first page of 13, six at a time", 2*time.Second, true)
		time.Sleep(time.Second)
		for page := 1; page <= 4; page++ {
			progress.add(pass, page*299, progressPage(300+12*299, page*299+1))
		}
		want("after five", 2*time.Second, true)
		wait = 40 * time.Second
		want("with no budget", 41*time.Second, true)
		changed = progress.changed()
		progress.end(pass)
		<-changed
		want("at the end", 0, false)
	})
}

// The pages of a first list that a caller waits for do not queue as background calls.
func Test14_1_FirstListHasSharedPriority(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, 6*299+300, func(*Config) {})
		b.upstream.SetFaults(wisphubtest.Faults{Latency: time.Second / 2})
		began := time.Now()
		if err := b.provider.Clients.Warm(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := time.Since(began); got != time.Second {
			t.Errorf("seven pages took %v, want 1s: one and then six side by side", got)
		}
	})
}
