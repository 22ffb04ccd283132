package wisphub

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

func TestUsageWindows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := open(t, Config{Host: "http://127.0.0.1:1", MinuteLimit: 10, HourLimit: 20})
		check := func(when string, minute, hour int) {
			t.Helper()
			if got, want := api.Usage(), (Usage{minute, hour, 10, 20}); got != want {
				t.Errorf("%s: Usage() = %+v, want %+v", when, got, want)
			}
		}
		check("at first", 0, 0)
		api.usage.add()
		api.usage.add()
		check("after two calls", 2, 2)
		time.Sleep(time.Minute - 1)
		check("just under a minute later", 2, 2)
		api.usage.add()
		time.Sleep(time.Nanosecond)
		check("a minute later", 1, 3)
		time.Sleep(time.Hour - time.Minute - 1)
		check("just under an hour later", 0, 3)
		time.Sleep(time.Nanosecond)
		check("an hour later", 0, 1)
		time.Sleep(24 * time.Hour)
		api.usage.add()
		if len(api.usage.sent) != 1 {
			t.Errorf("%d calls are remembered after a day, want the last one", len(api.usage.sent))
		}
		check("a day later", 1, 1)
	})
}

// TestUsageModel makes calls at any pace, and compares the windows with a list of all calls ever, counted one by one.
func TestUsageModel(t *testing.T) {
	t.Parallel()
	pace := rapid.SampledFrom([]time.Duration{0, 1, time.Second, 20 * time.Second, time.Minute - 1, time.Minute, 20 * time.Minute, time.Hour})
	rapid.Check(t, func(rt *rapid.T) {
		pauses := rapid.SliceOfN(pace, 1, 60).Draw(rt, "pauses")
		var wrong error
		synctest.Test(t, func(*testing.T) { wrong = playUsage(pauses) }) // no rt in the bubble: its Fatal panics
		if wrong != nil {
			rt.Fatal(wrong)
		}
	})
}

// playUsage makes a call, and looks, before and after each pause.
func playUsage(pauses []time.Duration) error {
	var windows usage
	var sent []time.Time
	since := func(window time.Duration) (count int) {
		for _, at := range sent {
			if time.Since(at) < window {
				count++
			}
		}
		return count
	}
	for i, pause := range pauses {
		windows.add()
		sent = append(sent, time.Now())
		time.Sleep(pause)
		minute, hour := windows.counts()
		if wantMinute, wantHour := since(time.Minute), since(time.Hour); minute != wantMinute || hour != wantHour {
			return fmt.Errorf("counts after %v = %d, %d, want %d, %d", pauses[:i+1], minute, hour, wantMinute, wantHour)
		}
	}
	return nil
}

// Calls count whatever becomes of them: WispHub counts them too.
func TestUsageCountsFailures(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/", reply(http.StatusForbidden, htmlType, html))
	for range 3 {
		if err := privateList(t, api); err == nil {
			t.Error("Clients.List = nil, want an error")
		}
	}
	if got := api.Usage(); got.LastMinute != 3 || got.LastHour != 3 {
		t.Errorf("Usage() = %+v, want 3 calls", got)
	}
}

func TestHealthy(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	for path, handler := range map[string]http.HandlerFunc{
		"good":      reply(http.StatusOK, jsonType, `[]`),
		"down":      reply(http.StatusBadGateway, htmlType, html),
		"html":      reply(http.StatusOK, htmlType, html),
		"truncated": reply(http.StatusOK, jsonType, `{"count": 1, "res`),
		"slow":      hang(""),
		"forbidden": reply(http.StatusForbidden, htmlType, html),
		"limited":   reply(http.StatusTooManyRequests, htmlType, html),
		"unknown":   reply(http.StatusNotFound, jsonType, `{}`),
	} {
		mux.HandleFunc("/api/"+path+"/{$}", handler)
	}
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
		"down down limited down":        true,
		"down down unknown down":        true,
		"down down cancelled":           true,
		"down down cancelled down":      false,
		"down down down cancelled":      false,
	} {
		api.usage.answered(nil)
		for _, path := range strings.Fields(calls) {
			read(t, api, path)
		}
		if got := api.Healthy(); got != want {
			t.Errorf("Healthy() after %q = %t, want %t", calls, got, want)
		}
	}
}

// read reads the list at path. The one that is slow has little time, the one that is cancelled none.
func read(t *testing.T, api *API, path string) {
	t.Helper()
	patience := 10 * time.Second
	if path == "slow" {
		patience = 10 * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if path == "cancelled" {
		cancel()
	}
	if _, err := list[Ref](ctx, api, nil, path); (err == nil) != (path == "good") {
		t.Errorf("list of %s = %v", path, err)
	}
}
