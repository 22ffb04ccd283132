package wisphub

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
)

// Cloudflare says with some statuses that WispHub was never reached. With others it does not know.
func Test13_8_OriginNotReached(t *testing.T) {
	t.Parallel()
	for status, unknown := range map[int]bool{
		521: false, 523: false, 525: false, 526: false, 530: false,
		520: true, 522: true, 524: true, 527: true, 500: true, 502: true, 503: true, 504: true,
	} {
		for _, contentType := range []string{htmlType, jsonType, ""} {
			t.Run(fmt.Sprint(status, contentType), func(t *testing.T) {
				t.Parallel()
				api, mux := setup(t)
				mux.HandleFunc("/", reply(status, contentType, html))
				checkOutcome(t, createTicket(t.Context(), api), ErrUnavailable, unknown)
				checkOutcome(t, ping(t.Context(), api), ErrUnavailable, unknown)
			})
		}
	}
}

// A page of another server says nothing about the key, and names the likely fault.
func Test13_8_PageIsNoRefusedKey(t *testing.T) {
	t.Parallel()
	for _, contentType := range []string{htmlType, jsonType, "text/plain", "", "application/xhtml+xml"} {
		for status, want := range map[int]error{
			200: ErrInvalidResponse, 401: ErrInvalidResponse, 403: ErrInvalidResponse, 404: ErrInvalidResponse, 503: ErrUnavailable,
		} {
			t.Run(fmt.Sprint(status, contentType), func(t *testing.T) {
				t.Parallel()
				var refused atomic.Int32
				handler := reply(status, contentType, "\n"+html)
				api := open(t, Config{Host: serve(t, handler), OnForbidden: func() { refused.Add(1) }})
				_, read := api.Clients.List(t.Context(), ClientListOptions{})
				for _, err := range []error{read, createTicket(t.Context(), api)} {
					if !errors.Is(err, want) || errors.Is(err, ErrForbidden) || !strings.Contains(fmt.Sprint(err), htmlText) {
						t.Errorf("a page with status %d = %v, want %v that says %q", status, err, want, htmlText)
					}
				}
				if refused.Load() != 0 {
					t.Errorf("OnForbidden was called %d times, want none", refused.Load())
				}
			})
		}
	}
}

// A text that is neither JSON nor HTML comes from a proxy. An empty refusal may be WispHub's.
func Test13_8_RefusedKeyIsJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		contentType, body string
		want              error
	}{
		{jsonType, `{"detail": "Usted no tiene permiso para realizar esta acción."}`, ErrForbidden},
		{"", "", ErrForbidden},
		{"text/plain", "error code: 1020", ErrInvalidResponse},
	} {
		refused := 0
		api := open(t, Config{Host: serve(t, reply(403, test.contentType, test.body)), OnForbidden: func() { refused++ }})
		_, err := api.Clients.List(t.Context(), ClientListOptions{})
		if !errors.Is(err, test.want) || (refused > 0) != (test.want == ErrForbidden) {
			t.Errorf("403 with %q = %v and %d refusals, want %v", test.body, err, refused, test.want)
		}
	}
}
