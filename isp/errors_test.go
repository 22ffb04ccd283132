package isp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/ratelimit"
)

func wantErrorIs(tb testing.TB, what string, err, want error) {
	tb.Helper()
	if !errors.Is(err, want) {
		tb.Errorf("%s = error %v, want %v", what, err, want)
	}
}

// wantInputError fails the test unless err is an InputError of the field at the path.
func wantInputError(tb testing.TB, what string, err error, path ...string) {
	tb.Helper()
	input := (*InputError)(nil)
	if !errors.As(err, &input) || !slices.Equal(input.Field, path) || input.Message == "" {
		tb.Errorf("%s = error %v, want an InputError of %v", what, err, path)
	}
}

func TestFetchError_HasOneReason(t *testing.T) {
	t.Parallel()
	sentinels := []error{ErrUpstreamUnavailable, ErrUpstreamTimeout, ErrUpstreamRateLimited}
	tests := []struct {
		cause error
		want  error
	}{
		{wisphub.ErrForbidden, ErrUpstreamUnavailable},
		{wisphub.ErrUnavailable, ErrUpstreamUnavailable},
		{wisphub.ErrInvalidResponse, ErrUpstreamUnavailable},
		{wisphub.ErrRefused, ErrUpstreamUnavailable},
		{wisphub.ErrNotFound, ErrUpstreamUnavailable},
		{wisphub.ErrTimeout, ErrUpstreamTimeout},
		{wisphub.ErrRateLimited, ErrUpstreamRateLimited},
		{context.DeadlineExceeded, ErrUpstreamTimeout},
		{context.Canceled, ErrUpstreamUnavailable},
		{cache.ErrClosed, ErrUpstreamUnavailable},
		{wisphub.ErrListChanged, ErrUpstreamUnavailable},
		{errFilterIgnored, ErrUpstreamUnavailable},
		{fetchError("client", wisphub.ErrTimeout), ErrUpstreamTimeout},
		{fetchError("client", wisphub.ErrRateLimited), ErrUpstreamRateLimited},
	}
	for _, test := range tests {
		err := fetchError("zone", fmt.Errorf("reading: %w", test.cause))
		for _, sentinel := range sentinels {
			if got := errors.Is(err, sentinel); got != (sentinel == test.want) {
				t.Errorf("errors.Is(fetchError(%v), %v) = %t, want only %v", test.cause, sentinel, got, test.want)
			}
		}
		wantErrorIs(t, "fetchError", err, test.cause)
		if fetch := (*FetchError)(nil); !errors.As(err, &fetch) || fetch.Noun != "zone" {
			t.Errorf("fetchError(%v) = %v, want a FetchError of zone", test.cause, err)
		}
	}
}

func TestFetchError_KeepsNilAndFetchError(t *testing.T) {
	t.Parallel()
	if err := fetchError("client", nil); err != nil {
		t.Errorf("fetchError(nil) = %v, want nil", err)
	}
	once := fetchError("client", wisphub.ErrTimeout)
	if twice := fetchError("client", once); twice != once {
		t.Errorf("fetchError(%v) = %v, want the same error", once, twice)
	}
}

func TestFetchError_RetryAfter(t *testing.T) {
	t.Parallel()
	address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "17")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	provider, _ := connect(t, address)
	_, err := provider.Staff.List(t.Context())
	wantErrorIs(t, "Staff.List()", err, ErrUpstreamRateLimited)
	if fetch := (*FetchError)(nil); !errors.As(err, &fetch) || fetch.RetryAfter != 17*time.Second || fetch.Noun != "staff" {
		t.Errorf("Staff.List() = %v, want a FetchError of staff with RetryAfter 17s", err)
	}
}

func TestInputError_NamesField(t *testing.T) {
	t.Parallel()
	if got, want := invalid("is wrong", "filter", "cutOffFrom").Error(), "filter.cutOffFrom: is wrong"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}

// A failed load of the list is remembered. Its retryAfter says what is left, not the first figure.
func Test14_5_RememberedFailureCountsDown(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.Header().Set("Retry-After", "240")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		left := func() time.Duration {
			_, err := provider.Clients.List(t.Context(), ClientQuery{})
			fetch := (*FetchError)(nil)
			if !errors.As(err, &fetch) || !errors.Is(err, ErrUpstreamRateLimited) {
				t.Fatalf("List() = %v, want a FetchError of a rate limit", err)
			}
			return fetch.RetryAfter
		}
		first := left()
		sent := calls.Load()
		time.Sleep(failureTTL - time.Second)
		if got, want := left(), first-(failureTTL-time.Second); got != want {
			t.Errorf("RetryAfter = %v after %v, want %v", got, failureTTL-time.Second, want)
		}
		if got := calls.Load(); got != sent {
			t.Errorf("%d calls, want the failure to be remembered after %d", got, sent)
		}
	})
}

// A cache that loads from another one keeps the error of the other. Its age goes with it.
func Test14_5_ErrorOfAnotherCacheCountsDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api, err := wisphub.New(wisphub.Config{Host: "http://127.0.0.1:1", Key: "k", MinuteLimit: 1, HourLimit: 1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(api.Close)
		api.Restore([]ratelimit.Call{{ID: "one", At: time.Now()}})
		_, refused := api.Plans.List(t.Context())
		nested := rememberFor(wisphub.RetryAfter(refused), fetchError("plan", refused))
		time.Sleep(30 * time.Second)
		err = fetchError("plan", nested)
		if fetch := (*FetchError)(nil); !errors.As(err, &fetch) || fetch.RetryAfter != wisphub.RetryAfter(refused) || !errors.Is(err, ErrRateLimited) {
			t.Errorf("fetchError() = %v, want RetryAfter %v", err, wisphub.RetryAfter(refused))
		}
		remembered := cache.Remembered(nil)
		if want := ratelimit.HourWindow - 30*time.Second; !errors.As(err, &remembered) || remembered.RememberFor() != want {
			t.Errorf("%v is remembered for another %v, want %v", err, remembered.RememberFor(), want)
		}
	})
}
