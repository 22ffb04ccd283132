package rest

import (
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestEnvelopeWriter(t *testing.T) {
	t.Parallel()
	upper, lower := envelopeWriter{}, envelopeWriter{lowerCase: true}
	for _, test := range []struct {
		name   string
		write  func(w http.ResponseWriter)
		status int
		body   string
	}{
		{
			"success with data and meta", func(w http.ResponseWriter) {
				upper.success(w, "CLIENTS_LISTED", []int{1}, map[string]int{"total": 1})
			}, 200,
			`{"ok":true,"type":"success","action":"CLIENTS_LISTED","data":[1],"message":null,"meta":{"total":1}}`,
		},
		{
			"success with an empty list", func(w http.ResponseWriter) { lower.success(w, "CLIENT_NOT_FOUND", []int{}, nil) }, 200,
			`{"ok":true,"type":"success","action":"client_not_found","data":[],"message":null,"meta":null}`,
		},
		{
			"info", func(w http.ResponseWriter) { upper.info(w, "CLIENT_NOT_FOUND", "No se encontró el cliente.", nil) }, 200,
			`{"ok":true,"type":"info","action":"CLIENT_NOT_FOUND","data":null,"message":"No se encontró el cliente.","meta":null}`,
		},
		{
			"info with data", func(w http.ResponseWriter) { lower.info(w, "NO_INTERNET", "", map[string]int{"sent": 4}) }, 200,
			`{"ok":true,"type":"info","action":"no_internet","data":{"sent":4},"message":null,"meta":null}`,
		},
		{
			"expected failure", func(w http.ResponseWriter) { upper.fail(w, 200, "PING_FAILED", "Unable to fetch task data") }, 200,
			`{"ok":false,"type":"error","action":"PING_FAILED","data":null,"message":"Unable to fetch task data","meta":null}`,
		},
		{
			"failure with a status", func(w http.ResponseWriter) { lower.fail(w, 500, actionError, "") }, 500,
			`{"ok":false,"type":"error","action":"error","data":null,"message":null,"meta":null}`,
		},
		{
			"invalid input", func(w http.ResponseWriter) { upper.invalid(w, []fieldError{{"pings", "sobra"}, {"zona", "falta"}}) }, 422,
			`{"ok":false,"type":"error","action":"ERROR","data":null,"message":"Error de validación: pings: sobra; zona: falta","meta":null}`,
		},
		{
			"HTML is not escaped", func(w http.ResponseWriter) { upper.success(w, "OK", "<Niño & Cía>", nil) }, 200,
			`{"ok":true,"type":"success","action":"OK","data":"<Niño & Cía>","message":null,"meta":null}`,
		},
		{
			"detail", func(w http.ResponseWriter) { writeDetail(w, 429, "Too many requests.") }, 429,
			`{"detail":"Too many requests."}`,
		},
	} {
		w := httptest.NewRecorder()
		test.write(w)
		if got := strings.TrimSpace(w.Body.String()); w.Code != test.status || got != test.body {
			t.Errorf("%s: answer = %d %s, want %d %s", test.name, w.Code, got, test.status, test.body)
		}
		if got := w.Header().Get("Content-Type"); got != "application/json; charset=utf-8" {
			t.Errorf("%s: Content-Type = %q, want JSON", test.name, got)
		}
	}
}

func TestEnvelopeWriter_UnencodableValueWritesNothing(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	defer func() {
		if recover() == nil || w.Body.Len() > 0 {
			t.Errorf("success(NaN) wrote %q, want a panic and nothing written", w.Body)
		}
	}()
	envelopeWriter{}.success(w, "OK", math.NaN(), nil)
}

func TestLowerCaseActions(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, func(c *Config) { c.LowerCaseActions = true })
	for path, action := range map[string]string{
		"clients": "clients_listed", "clients/search?q=nadie": "client_not_found", "clients/by-service-id/26": "client_found", "nothing": "error",
		"internet-plans": "internet_plans_listed", "payment-methods": "payment_methods_listed", "tickets/subjects": "ticket_subjects_listed",
	} {
		if got := s.call(t, "ben", "GET", "/api/v1/"+path, ""); !strings.Contains(got.body, `"action":"`+action+`"`) {
			t.Errorf("GET %s = %.200s, want %s", path, got.body, action)
		}
	}
	if got := s.call(t, "ben", "GET", "/api/v1/openapi.json", "").body; strings.Contains(got, `"CLIENT_FOUND"`) || !strings.Contains(got, `"client_found"`) || strings.Contains(got, "ERROR") {
		t.Error("GET openapi.json has actions in upper case, want lower case only")
	}
}
