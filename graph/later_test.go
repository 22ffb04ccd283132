package graph_test

import (
	"net/http"
	"testing"
)

const later = "This version does not serve this field yet."

func TestOperationsOfLaterVersions(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		`mutation{logout}`:                  `null`,
		`mutation{renewToken{accessToken}}`: `null`,
	}
	f := newFace(t, faceConfig{})
	for document, want := range tests {
		a := f.ask(t, document)
		wantError(t, document, a, "INTERNAL", later)
		if wantJSON(t, document, string(a.Data), want); a.status != http.StatusOK {
			t.Errorf("%s = %d, want 200", document, a.status)
		}
	}
	if log := f.log.String(); log != "" {
		t.Errorf("log = %s, want nothing: nobody can mend it", log)
	}
}
