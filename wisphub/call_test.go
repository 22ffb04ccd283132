package wisphub

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/ratelimit"
)

var anyCall = &call{method: http.MethodGet, pattern: "clientes"}

// withPriority returns a context whose calls have a fixed priority.
func withPriority(ctx context.Context, priority ratelimit.Priority) context.Context {
	return ratelimit.WithPriority(ctx, func() ratelimit.Priority { return priority })
}

// WispHub counts calls that fail, too.
func TestUsage_CountsFailures(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/", reply(http.StatusForbidden, jsonType, `{}`))
	for range 3 {
		if err := privateList(t, api); err == nil {
			t.Error("Clients.List = nil, want an error")
		}
	}
	if got := api.Usage(); got.LastMinute != 3 || got.LastHour != 3 {
		t.Errorf("Usage() = %+v, want 3 calls", got)
	}
}

func TestPauseIfAsked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		want time.Duration
	}{
		"429":                {&Error{StatusCode: 429, kind: ErrRateLimited, RetryAfter: 20 * time.Second}, 20 * time.Second},
		"429 without a time": {&Error{StatusCode: 429, kind: ErrRateLimited}, 15 * time.Second},
		"503 with a time":    {&Error{StatusCode: 503, kind: ErrUnavailable, RetryAfter: 7 * time.Second}, 7 * time.Second},
		"503":                {&Error{StatusCode: 503, kind: ErrUnavailable}, 0},
		"not sent":           {&Error{kind: ErrUnavailable, RetryAfter: time.Minute}, 0},
		"404":                {&Error{StatusCode: 404, kind: ErrNotFound}, 0},
		"no error":           {nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := open(t, Config{Host: "http://127.0.0.1:1"})
				api.pauseIfAsked(anyCall, test.err)
				began := time.Now()
				permit, err := api.take(t.Context(), anyCall)
				if err != nil {
					t.Fatalf("take() = %v, want a permit", err)
				}
				permit.Release()
				if got := time.Since(began); got != test.want {
					t.Errorf("the next call waited %v, want %v", got, test.want)
				}
			})
		})
	}
}

// The error of a call that was not sent says whose limit it is.
func TestTake_ErrorKinds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		paused, spent := open(t, Config{Host: "http://127.0.0.1:1"}), open(t, Config{Host: "http://127.0.0.1:1", MinuteLimit: 1})
		paused.limiter.Pause(time.Minute)
		spent.Restore([]ratelimit.Call{{ID: "one", At: time.Now()}})
		for api, want := range map[*API]error{paused: ErrRateLimited, spent: ErrBudget} {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			_, err := api.take(ctx, anyCall)
			cancel()
			if e := (*Error)(nil); !errors.As(err, &e) || !errors.Is(err, want) || e.RetryAfter < time.Minute || e.Call != "GET clientes" {
				t.Errorf("take() = %v, want %v with a time", err, want)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := spent.take(ctx, anyCall); !errors.Is(err, context.Canceled) || !errors.Is(err, ErrUnavailable) {
			t.Errorf("take() with an ended context = %v, want %v", err, context.Canceled)
		}
	})
}
