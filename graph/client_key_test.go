package graph_test

import (
	"net/http"
	"testing"
)

// family has a customer with three services, one of them cancelled, and other clients.
var family = []row{
	fullRow.with(row{"estado": "Cancelado"}), // 26
	fullRow.with(row{"id_servicio": 27}),
	fullRow.with(row{"id_servicio": 28}),
	fullRow.with(row{"id_servicio": 29, "usuario": "0029_bo@demo-isp", "cedula": "1000000002", "telefono": "3000000002"}),
	bareRow,
}

// The keys are tried with nothing in memory, then with the directory. The results are the same.
func TestClient_EachKey(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		`serviceId:26`:                 `{"serviceId":26}`,
		`serviceId:99`:                 `null`,
		`document:"1000000001"`:        `{"serviceId":27}`, // the active one, then the lowest id
		`document:"1.000.000.001"`:     `{"serviceId":27}`,
		`document:"5"`:                 `null`,
		`phone:"3000000001"`:           `{"serviceId":27}`, // three services of one customer
		`phone:"+57 300 000 0001"`:     `{"serviceId":27}`,
		`phone:"3999999999"`:           `null`,
		`username:"0029_BO@demo-isp"`:  `{"serviceId":29}`,
		`username:"unknown@demo-isp"`:  `null`,
		`username:" 0029_bo@demo-isp"`: `{"serviceId":29}`,
	}
	for key, want := range tests {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fixtureConfig{})
			f.setClients(family...)
			document := `{client(by:{` + key + `}){serviceId}}`
			wantJSON(t, document, f.data(t, document), `{"client":`+want+`}`)
			f.data(t, `{clients{totalCount}}`)
			wantJSON(t, document+" of a directory", f.data(t, document), `{"client":`+want+`}`)
		})
	}
}

// A bot that restarts together with the server does not wait for the whole list.
func TestClient_ColdLookup(t *testing.T) {
	t.Parallel()
	for _, key := range []string{`serviceId:27`, `document:"1000000001"`, `phone:"3000000002"`, `username:"0029_bo@demo-isp"`} {
		f := newFixture(t, fixtureConfig{})
		f.setClients(family[3].with(row{"cedula": "1000000001"}), family[1].with(row{"telefono": ""}))
		f.data(t, `{client(by:{`+key+`}){serviceId name zone{name}}}`)
		f.data(t, `{client(by:{`+key+`}){name}}`)
		if got := f.upstream.Total(); got > 2 {
			t.Errorf("two lookups of client by %s cost %d upstream calls, want one and the list", key, got)
		}
	}
}

func TestClient_AmbiguousPhone(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow, fullRow.with(row{"id_servicio": 27, "cedula": "1000000002"}))
	document := `{client(by:{phone:"3000000002"}){serviceId} other:client(by:{serviceId:27}){serviceId}}`
	a := f.run(t, document)
	wantError(t, document, a, "AMBIGUOUS", "Several customers match; ask by document or service id.")
	wantJSON(t, document, string(a.Data), `{"client":null,"other":{"serviceId":27}}`)
}

// GraphQL itself refuses these, so the whole document fails.
func TestClientKey_Literals(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	for _, by := range []string{`{}`, `{serviceId:26,phone:"3000000001"}`, `{serviceId:null}`, `{serviceId:26,phone:null}`} {
		a := f.run(t, `{client(by:`+by+`){serviceId}}`)
		if a.status != http.StatusUnprocessableEntity || len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "GRAPHQL_VALIDATION_FAILED" {
			t.Errorf("by: %s = %d %s, want 422 GRAPHQL_VALIDATION_FAILED", by, a.status, a.body)
		}
	}
}

// gqlparser checks literals only.
func TestClientKey_Variables(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	document := `query($by:ClientKey!){client(by:$by){serviceId} viewer{username}}`
	for _, by := range []map[string]any{
		{},
		{"serviceId": nil},
		{"serviceId": 26, "phone": "3000000001"},
		{"serviceId": 26, "phone": nil},
		{"serviceId": nil, "document": nil, "phone": nil, "username": nil},
	} {
		a := f.runWith(t, document, map[string]any{"by": by})
		wantError(t, "one of", a, "BAD_USER_INPUT", "by: must have exactly one key: serviceId, document, phone or username", "by")
		f.wantNothingSent(t, "one of", a)
	}
	a := f.runWith(t, document, map[string]any{"by": map[string]any{"serviceId": 26}})
	wantJSON(t, "one key", string(a.Data), `{"client":{"serviceId":26},"viewer":{"username":"ana"}}`)
}

func TestClientKey_OtherVariables(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	a := f.runWith(t, `query($filter:ClientFilter){clients(filter:$filter){totalCount}}`,
		map[string]any{"filter": map[string]any{"city": nil, "status": nil, "document": "5"}})
	wantJSON(t, "filter", a.body, `{"data":{"clients":{"totalCount":0}}}`)
}

func TestClientKey_Invalid(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ field, message string }{
		`serviceId:0`:                    {"serviceId", "must be 1 or more"},
		`serviceId:-1`:                   {"serviceId", "must be 1 or more"},
		`document:""`:                    {"document", "must be 1 to 100 characters"},
		`document:"., "`:                 {"document", "must hold a letter or digit"},
		`username:" "`:                   {"username", "must be 1 to 100 characters"},
		`phone:"none"`:                   {"phone", "must be one phone number of at most 15 digits"},
		`phone:"3000000001, 3000000002"`: {"phone", "must be one phone number of at most 15 digits"},
	}
	f := newFixture(t, fixtureConfig{})
	for key, want := range tests {
		a := f.run(t, `{client(by:{`+key+`}){serviceId}}`)
		wantError(t, key, a, "BAD_USER_INPUT", "by."+want.field+": "+want.message, "by", want.field)
		wantJSON(t, key, string(a.Data), `{"client":null}`)
	}
}
