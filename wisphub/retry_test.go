package wisphub

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"wisphub-graphql/wisphub/ratelimit"
)

// script answers each call with the next handler, and further calls with the last one.
func script(calls *atomic.Int32, handlers ...http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		handlers[min(int(calls.Add(1)), len(handlers))-1](w, r)
	}
}

// A caller's read is tried twice when the upstream fails, and once when it refuses. A background
// read is tried once.
func TestGet_SecondTry(t *testing.T) {
	t.Parallel()
	good := reply(http.StatusOK, jsonType, `[]`)
	down := reply(http.StatusBadGateway, htmlType, html)
	for name, test := range map[string]struct {
		priority ratelimit.Priority
		handlers []http.HandlerFunc
		calls    int32
		want     error
	}{
		"good":                      {ratelimit.PriorityRead, []http.HandlerFunc{good}, 1, nil},
		"hangs, then good":          {ratelimit.PriorityRead, []http.HandlerFunc{hang(""), good}, 2, nil},
		"half an answer, then good": {ratelimit.PriorityRead, []http.HandlerFunc{hang(`[{"id`), good}, 2, nil},
		"down, then good":           {ratelimit.PriorityRead, []http.HandlerFunc{down, good}, 2, nil},
		"HTML, then good":           {ratelimit.PriorityRead, []http.HandlerFunc{reply(200, htmlType, html), good}, 2, nil},
		"always down":               {ratelimit.PriorityRead, []http.HandlerFunc{down}, 2, ErrUnavailable},
		"always hangs":              {ratelimit.PriorityRead, []http.HandlerFunc{hang("")}, 2, ErrTimeout},
		"down, then forbidden":      {ratelimit.PriorityRead, []http.HandlerFunc{down, reply(403, jsonType, `{}`)}, 2, ErrForbidden},
		"forbidden":                 {ratelimit.PriorityRead, []http.HandlerFunc{reply(403, jsonType, `{}`), good}, 1, ErrForbidden},
		"unknown":                   {ratelimit.PriorityRead, []http.HandlerFunc{reply(404, jsonType, `{}`), good}, 1, ErrNotFound},
		"refused":                   {ratelimit.PriorityRead, []http.HandlerFunc{reply(400, jsonType, `{}`), good}, 1, ErrRefused},
		"limited":                   {ratelimit.PriorityRead, []http.HandlerFunc{reply(429, jsonType, `{}`), good}, 1, ErrRateLimited},
		"background, down":          {ratelimit.PriorityBackground, []http.HandlerFunc{down, good}, 1, ErrUnavailable},
		"background, good":          {ratelimit.PriorityBackground, []http.HandlerFunc{good}, 1, nil},
		"background, hangs":         {ratelimit.PriorityBackground, []http.HandlerFunc{hang(""), good}, 1, ErrTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			api := open(t, Config{Host: serve(t, script(&calls, test.handlers...)), Timeout: 4 * time.Second})
			began := time.Now()
			_, err := api.Zones.List(withPriority(t.Context(), test.priority))
			if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
				t.Errorf("Zones.List = %v, want %v", err, test.want)
			}
			if got := calls.Load(); got != test.calls || api.Usage().LastMinute != int(got) {
				t.Errorf("%d calls sent and %d counted, want %d", got, api.Usage().LastMinute, test.calls)
			}
			if took := time.Since(began); took > 6*time.Second {
				t.Errorf("Zones.List took %v, want about 4s at most", took)
			}
		})
	}
}

func TestGet_NoSecondTryWhenTheCallerLeft(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	arrived := make(chan struct{}, 2)
	api := open(t, Config{Host: serve(t, script(&calls, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		hang("")(w, r)
	}))})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	if _, err := api.Zones.List(ctx); !errors.Is(err, context.Canceled) || calls.Load() != 1 {
		t.Errorf("Zones.List = %v after %d calls, want %v after one", err, calls.Load(), context.Canceled)
	}
}
