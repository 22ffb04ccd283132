package wisphub

import (
	"errors"
	"fmt"
	"net/http"
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

// The status says that WispHub was never reached, even when the page after it is cut off.
func Test13_8_OriginNotReachedCutOff(t *testing.T) {
	t.Parallel()
	for status, unknown := range map[int]bool{521: false, 523: false, 525: false, 526: false, 530: false, 502: true, 520: true} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			api, mux := setup(t)
			mux.HandleFunc("/", broken(status, html))
			checkOutcome(t, createTicket(t.Context(), api), ErrUnavailable, unknown)
		})
	}
}

// A firewall that rejects some texts does not stop the writes that it lets through.
func Test13_8_PageIsNoFailure(t *testing.T) {
	t.Parallel()
	for _, status := range []int{401, 403, 404} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			api, mux := setup(t)
			var calls atomic.Int32
			mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
				if calls.Add(1) <= openAfter+1 {
					reply(status, htmlType, html)(w, r)
					return
				}
				reply(201, jsonType, `{"id_ticket": 5}`)(w, r)
			})
			for range openAfter + 1 {
				checkOutcome(t, createTicket(t.Context(), api), ErrInvalidResponse, false)
			}
			if err := createTicket(t.Context(), api); err != nil || !api.Healthy() {
				t.Errorf("Tickets.Create = %v and healthy %t, want no error and true", err, api.Healthy())
			}
		})
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
