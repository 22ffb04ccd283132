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
		`ticket(ticketId:5){subject}`,
		`tickets(filter:{status:NEW}){totalCount}`,
		`ticketSubjects{name}`,
		`task(taskId:"x"){status}`,
		`node(id:"ticket:5"){id}`,
		`node(id:"task:00000000-0000-4000-8000-000000000001"){id}`,
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

func TestFieldsOfLaterVersionsInRows(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		`{clients{nodes{serviceId tickets(first:3){id} plan{name}}}}`:  `{"clients":{"nodes":[{"serviceId":26,"tickets":null,"plan":{"name":"Plan 50 Fibra"}}]}}`,
		`{clients{nodes{serviceId account{owed}}}}`:                    `{"clients":{"nodes":[{"serviceId":26,"account":null}]}}`,
		`{clients{nodes{serviceId otherServices{id}}}}`:                `{"clients":{"nodes":[{"serviceId":26,"otherServices":null}]}}`,
		`{clients{nodes{plan{name clientCount}}}}`:                     `{"clients":{"nodes":[{"plan":{"name":"Plan 50 Fibra","clientCount":null}}]}}`,
		`{clients{nodes{zone{name ticketQuota{blocked}}}}}`:            `{"clients":{"nodes":[{"zone":{"name":"Marinilla","ticketQuota":null}}]}}`,
		`mutation{pingClient(serviceId:26){task{id}} __typename}`:      `{"pingClient":null,"__typename":"Mutation"}`,
		`mutation{suspendClients(serviceIds:[26]){userErrors{field}}}`: `{"suspendClients":null}`,
		`mutation{refresh(resource:PLANS){version}}`:                   `{"refresh":null}`,
		`mutation{logout}`:                          `null`,
		`mutation{renewToken{accessToken}}`:         `null`,
		`subscription{taskUpdated(taskId:"x"){id}}`: `null`,
	}
	f := newFace(t, faceConfig{})
	f.keep(fullRow)
	for document, want := range tests {
		a := f.ask(t, document)
		wantError(t, document, a, "INTERNAL", later)
		if wantJSON(t, document, string(a.Data), want); a.status != http.StatusOK {
			t.Errorf("%s = %d, want 200", document, a.status)
		}
	}
}
