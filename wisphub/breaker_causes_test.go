package wisphub

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"wisphub-graphql/wisphub/ratelimit"
)

// callNamed returns the call "user route id". The user "-" is the facade, the id "-" is none.
func callNamed(text string) *call {
	words := strings.Fields(text)
	for i, word := range words {
		words[i] = strings.Trim(word, "-")
	}
	return &call{method: "GET", user: words[0], pattern: words[1], id: words[2]}
}

// failTimes reports failures, as far as the breaker lets the calls go.
func failTimes(b *breaker, c *call, times int) (sent int) {
	for range times {
		if report, err := b.allow(c); err == nil {
			sent++
			report(&Error{kind: ErrUnavailable})
		}
	}
	return sent
}

// One user or one record opens circuits for itself only. Both senses must have two causes.
func Test15_9_BreakerCauses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		fail      []string // in turn, ten times each
		stopped   []string
		goes      []string
		unhealthy bool
	}{
		{"one user, one id", []string{"ana clientes 13"},
			[]string{"ana clientes 13", "bob clientes 13", "ana clientes 14"}, []string{"bob clientes 14", "- clientes -", "ana tickets 1"}, false},
		{"one user, many ids", []string{"ana clientes 13", "ana clientes 14", "ana clientes 15"},
			[]string{"ana clientes 99"}, []string{"bob clientes 99", "- clientes -"}, false},
		{"many users, one id", []string{"ana clientes 13", "bob clientes 13", "eva clientes 13"},
			[]string{"joe clientes 13"}, []string{"joe clientes 14", "- tickets -"}, false},
		{"two users, two ids: the route fails", []string{"ana clientes 13", "bob clientes 14"},
			[]string{"joe clientes 99"}, []string{"joe tickets 1"}, true},
		{"the facade, one id", []string{"- clientes 13"}, []string{"joe clientes 13"}, []string{"joe clientes 14"}, false},
		{"the facade, many ids: the route fails", []string{"- clientes 13", "- clientes 14"},
			[]string{"joe clientes 99"}, []string{"joe tickets 1"}, true},
		{"the facade's list: the route fails", []string{"- clientes -"}, []string{"joe clientes -"}, []string{"joe tickets 1"}, true},
		{"one user's list", []string{"ana clientes -"}, []string{"ana clientes -"}, []string{"- clientes -"}, false},
		{"one user, bad ids of two resources", []string{"ana clientes 13", "ana tickets 5"},
			[]string{"ana clientes 13"}, []string{"bob clientes 14", "bob tickets 6", "- zonas -"}, false},
		{"one user alone in an outage", []string{"ana clientes 13", "ana tickets 5", "ana zonas -"},
			[]string{"joe staff -"}, nil, true},
		{"one user beside the facade's list in an outage", []string{"ana clientes 13", "- tickets -"},
			[]string{"joe staff -", "joe clientes 99"}, nil, true},
		{"an outage that all see", []string{"ana clientes 13", "bob tickets 5", "- zonas -"}, []string{"joe staff -"}, nil, true},
	} {
		b := newBreaker()
		for range 10 {
			for _, text := range test.fail {
				failTimes(b, callNamed(text), 1)
			}
		}
		for _, text := range test.stopped {
			if b.check(callNamed(text)) == nil {
				t.Errorf("%s: check(%s) = nil, want it stopped", test.name, text)
			}
		}
		for _, text := range test.goes {
			if err := b.check(callNamed(text)); err != nil {
				t.Errorf("%s: check(%s) = %v, want it allowed", test.name, text, err)
			}
		}
		if b.healthy() == test.unhealthy {
			t.Errorf("%s: healthy() = %t, want %t", test.name, b.healthy(), !test.unhealthy)
		}
	}
}

// Whatever one user asks for, others go on. Whatever all ask of one record, other records go on.
func Test15_9_OneCauseNeverStopsOthers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		byUser, byRecord := newBreaker(), newBreaker()
		for range rapid.IntRange(1, 200).Draw(t, "calls") {
			id := fmt.Sprint(rapid.IntRange(1, 30).Draw(t, "id"))
			failTimes(byUser, &call{user: "ana", pattern: rapid.SampledFrom([]string{"clientes/{id}", "tickets/{id}"}).Draw(t, "route"), id: id}, 1)
			failTimes(byRecord, &call{user: id, pattern: "clientes/{id}", id: "13"}, 1)
		}
		for _, c := range []*call{{user: "bob", pattern: "clientes/{id}", id: "13"}, {pattern: "tickets/{id}", id: "1"}} {
			if err := byUser.check(&call{user: c.user, pattern: c.pattern, id: "other"}); err != nil || !byUser.healthy() {
				t.Fatalf("check(%s) after failures of one user = %v and healthy %t, want it allowed", c, err, byUser.healthy())
			}
		}
		if err := byRecord.check(&call{user: "bob", pattern: "clientes/{id}", id: "14"}); err != nil || !byRecord.healthy() {
			t.Fatalf("check(14) after failures of 13 = %v and healthy %t, want it allowed", err, byRecord.healthy())
		}
		if byUser.own.Len() > maxOwnCircuits || len(byUser.global.fails.users) > maxCauses {
			t.Fatal("the breaker has no bound")
		}
	})
}

// A circuit of one user sends nothing, then probes, and is gone after a success.
func Test15_9_OwnCircuitRecovers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, c := newBreaker(), &call{user: "ana", pattern: "clientes/{id}", id: "13"}
		if sent := failTimes(b, c, 100); sent != openAfter {
			t.Errorf("%d calls were sent, want %d", sent, openAfter)
		}
		time.Sleep(ownOpenFor + 1)
		report, err := b.allow(c)
		if err != nil {
			t.Fatalf("allow() after %v = %v, want a probe", ownOpenFor, err)
		}
		if report(nil); b.own.Len() != 0 || b.check(c) != nil {
			t.Errorf("after a success %d circuits are left, want none", b.own.Len())
		}
		failTimes(b, c, openAfter-1)
		time.Sleep(ownMemory + 1)
		if failTimes(b, c, openAfter-1); b.check(c) != nil {
			t.Error("failures count for longer than they are remembered")
		}
	})
}

// The record that answers 500 stops its own calls: neither other records nor the health change.
func Test15_9_OneRecordAnswers500(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		if strings.Contains(r.URL.String(), "13") {
			reply(500, htmlType, html)(w, r)
			return
		}
		reply(200, jsonType, `{"count": 1, "results": [{"id_servicio": 14}]}`)(w, r)
	}))
	t.Cleanup(server.Close)
	synctest.Test(t, func(t *testing.T) {
		api := open(t, Config{Host: server.URL})
		find := func(user string, id int) error {
			_, err := api.Clients.List(ratelimit.WithUser(t.Context(), user), ClientListOptions{ServiceID: id})
			return err
		}
		before := api.Usage().LastHour
		for range 30 {
			if err := find("ana", 13); !errors.Is(err, ErrUnavailable) {
				t.Fatalf("List(13) = %v, want %v", err, ErrUnavailable)
			}
		}
		if spent := api.Usage().LastHour - before; spent != openAfter {
			t.Errorf("the record cost %d calls, want %d", spent, openAfter)
		}
		if err := find("bob", 14); err != nil || !api.Healthy() {
			t.Errorf("List(14) = %v and healthy %t, want no error and true", err, api.Healthy())
		}
	})
}

// A 503 with Retry-After pauses what it concerns: the record, the user, the route, or all.
func Test15_9_PausesWhatAsks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name           string
		asked          []string
		stopped, freed string
		all            bool
	}{
		{"one user, one id", []string{"ana clientes 13"}, "ana clientes 13", "bob clientes 14", false},
		{"the id is paused for others", []string{"ana clientes 13"}, "bob clientes 13", "- clientes 14", false},
		{"the user is paused for other ids", []string{"ana clientes 13"}, "ana clientes 14", "ana tickets 1", false},
		{"one user, two ids", []string{"ana clientes 13", "ana clientes 14"}, "ana clientes 15", "bob clientes 15", false},
		{"two users, two ids", []string{"ana clientes 13", "bob clientes 14"}, "joe clientes 15", "joe tickets 1", false},
		{"the facade's list", []string{"- clientes -"}, "joe clientes 15", "joe tickets 1", false},
		{"one user, two resources", []string{"ana clientes 13", "ana tickets 14"}, "ana tickets 15", "bob zonas -", false},
		{"one user, three resources", []string{"ana clientes 13", "ana tickets 14", "ana plans 3"}, "ana clientes 13", "joe zonas -", true},
		{"one user, then the facade", []string{"ana clientes 13", "- tickets -"}, "joe tickets 15", "joe zonas -", true},
		{"two resources", []string{"ana clientes 13", "bob tickets 14"}, "ana clientes 13", "joe zonas -", true},
	} {
		synctest.Test(t, func(t *testing.T) {
			var p pauses
			all := false
			for _, text := range test.asked {
				all = p.add(callNamed(text), time.Minute)
			}
			if got := p.wait(callNamed(test.stopped)); got != time.Minute {
				t.Errorf("%s: wait(%s) = %v, want a minute", test.name, test.stopped, got)
			}
			if got := p.wait(callNamed(test.freed)); got != 0 || all != test.all {
				t.Errorf("%s: wait(%s) = %v and all %t, want none and %t", test.name, test.freed, got, all, test.all)
			}
			time.Sleep(time.Minute)
			if got := p.wait(callNamed(test.stopped)); got != 0 || p.add(callNamed("joe staff -"), time.Hour) {
				t.Errorf("%s: wait(%s) after a minute = %v, want none", test.name, test.stopped, got)
			}
			if got := p.wait(callNamed("joe staff -")); got != maxRoutePause {
				t.Errorf("%s: a pause of an hour is %v, want %v", test.name, got, maxRoutePause)
			}
			for id := range 3 * maxPauses {
				p.add(callNamed(fmt.Sprintf("joe staff %d", id+1)), time.Hour)
			}
			if p.clear(); len(p.until) != 0 {
				t.Errorf("%d pauses after clear, want none", len(p.until))
			}
		})
	}
}

// Over HTTP: a 503 of one record delays that record's caller, and no call of another route.
func Test15_9_PauseOfOneRecord(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		if strings.Contains(r.URL.Path, "/13/") {
			w.Header().Set("Retry-After", "300")
			reply(503, htmlType, html)(w, r)
			return
		}
		reply(200, jsonType, `{"id_servicio": 14, "count": 0, "results": []}`)(w, r)
	}))
	t.Cleanup(server.Close)
	synctest.Test(t, func(t *testing.T) {
		api := open(t, Config{Host: server.URL})
		ana, bob := ratelimit.WithUser(t.Context(), "ana"), ratelimit.WithUser(t.Context(), "bob")
		_, first := api.Clients.Get(ana, 13)
		_, again := api.Clients.Get(ana, 13)
		if e := (*Error)(nil); !errors.Is(first, ErrUnavailable) || !errors.As(again, &e) || !errors.Is(again, ErrRateLimited) || e.RetryAfter < 4*time.Minute {
			t.Errorf("Get(13) = %v, then %v, want %v, then a pause of minutes", first, again, ErrUnavailable)
		}
		began := time.Now()
		_, other := api.Clients.Get(bob, 14)
		_, list := api.Zones.List(ana)
		if other != nil || list != nil || time.Since(began) > time.Second {
			t.Errorf("Get(14) = %v and Zones.List = %v after %v, want no errors at once", other, list, time.Since(began))
		}
	})
}
