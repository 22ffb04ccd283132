package graph_test

import (
	"net/http"
	"testing"
)

// family is a customer with three services, one of them cancelled, beside others.
var family = []row{
	fullRow.with(row{"estado": "Cancelado"}), // 26
	fullRow.with(row{"id_servicio": 27}),
	fullRow.with(row{"id_servicio": 28}),
	fullRow.with(row{"id_servicio": 29, "usuario": "0029_bo@demo-isp", "cedula": "1000000002", "telefono": "3000000002"}),
	bareRow,
}

// TestClientByEachKey asks each key first with nothing in memory, then of a directory: the answer is the same.
func TestClientByEachKey(t *testing.T) {
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
		`username:"nobody@demo-isp"`:   `null`,
		`username:" 0029_bo@demo-isp"`: `{"serviceId":29}`,
	}
	for key, want := range tests {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			f := newFace(t, faceConfig{})
			f.keep(family...)
			document := `{client(by:{` + key + `}){serviceId}}`
			wantJSON(t, document, f.data(t, document), `{"client":`+want+`}`)
			f.data(t, `{clients{totalCount}}`)
			wantJSON(t, document+" of a directory", f.data(t, document), `{"client":`+want+`}`)
		})
	}
}

// TestColdLookUpCostsOneCall: a bot that restarts with the facade must not wait for the whole list.
func TestColdLookUpCostsOneCall(t *testing.T) {
	t.Parallel()
	for _, key := range []string{`serviceId:27`, `document:"1000000001"`, `phone:"3000000002"`, `username:"0029_bo@demo-isp"`} {
		f := newFace(t, faceConfig{})
		f.keep(family[3].with(row{"cedula": "1000000001"}), family[1].with(row{"telefono": ""}))
		f.data(t, `{client(by:{`+key+`}){serviceId name zone{name}}}`)
		f.data(t, `{client(by:{`+key+`}){name}}`)
		if got := f.upstream.Total(); got != 1 {
			t.Errorf("client by %s, twice, cost %d upstream calls, want 1", key, got)
		}
	}
}

func TestAmbiguousPhone(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	f.keep(fullRow, fullRow.with(row{"id_servicio": 27, "cedula": "1000000002"}))
	document := `{client(by:{phone:"3000000002"}){serviceId} other:client(by:{serviceId:27}){serviceId}}`
	a := f.ask(t, document)
	wantError(t, document, a, "AMBIGUOUS", "Several customers match; ask by document or service id.")
	wantJSON(t, document, string(a.Data), `{"client":null,"other":{"serviceId":27}}`)
}

// TestExactlyOneKeyInLiterals: GraphQL itself refuses these, and so the whole document.
func TestExactlyOneKeyInLiterals(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	for _, by := range []string{`{}`, `{serviceId:26,phone:"3000000001"}`, `{serviceId:null}`, `{serviceId:26,phone:null}`} {
		a := f.ask(t, `{client(by:`+by+`){serviceId}}`)
		if a.status != http.StatusUnprocessableEntity || len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "GRAPHQL_VALIDATION_FAILED" {
			t.Errorf("by: %s = %d %s, want 422 GRAPHQL_VALIDATION_FAILED", by, a.status, a.body)
		}
	}
}

// TestExactlyOneKeyInVariables: the library looks at literals alone.
func TestExactlyOneKeyInVariables(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	document := `query($by:ClientKey!){client(by:$by){serviceId} viewer{username}}`
	for _, by := range []map[string]any{
		{},
		{"serviceId": nil},
		{"serviceId": 26, "phone": "3000000001"},
		{"serviceId": 26, "phone": nil},
		{"serviceId": nil, "document": nil, "phone": nil, "username": nil},
	} {
		a := f.askWith(t, document, map[string]any{"by": by})
		wantError(t, "one of", a, "BAD_USER_INPUT", "by: must have exactly one key: serviceId, document, phone or username", "by")
		wantJSON(t, "one of", string(a.Data), `{"client":null,"viewer":{"username":"ana"}}`)
	}
	if got := f.upstream.Total(); got != 0 {
		t.Errorf("refused keys cost %d upstream calls, want none", got)
	}
	a := f.askWith(t, document, map[string]any{"by": map[string]any{"serviceId": 26}})
	wantJSON(t, "one key", string(a.Data), `{"client":{"serviceId":26},"viewer":{"username":"ana"}}`)
}

func TestExactlyOneKeyBesideOtherVariables(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	a := f.askWith(t, `query($filter:ClientFilter){clients(filter:$filter){totalCount}}`,
		map[string]any{"filter": map[string]any{"city": nil, "status": nil, "document": "5"}})
	wantJSON(t, "filter", a.body, `{"data":{"clients":{"totalCount":0}}}`)
}

func TestKeysThatCannotBe(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ field, message string }{
		`serviceId:0`:          {"serviceId", "must be 1 or more"},
		`serviceId:-1`:         {"serviceId", "must be 1 or more"},
		`serviceId:2147483648`: {"serviceId", "must be a whole number of 32 bits"},
		`document:""`:          {"document", "must be 1 to 100 characters"},
		`document:"., "`:       {"document", "must hold a letter or digit"},
		`username:" "`:         {"username", "must be 1 to 100 characters"},
		`phone:"300"`:          {"phone", "must be a phone number of 7 to 15 digits"},
		`phone:"none"`:         {"phone", "must be a phone number of 7 to 15 digits"},
	}
	f := newFace(t, faceConfig{})
	for key, want := range tests {
		a := f.ask(t, `{client(by:{`+key+`}){serviceId}}`)
		wantError(t, key, a, "BAD_USER_INPUT", "by."+want.field+": "+want.message, "by", want.field)
		wantJSON(t, key, string(a.Data), `{"client":null}`)
	}
}
