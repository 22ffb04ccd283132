package rest

import (
	"strings"
	"testing"
)

// Resolve and verify read a name word by word and a price as people write it. A balance is money
// that is written, so it is read strictly.
func Test13_15_ClaimsAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, nil)
	for _, price := range []string{`"65000"`, `"65.000"`, `"65,000"`, `"65.000,00"`, `"65,000.00"`, `65000`} {
		body := `{"name":"pérez ana","address":"chapa","internet_plan_price":` + price + `}`
		if got, want := s.call(t, "ana", "POST", "/api/v1/clients/resolve", body).body, envelopeJSON("success", "CLIENT_VERIFIED", anaJSON, ""); got != want {
			t.Errorf("resolve %s = %s, want %s", body, got, want)
		}
		want := envelopeJSON("success", "CLIENT_VERIFIED", `{"is_valid":true,"matched_fields":["name","address","internet_plan_price"]}`, "")
		if got := s.call(t, "ana", "POST", "/api/v1/clients/26/verify", body).body; got != want {
			t.Errorf("verify %s = %s, want %s", body, got, want)
		}
	}
	for _, balance := range []string{`"65,000"`, `"65.000,00"`, `"65,000.00"`} {
		got := s.call(t, "ana", "PUT", "/api/v1/clients/30", `{"balance":`+balance+`}`)
		if got.status != 422 || !strings.Contains(got.body, "balance: debe ser un número decimal") {
			t.Errorf("PUT balance %s = %d %s, want 422", balance, got.status, got.body)
		}
	}
}
