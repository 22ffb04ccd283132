package graph_test

import (
	"testing"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

type facadeAnswers struct {
	Facade struct {
		Version                string
		UpstreamHealthy        bool
		RequestsLastMinute     int
		RequestsLastHour       int
		MinuteLimit, HourLimit int
		Caches                 []facadeCache
	}
}

type facadeCache struct {
	Name                  string
	Entries, Hits, Misses int
	AsOf                  *time.Time
	Stale                 bool
}

const facadeDocument = `{facade{version upstreamHealthy requestsLastMinute requestsLastHour minuteLimit hourLimit
	caches{name entries hits misses asOf stale}}}`

func (f facadeAnswers) cache(name string) facadeCache {
	for _, cache := range f.Facade.Caches {
		if cache.Name == name {
			return cache
		}
	}
	return facadeCache{}
}

func TestFacade(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	cold := into[facadeAnswers](t, f.data(t, facadeDocument))
	if got := cold.Facade; got.Version != "1.2.3" || !got.UpstreamHealthy || got.RequestsLastHour != 0 || got.MinuteLimit != 100 || got.HourLimit != 1000 {
		t.Errorf("facade, cold = %+v, want version 1.2.3, healthy, no calls of 100 and 1000", got)
	}
	if got := cold.cache("clients"); got.Name == "" || got.Entries != 0 || got.AsOf != nil || got.Stale {
		t.Errorf("the directory, cold = %+v, want it named and empty", got)
	}
	f.data(t, `{clients{totalCount}}`)
	f.data(t, `{clients{totalCount}}`)
	warm := into[facadeAnswers](t, f.data(t, facadeDocument))
	if got := warm.Facade; got.RequestsLastMinute != 1 || got.RequestsLastHour != 1 {
		t.Errorf("calls = %d in the minute, %d in the hour, want 1 and 1", got.RequestsLastMinute, got.RequestsLastHour)
	}
	got := warm.cache("clients")
	if got.Entries != 1 || got.Misses != 1 || got.Hits != 1 || got.AsOf == nil || time.Since(*got.AsOf) > time.Minute {
		t.Errorf("the directory, warm = %+v, want one entry, a miss, a hit, and when it was read", got)
	}
}

func TestFacade_UpstreamDown(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.upstream.SetFaults(wisphubtest.Faults{Down: true})
	for range 2 {
		f.run(t, `{zones{name}}`)
	}
	if got := into[facadeAnswers](t, f.data(t, facadeDocument)).Facade; got.UpstreamHealthy || got.RequestsLastHour != 4 {
		t.Errorf("facade = healthy %t after %d calls, want false after 4: each was tried twice", got.UpstreamHealthy, got.RequestsLastHour)
	}
}
