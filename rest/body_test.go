package rest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What is no body is said to be none, and what is one is read: never both, and never more than it says.
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
		body, faults := readBody[ticketBody](httptest.NewRecorder(), request)
		if len(faults) == 0 && body.ServiceID == 0 && !strings.Contains(content, "0") {
			t.Errorf("%q was read as %+v", content, body)
		}
		for _, fault := range faults {
			if fault.field == "" || fault.why == "" {
				t.Errorf("%q has the fault %+v", content, fault)
			}
		}
		profile := httptest.NewRequest(http.MethodPut, "/", strings.NewReader(content))
		profile.Header.Set("Content-Type", "application/json")
		if body, faults := readBody[profileBody](httptest.NewRecorder(), profile); len(faults) == 0 && body.Balance != nil && body.Balance.IsZero() {
			t.Errorf("%q has a balance that is none", content)
		}
	})
}

func TestBodiesThatAreNone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ contentType, body, field string }{
		"a form":      {"application/x-www-form-urlencoded", "service_id=26", "Content-Type"},
		"no type":     {"", "{}", "Content-Type"},
		"too long":    {"application/json", `{"x":"` + strings.Repeat("x", maxBody) + `"}`, bodyField},
		"not UTF-8":   {"application/json", "{\"subject\":\"\xff\"}", bodyField},
		"two objects": {"application/json", `{}{}`, bodyField},
		"nothing":     {"application/json", "", bodyField},
	} {
		request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(test.body))
		request.Header.Set("Content-Type", test.contentType)
		if _, faults := readBody[pingBody](httptest.NewRecorder(), request); len(faults) != 1 || faults[0].field != test.field {
			t.Errorf("%s has the faults %v, want one of %s", name, faults, test.field)
		}
	}
}
