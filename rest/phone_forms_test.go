package rest

import "testing"

// A bot asks for the number in the form in which WhatsApp has it.
func Test13_12_ByPhoneTakesEveryForm(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, nil)
	for _, form := range []string{"3000000001", "+573000000001", "573000000001:12@s.whatsapp.net", "0057%203000000001", "03000000001", "300%20000%200001%20ext%202"} {
		if got, want := s.call(t, "ben", "GET", "/api/v1/clients/by-phone/"+form, "").body, envelopeJSON("success", "CLIENT_FOUND", anaJSON, ""); got != want {
			t.Errorf("by-phone/%s = %s, want %s", form, got, want)
		}
	}
	for _, form := range []string{"3000000001,3000000002", "00001", "x", "13000000001"} {
		if got, want := s.call(t, "ben", "GET", "/api/v1/clients/by-phone/"+form, "").body, envelopeJSON("info", "CLIENT_NOT_FOUND", "", ""); got != want {
			t.Errorf("by-phone/%s = %s, want %s", form, got, want)
		}
	}
}
