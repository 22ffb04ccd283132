package isp

import (
	"errors"
	"net/http"
	"testing"
)

// An answer that lacks what it should carry does not mean that the client does not exist.
func Test13_2_LookUpWithoutRowsIsUnknown(t *testing.T) {
	t.Parallel()
	for body, wantErr := range map[string]bool{
		`{"count":0,"results":[]}`:                          false,
		`[]`:                                                false,
		`{"count":1,"results":[]}`:                          true,
		`{"count":null,"results":[]}`:                       true,
		`{"count":1,"results":[null]}`:                      true,
		`{"count":1,"results":["x"]}`:                       true,
		`{"count":1,"results":[{"nombre":"Ana"}]}`:          true,
		`{"count":1,"results":[{"id_servicio":"ninguno"}]}`: true,
	} {
		provider, _ := connect(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			respondJSON(body).ServeHTTP(w, r)
		})))
		client, err := provider.Clients.Get(t.Context(), 26)
		if client != nil || (err != nil) != wantErr || wantErr && !errors.Is(err, ErrUpstreamUnavailable) {
			t.Errorf("Get(26) after %s = %v, %v, want an error: %t", body, client, err, wantErr)
		}
	}
}
