package wisphub

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/ratelimit"
)

func TestHealthy(t *testing.T) {
	t.Parallel()
	for calls, want := range map[string]bool{
		"":                              true,
		"down down":                     true,
		"down down down":                false,
		"down down down down":           false,
		"down down down good":           true,
		"down down good down down":      true,
		"down down good down down down": false,
		"html html html":                false,
		"truncated truncated truncated": false,
		"slow slow slow":                false,
		"down slow truncated":           false,
		"down down forbidden down":      true,
		"down down limited down":        false, // 429 says nothing about its health
		"down down unknown down":        true,
		"down down cancelled":           true,
		"down down cancelled down":      false,
		"down down down cancelled":      false,
	} {
		t.Run(calls, func(t *testing.T) {
			t.Parallel()
			api, mux := setup(t)
			for path, handler := range map[string]http.HandlerFunc{
				"good":      reply(http.StatusOK, jsonType, `[]`),
				"down":      reply(http.StatusBadGateway, htmlType, html),
				"html":      reply(http.StatusOK, htmlType, html),
				"truncated": reply(http.StatusOK, jsonType, `{"count": 1, "res`),
				"slow":      hang(""),
				"forbidden": reply(http.StatusForbidden, jsonType, `{}`),
				"limited":   reply(http.StatusTooManyRequests, htmlType, html),
				"unknown":   reply(http.StatusNotFound, jsonType, `{}`),
			} {
				mux.HandleFunc("/api/"+path+"/{$}", handler)
			}
			for _, path := range strings.Fields(calls) {
				read(t, api, path)
				endPause(t, api)
			}
			if got := api.Healthy(); got != want {
				t.Errorf("Healthy() after %q = %t, want %t", calls, got, want)
			}
		})
	}
}

// endPause replaces the limiter of api by one without a pause.
func endPause(t *testing.T, api *API) {
	api.limiter.Close()
	api.limiter = ratelimit.New(ratelimit.Options{MinuteLimit: 100, HourLimit: 1000, Timeout: api.timeout})
	t.Cleanup(api.limiter.Close)
}

// read reads the list at path once. For "slow" the timeout is short; for "cancelled" ctx has
// ended.
func read(t *testing.T, api *API, path string) {
	t.Helper()
	timeout := 10 * time.Second
	if path == "slow" {
		timeout = 10 * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(withPriority(t.Context(), ratelimit.PriorityBackground), timeout)
	defer cancel()
	if path == "cancelled" {
		cancel()
	}
	if _, err := getPage[Ref](ctx, api, nil, path); (err == nil) != (path == "good") {
		t.Errorf("getPage(%s) = %v, want an error unless it is good", path, err)
	}
}

// failing is an upstream that can be switched off. It counts calls.
type failing struct {
	down  atomic.Bool
	calls atomic.Int32
}

func (f *failing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.calls.Add(1)
	w.Header().Set("Connection", "close")
	if f.down.Load() {
		reply(http.StatusServiceUnavailable, htmlType, html)(w, r)
		return
	}
	reply(http.StatusOK, jsonType, `[]`)(w, r)
}

// An upstream that is down is probed rarely. One success brings it back.
func TestBreaker_UpstreamDownAndBack(t *testing.T) {
	t.Parallel()
	upstream := &failing{}
	server := httptest.NewServer(upstream)
	t.Cleanup(server.Close)
	synctest.Test(t, func(t *testing.T) {
		api := open(t, Config{Host: server.URL})
		ask := func() error {
			_, err := getPage[Ref](withPriority(t.Context(), ratelimit.PriorityBackground), api, nil, "zonas")
			return err
		}
		upstream.down.Store(true)
		for range 2 * 3600 {
			err := ask()
			e := (*Error)(nil)
			if !errors.As(err, &e) || !errors.Is(err, ErrUnavailable) || e.StatusCode == 0 && (e.RetryAfter < time.Second || e.RetryAfter > openFor) {
				t.Fatalf("getPage() = %v, want %v with a time", err, ErrUnavailable)
			}
			time.Sleep(time.Second)
		}
		if api.Healthy() {
			t.Error("Healthy() = true after two hours without an answer, want false")
		}
		if got, most := upstream.calls.Load(), int32(openAfter+2*3600/int(openFor/time.Second)); got > most {
			t.Errorf("%d calls sent in two hours, want at most %d", got, most)
		}
		upstream.down.Store(false)
		time.Sleep(openFor)
		for range 10 {
			if err := ask(); err != nil {
				t.Errorf("getPage() of an upstream that is back = %v, want no error", err)
			}
		}
		if !api.Healthy() {
			t.Error("Healthy() of an upstream that is back = false, want true")
		}
	})
}

// While one call probes, no other is sent. A probe that fails opens the breaker again.
func TestBreaker_ProbesWithOneCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker()
		allow := func() func(error) {
			t.Helper()
			report, err := b.allow(anyCall)
			if err != nil {
				t.Fatalf("allow() = %v, want no error", err)
			}
			return report
		}
		refuse := func() {
			t.Helper()
			if _, err := b.allow(anyCall); !errors.Is(err, ErrUnavailable) {
				t.Errorf("allow() = %v, want %v", err, ErrUnavailable)
			}
		}
		for range openAfter {
			allow()(&Error{kind: ErrTimeout})
		}
		refuse()
		time.Sleep(openFor + 1)
		probe := allow()
		refuse()
		probe(&Error{kind: ErrTimeout})
		refuse()
		time.Sleep(openFor + 1)
		allow()(&Error{kind: ErrBudget}) // it was not sent, so the next call may probe
		allow()(nil)
		allow()
		allow()
	})
}

// On the worst day measured, one call in six failed. Here two in six fail.
func TestBreaker_StaysClosedOnABadDay(t *testing.T) {
	t.Parallel()
	b := newBreaker()
	for i := range 1000 {
		report, err := b.allow(anyCall)
		if err != nil {
			t.Fatalf("allow() of call %d = %v, want no error", i, err)
		}
		if i%6 < 2 {
			report(&Error{kind: ErrTimeout})
		} else {
			report(nil)
		}
	}
}

// One route that always answers 500 does not block the others. Several do.
func TestBreaker_OneRouteOrSeveral(t *testing.T) {
	t.Parallel()
	b := newBreaker()
	tickets, staff, clients := &call{pattern: "tickets/{id}"}, &call{pattern: "staff"}, &call{pattern: "clientes"}
	fail := func(c *call, times int) {
		for range times {
			if report, err := b.allow(c); err == nil {
				report(&Error{kind: ErrUnavailable})
			}
		}
	}
	wantRejected := func(when string, c *call, want bool) {
		t.Helper()
		report, err := b.allow(c)
		if (err != nil) != want {
			t.Errorf("allow(%s) while %s = %v, want rejected %t", c, when, err, want)
		}
		if err == nil {
			report(&Error{kind: ErrBudget})
		}
	}
	fail(tickets, 100)
	wantRejected("one route fails", tickets, true)
	wantRejected("one route fails", clients, false)
	fail(staff, 1)
	wantRejected("two routes fail", clients, true)
	if b.healthy() {
		t.Error("healthy() = true while nothing is sent, want false")
	}
}

// A background call that waits for the budget does not keep a caller from probing the upstream.
func TestBreaker_ProbeDoesNotQueue(t *testing.T) {
	t.Parallel()
	upstream := &failing{}
	server := httptest.NewServer(upstream)
	t.Cleanup(server.Close)
	synctest.Test(t, func(t *testing.T) {
		api := open(t, Config{Host: server.URL, MinuteLimit: 20})
		upstream.down.Store(true)
		for api.breaker.check(anyCall) == nil {
			_, _ = getPage[Ref](withPriority(t.Context(), ratelimit.PriorityBackground), api, nil, "clientes")
		}
		upstream.down.Store(false)
		time.Sleep(openFor + time.Second)
		for range 16 - openAfter {
			permit, err := api.limiter.Take(withPriority(t.Context(), ratelimit.PriorityBackground))
			if err != nil {
				t.Fatalf("Take() = %v, want a permit", err)
			}
			permit.Release()
		}
		ended := make(chan error)
		go func() {
			_, err := getPage[Ref](withPriority(t.Context(), ratelimit.PriorityBackground), api, nil, "clientes")
			ended <- err
		}()
		synctest.Wait()
		if _, err := getPage[Ref](t.Context(), api, nil, "clientes"); err != nil {
			t.Errorf("getPage() while a background call waits = %v, want no error", err)
		}
		if err := <-ended; err != nil {
			t.Errorf("getPage() in the background = %v, want no error", err)
		}
	})
}
