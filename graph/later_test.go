package graph_test

import (
	"net/http"
	"testing"
)

const later = "This version does not serve this field yet."

func TestFieldsOfLaterVersions(t *testing.T) {
	t.Parallel()
	fields := []string{
		`identifyClient(claim:{name:"Ana"}){valid}`,
		`verifyClient(serviceId:26,claim:{name:"Ana"}){valid}`,
	}
	f := newFace(t, faceConfig{})
	for _, field := range fields {
		a := f.ask(t, `{later:`+field+` viewer{username}}`)
		wantError(t, field, a, "INTERNAL", later)
		wantJSON(t, field, string(a.Data), `{"later":null,"viewer":{"username":"ana"}}`)
	}
	if log := f.log.String(); log != "" {
		t.Errorf("log = %s, want nothing: nobody can mend it", log)
	}
}

func TestOperationsOfLaterVersions(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		`mutation{pingClient(serviceId:26){task{id}} __typename}`:      `{"pingClient":null,"__typename":"Mutation"}`,
		`mutation{suspendClients(serviceIds:[26]){userErrors{field}}}`: `{"suspendClients":null}`,
		`mutation{logout}`:                          `null`,
		`mutation{renewToken{accessToken}}`:         `null`,
		`subscription{taskUpdated(taskId:"x"){id}}`: `null`,
	}
	f := newFace(t, faceConfig{})
	for document, want := range tests {
		a := f.ask(t, document)
		wantError(t, document, a, "INTERNAL", later)
		if wantJSON(t, document, string(a.Data), want); a.status != http.StatusOK {
			t.Errorf("%s = %d, want 200", document, a.status)
		}
	}
}
