package wisphub

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// privateList makes a call whose query holds values that no error may contain.
func privateList(t *testing.T, api *API) error {
	t.Helper()
	_, err := api.Clients.List(t.Context(), ClientListOptions{Document: secretDocument, PhoneContains: secretPhone})
	return err
}

func TestError_Refusals(t *testing.T) {
	t.Parallel()
	const forbidden = `{"detail": "Usted no tiene permiso para realizar esta acción."}`
	for _, test := range []struct {
		status            int
		contentType, body string
		want              error
		detail            string
	}{
		{400, jsonType, `{"cliente": ["Este campo es requerido."]}`, ErrRefused, "text withheld, keys: cliente"},
		{400, jsonType, `{"error": "Rango de fechas"}`, ErrRefused, "text withheld, keys: error"},
		{400, jsonType, `{"errors": ["Una", "Otra"]}`, ErrRefused, "text withheld, keys: errors"},
		{400, jsonType, `["Una"]`, ErrRefused, ""},
		{400, jsonType, `{"cliente": ["Este`, ErrRefused, ""},
		{400, htmlType, html, ErrRefused, htmlText},
		{401, jsonType, forbidden, ErrForbidden, "Usted no tiene permiso para realizar esta acción."},
		{403, jsonType, forbidden, ErrForbidden, "Usted no tiene permiso para realizar esta acción."},
		{403, "application/json; charset=utf-8", forbidden, ErrForbidden, "Usted no tiene permiso para realizar esta acción."},
		{403, jsonType, `{"detail": "canary"}`, ErrForbidden, "text withheld, keys: detail"},
		{403, jsonType, `{"detail": "No encontrado. canary"}`, ErrForbidden, "text withheld, keys: detail"},
		{403, jsonType, `{"detail": "No encontrado.", "zona": "canary", "Canary 1": 1}`, ErrForbidden, "text withheld, keys: detail, zona"},
		{403, htmlType, html, ErrInvalidResponse, htmlText},
		{404, jsonType, `{"detail": "No encontrado."}`, ErrNotFound, "No encontrado."},
		{404, htmlType, html, ErrInvalidResponse, htmlText},
		{404, "", "", ErrInvalidResponse, "no body"},
		{405, jsonType, `{"detail": "Método \"GET\" no permitido."}`, ErrRefused, `Método "GET" no permitido.`},
		{415, "", "", ErrRefused, "no body"},
		{422, jsonType, `{"errors": ["Ya pagada"]}`, ErrRefused, "text withheld, keys: errors"},
		{429, htmlType, html, ErrRateLimited, htmlText},
		{500, htmlType, html, ErrUnavailable, "an HTML page"},
		{502, htmlType, html, ErrUnavailable, htmlText},
		{503, htmlType, html, ErrUnavailable, htmlText},
		{504, "", "", ErrUnavailable, "no body"},
		{200, htmlType, html, ErrInvalidResponse, htmlText},
		{200, "text/plain", `[]`, ErrInvalidResponse, "answer is not JSON but text/plain"},
		{204, "", "", ErrInvalidResponse, "answer is not JSON but of no type"},
		{200, "text/canary", `[]`, ErrInvalidResponse, "answer is not JSON but of another type"},
		{304, "", "", ErrInvalidResponse, "no body"},
	} {
		t.Run(http.StatusText(test.status), func(t *testing.T) {
			t.Parallel()
			api, mux := setup(t)
			mux.HandleFunc("/api/clientes/{$}", reply(test.status, test.contentType, test.body))
			err := privateList(t, api)
			checkError(t, err, test.want, test.status)
			if refusal := err.(*Error); refusal.Detail != test.detail || refusal.Call != "GET clientes" || refusal.RetryAfter != 0 {
				t.Errorf("Clients.List = %+v, want the detail %q", refusal, test.detail)
			}
		})
	}
}

func TestError_Text(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/api/clientes/26/saldo/{$}", reply(http.StatusNotFound, jsonType, `{"detail": "No encontrado."}`))
	_, err := api.Clients.Account(t.Context(), 26)
	want := "wisphub: GET clientes/26/saldo: not found (status 404): No encontrado."
	if err == nil || err.Error() != want {
		t.Errorf("Clients.Account = %v, want %q", err, want)
	}
}

func TestDetail_IsShort(t *testing.T) {
	t.Parallel()
	body := []byte("{")
	for n := range 100 {
		body = fmt.Appendf(body, `"campo_%c%c": 1,`, 'a'+n%26, 'a'+n/26)
	}
	if got := []rune(detail(append(body, `"z": 1}`...))); len(got) != maxDetail+1 || got[maxDetail] != '…' {
		t.Errorf("detail(a long body) = %q, want %d characters and …", string(got), maxDetail)
	}
	exact := strings.Repeat("ñ", maxDetail)
	if got := shorten(exact); got != exact {
		t.Errorf("shorten(%d characters) = %q, want them all", maxDetail, got)
	}
}

// The bubble's clock starts at midnight UTC of 1 January 2000.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for header, want := range map[string]time.Duration{
			"":                              0,
			"0":                             0,
			"120":                           2 * time.Minute,
			"3600":                          time.Hour,
			"3601":                          time.Hour,
			"9223372036854775807":           time.Hour,
			"99999999999999999999":          time.Hour,
			"-5":                            0,
			"-99999999999999999999":         0,
			"1.5":                           0,
			"soon":                          0,
			"Sat, 01 Jan 2000 00:00:30 GMT": 30 * time.Second,
			"Fri, 31 Dec 1999 23:59:30 GMT": 0,
			"Sat, 01 Jan 2000 02:00:00 GMT": time.Hour,
			"Fri, 31 Dec 9999 23:59:59 GMT": time.Hour,
			"01/01/2000 00:00:30":           0,
		} {
			if got := retryAfter(header); got != want {
				t.Errorf("retryAfter(%q) = %v, want %v", header, got, want)
			}
		}
	})
}

func TestError_RetryAfter(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]time.Duration{429: time.Minute, 503: time.Minute, 403: 0, 400: 0} {
		api, mux := setup(t)
		mux.HandleFunc("/api/clientes/{$}", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "60")
			reply(status, htmlType, html)(w, r)
		})
		if refusal, ok := privateList(t, api).(*Error); !ok || refusal.RetryAfter != want {
			t.Errorf("Clients.List with status %d = %+v, want RetryAfter %v", status, refusal, want)
		}
	}
}
