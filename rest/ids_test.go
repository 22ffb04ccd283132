package rest

import (
	"strings"
	"testing"
)

// Paths and bodies may have ids of any size. Those beyond 32 bits are the ids of nothing, and cost
// no call.
func Test13_11_IDsBeyond32BitsAreNotFound(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"2147483648", "99999999999", "99999999999999999999"} {
		s := newTestServer(t, nil)
		s.upstream.Reset()
		for _, test := range []struct{ method, path, body, want string }{
			{"GET", "/clients/by-service-id/" + id, "", envelopeJSON("info", "CLIENT_NOT_FOUND", "", "")},
			{"POST", "/clients/" + id + "/verify", `{"name":"ana","address":"chapa","internet_plan_name":"x"}`, envelopeJSON("error", "CLIENT_NOT_FOUND", "", "No existe ese cliente.")},
			{"PUT", "/clients/" + id, `{"city":"Bello"}`, envelopeJSON("error", "CLIENT_UPDATE_FAILED", "", "No existe ese cliente.")},
			{"GET", "/internet-plans/" + id, "", envelopeJSON("info", "INTERNET_PLAN_NOT_FOUND", "", "No existe ese plan.")},
			{"POST", "/" + id + "/ping", `{"pings":4}`, envelopeJSON("error", "PING_FAILED", "", "No existe ese cliente.")},
			{"GET", "/ping/a.b", "", envelopeJSON("error", "PING_FAILED", "", "No existe esa prueba de conexión.")},
			{"GET", "/tickets/" + id, "", envelopeJSON("info", "TICKET_NOT_FOUND", "", "No existe ese ticket.")},
			{"GET", "/tickets/zone-blocked/" + id, "", envelopeJSON("success", "TICKET_FOUND", `{"is_blocked":false,"max_tickets":1}`, "")},
		} {
			if got := s.call(t, "ana", test.method, "/api/v1"+test.path, test.body); got.status != 200 || got.body != test.want {
				t.Errorf("%s %s = %d\n%s, want 200\n%s", test.method, test.path, got.status, got.body, test.want)
			}
		}
		got := s.call(t, "ana", "GET", "/api/v1/clients?zone_id="+id, "")
		if got.status != 200 || !strings.Contains(got.body, `"action":"CLIENTS_LISTED","data":[],`) {
			t.Errorf("clients?zone_id=%s = %d %s, want an empty list", id, got.status, got.body)
		}
		if calls := s.upstream.Total(); calls != 0 {
			t.Errorf("ids of nothing cost %d upstream calls, want none: %v", calls, s.upstream.Requests())
		}
	}
}
