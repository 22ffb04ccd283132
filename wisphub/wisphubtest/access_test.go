package wisphubtest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Test14_8_KeysAndCompany expects a server to accept the keys that were set, and all its usernames to end
// in its company.
func Test14_8_KeysAndCompany(t *testing.T) {
	t.Parallel()
	s := New(Config{Clients: 50, Company: "otra-isp"})
	t.Cleanup(s.Close)
	get := func(key, path string) (int, string) {
		request := httptest.NewRequest(http.MethodGet, "http://api.wisphub.net"+path, nil)
		request.Header.Set("Authorization", "Api-Key "+key)
		answer := httptest.NewRecorder()
		s.ServeHTTP(answer, request)
		return answer.Code, answer.Body.String()
	}
	for _, path := range []string{"/api/clientes/", "/api/staff/"} {
		status, body := get(Key, path)
		if status != http.StatusOK || !strings.Contains(body, `@otra-isp"`) || strings.Contains(body, `@demo-isp"`) {
			t.Errorf("GET %s = %d %s, want usernames of otra-isp only", path, status, body)
		}
	}
	s.SetKeys("second", "third")
	for key, want := range map[string]int{Key: http.StatusForbidden, "second": http.StatusOK, "third": http.StatusOK} {
		if status, _ := get(key, "/api/zonas/"); status != want {
			t.Errorf("GET with the key %s = %d, want %d", key, status, want)
		}
	}
}
