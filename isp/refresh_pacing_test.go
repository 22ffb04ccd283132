package isp

import (
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"wisphub-graphql/wisphub/wisphubtest"
)

func TestRefreshPacing_Interval(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		calls, hour int
		want        time.Duration
	}{
		{1, 1000, 5 * time.Minute},
		{41, 1000, 5 * time.Minute},
		{42, 1000, time.Hour/11 + time.Second},
		{67, 1000, time.Hour/7 + time.Second},
		{67, 333, time.Hour/2 + time.Second},
		{250, 1000, time.Hour/2 + time.Second},
		{500, 1000, time.Hour + time.Second},
		{1000, 1000, 2 * time.Hour},
		{1, 1, time.Hour + time.Second},
		{0, 1000, 5 * time.Minute},
	} {
		p := refreshPacing{ttl: 5 * time.Minute, share: directoryShare}
		p.record(time.Now(), test.calls)
		if got := p.interval(test.hour); got != test.want {
			t.Errorf("interval() after %d calls of %d an hour = %v, want %v", test.calls, test.hour, got, test.want)
		}
	}
}

// The crawls of any hour use at most half of its calls. Only a crawl that costs more than the
// one before may exceed that.
func TestRefreshPacing_UsesHalfOfEachHour(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hour := rapid.IntRange(100, 2000).Draw(t, "hour")
		costs := rapid.SliceOfN(rapid.IntRange(1, hour/4), 1, 40).Draw(t, "costs")
		p, now := refreshPacing{ttl: 5 * time.Minute, share: directoryShare}, time.Unix(0, 0)
		var all []crawlCost
		for _, calls := range costs {
			p.record(now, calls)
			all = append(all, crawlCost{now, calls})
			now = now.Add(p.interval(hour))
		}
		for i := 1; i < len(all); i++ {
			spent := 0
			for _, r := range all[:i] {
				if all[i].began.Sub(r.began) < time.Hour {
					spent += r.calls
				}
			}
			// A crawl's cost is unknown before it ends, so the pacing expects the cost of the last one.
			if spent+all[i-1].calls > hour/2 && spent > 0 {
				t.Fatalf("crawl %d of %v began after %d calls, want at most half of %d an hour", i, all, spent, hour)
			}
		}
	})
}

// A list that always fails, after many calls each time, does not use up the hour. A refresh on
// demand is not limited.
func TestRefreshPacing_FailedCrawls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newBubble(t, 1500, func(*Config) {})
		if err := w.provider.Clients.Warm(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.upstream.SetFaults(wisphubtest.Faults{WrongTotal: 2})
		w.resetCalls()
		w.poll(1, 90*time.Minute, func(page *ClientConnection, _ time.Duration, err error) {
			if err != nil || page.TotalCount != 1500 {
				t.Errorf("List() = %v, want the 1500 clients of the last good crawl", err)
			}
		})
		if _, hour := w.calls(time.Hour); hour > 500+18 {
			t.Errorf("%d calls in an hour for a list that always fails, want about half of 1000", hour)
		}
		w.upstream.SetFaults(wisphubtest.Faults{})
		if err := w.provider.Refresh(t.Context(), ResourceClients); err != nil {
			t.Errorf("Refresh() = %v", err)
		}
	})
}

// Crawls of other replicas and of the previous process count too.
func TestRefreshPacing_MergesCrawlsOfOtherProcesses(t *testing.T) {
	t.Parallel()
	first, second := refreshPacing{ttl: 5 * time.Minute, share: directoryShare}, refreshPacing{ttl: 5 * time.Minute, share: directoryShare}
	began := time.Now().Add(-50 * time.Minute)
	for i := range 7 {
		first.record(began.Add(time.Duration(i)*time.Minute), 67)
	}
	second.merge(first.history()...)
	second.merge(first.history()...)
	if now := time.Now(); !second.exhausted(now, 1000) || second.exhausted(now.Add(20*time.Minute), 1000) {
		t.Errorf("exhausted() = %t now and %t later, want true and false", second.exhausted(now, 1000), second.exhausted(now.Add(20*time.Minute), 1000))
	}
}

func TestRefreshPacing_CrawlsAreStored(t *testing.T) {
	t.Parallel()
	d := directoryOf(t, map[string]any{"id_servicio": 1})
	d.crawls = []crawlCost{{time.Now().Add(-time.Minute), 67}, {time.Now(), 80}}
	data, err := encodeDirectory(d)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := decodeDirectory(data, colombia, 2)
	if err != nil || len(decoded.crawls) != 2 {
		t.Fatalf("decodeDirectory() = %v, %v, want two crawls", decoded, err)
	}
	for i, want := range d.crawls {
		if got := decoded.crawls[i]; !got.began.Equal(want.began) || got.calls != want.calls {
			t.Errorf("crawl %d = %+v, want %+v", i, got, want)
		}
	}
}

// Crawls that were read from disk before the clock was set back do not delay refreshes for hours.
func Test14_15_CrawlsOfTheFuture(t *testing.T) {
	t.Parallel()
	pacing, now := &refreshPacing{ttl: 5 * time.Minute, share: directoryShare}, time.Now()
	for i := range 7 {
		pacing.merge(crawlCost{now.Add(6*time.Hour - time.Duration(i)*9*time.Minute), 67})
	}
	if pacing.exhausted(now, 1000) {
		t.Errorf("the next refresh is in %v", pacing.wait(now, 1000))
	}
	pacing.record(now, 67)
	if history := pacing.history(); len(history) != 1 || !history[0].began.Equal(now) {
		t.Errorf("history = %v, want the crawl of now", history)
	}
}
