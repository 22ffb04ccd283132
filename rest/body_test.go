package rest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A body is either decoded or refused with complete errors.
func FuzzReadBody(f *testing.F) {
	for _, seed := range []string{
		`{"service_id":26,"subject":"x","description":"y"}`, `{"service_id":"26","technician_id":null}`, `{}`, `null`, `[]`, `{"a":`, "\xff",
		`{"service_id":1e3}`, `{"service_id":"1\"}`, `{"balance":"1e99999"}`, `{"service_id":99999999999999999999}`, `{"subject":{}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(content))
		request.Header.Set("Content-Type", "application/json; charset=utf-8")
		body, errs := readBody[ticketBody](httptest.NewRecorder(), request)
		if len(errs) == 0 && body.ServiceID == 0 && !strings.Contains(content, "0") {
			t.Errorf("readBody(%q) = %+v, want an error", content, body)
		}
		for _, err := range errs {
			if err.field == "" || err.reason == "" {
				t.Errorf("readBody(%q) = error %+v, want a field and a reason", content, err)
			}
		}
		request = httptest.NewRequest(http.MethodPut, "/", strings.NewReader(content))
		request.Header.Set("Content-Type", "application/json")
		update, errs := readBody[clientUpdateBody](httptest.NewRecorder(), request)
		if len(errs) == 0 && update.Balance != nil && update.Balance.IsZero() {
			t.Errorf("readBody(%q) = a balance without an amount, want nil or an amount", content)
		}
	})
}

func TestReadBody_Invalid(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ contentType, body, field string }{
		"a form":      {"application/x-www-form-urlencoded", "service_id=26", "Content-Type"},
		"no type":     {"", "{}", "Content-Type"},
		"too long":    {"application/json", `{"x":"` + strings.Repeat("x", maxBody) + `"}`, fieldBody},
		"not UTF-8":   {"application/json", "{\"subject\":\"\xff\"}", fieldBody},
		"two objects": {"application/json", `{}{}`, fieldBody},
		"nothing":     {"application/json", "", fieldBody},
	} {
		request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(test.body))
		request.Header.Set("Content-Type", test.contentType)
		if _, errs := readBody[pingBody](httptest.NewRecorder(), request); len(errs) != 1 || errs[0].field != test.field {
			t.Errorf("readBody(%s) = errors %v, want one about %s", name, errs, test.field)
		}
	}
}
