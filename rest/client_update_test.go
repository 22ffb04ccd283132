package rest

import (
	"testing"

	"wisphub-graphql/wisphub/wisphubtest"
)

// A write that WispHub confirms but does not store is a failure.
func TestUpdateClient_NotApplied(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, nil)
	s.upstream.SetFaults(wisphubtest.Faults{EchoOnly: []string{"telefono"}})
	if got, want := s.call(t, "ana", "PUT", "/api/v1/clients/26", `{"phone":"3110000000"}`).body, envelopeJSON("error", "CLIENT_UPDATE_FAILED", "", "WispHub no guardó el cambio (phone)."); got != want {
		t.Errorf("PUT = %s, want %s", got, want)
	}
	s.upstream.SetFaults(wisphubtest.Faults{HangAfterWrite: "/api/clientes/{id}/perfil/"})
	if got, want := s.call(t, "ana", "PUT", "/api/v1/clients/26", `{"phone":"3110000000"}`).body, envelopeJSON("error", "CLIENT_UPDATE_FAILED", "", messageOutcomeUnknown); got != want {
		t.Errorf("PUT that hangs = %s, want %s", got, want)
	}
}
