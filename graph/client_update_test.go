package graph_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// updateSelection selects all fields that updateClient can change.
const updateSelection = `{client{serviceId name document phone phones address locality city balance} userErrors{field message code}}`

// Given fields are written, read back and visible to all callers. Other fields stay.
func TestUpdateClient(t *testing.T) {
	t.Parallel()
	tests := []struct {
		input  string
		change row               // of the upstream's row
		shown  map[string]string // changed fields of the client in the response
	}{
		{`phone:"310 111 2233"`, row{"telefono": "310 111 2233"}, map[string]string{"phone": `"310 111 2233"`, "phones": `["3101112233"]`}},
		{`phone:null`, row{"telefono": ""}, map[string]string{"phone": "null", "phones": "[]"}},
		{`phone:""`, row{"telefono": ""}, map[string]string{"phone": "null", "phones": "[]"}},
		{`address:null locality:"" city:"  "`, row{"direccion": "", "localidad": "", "ciudad": ""}, map[string]string{"address": "null", "locality": "null", "city": "null"}},
		{`name:"Zoé" lastName:"Ñáñez"`, row{"nombre": "Zoé Ñáñez"}, map[string]string{"name": `"Zoé Ñáñez"`}},
		{`name:" Luz  María "`, row{"nombre": "Luz  María Pérez"}, map[string]string{"name": `"Luz  María Pérez"`}},
		{`lastName:null`, row{"nombre": "Ana"}, map[string]string{"name": `"Ana"`}},
		{`document:"1.000.000.002"`, row{"cedula": "1.000.000.002"}, map[string]string{"document": `"1.000.000.002"`}},
		{`balance:-1500.5`, row{"saldo": "-1500.50"}, map[string]string{"balance": `"-1500.50"`}},
		{`balance:"0"`, row{"saldo": "0.00"}, map[string]string{"balance": `"0.00"`}},
	}
	for _, test := range tests {
		for _, memory := range []string{"cold", "warm"} {
			t.Run(test.input+" "+memory, func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, fixtureConfig{})
				f.setClients(fullRow, bareRow)
				before := f.upstream.Row(26)
				if memory == "warm" {
					f.data(t, `{clients{totalCount}}`)
				}
				want := clientUpdated(test.shown)
				document := `mutation{updateClient(input:{serviceId:26 ` + test.input + `})` + updateSelection + `}`
				wantJSON(t, document, f.data(t, document), `{"updateClient":{"client":`+want+`,"userErrors":[]}}`)
				for key, value := range f.upstream.Row(26) {
					want, changed := test.change[key]
					if !changed {
						want = before[key]
					}
					if fmt.Sprint(value) != fmt.Sprint(want) {
						t.Errorf("%s: upstream has %s = %v, want %v", test.input, key, value, want)
					}
				}
				fields := strings.TrimSuffix(strings.TrimPrefix(updateSelection, "{client"), " userErrors{field message code}}")
				wantJSON(t, "client", f.data(t, `{client(by:{serviceId:26})`+fields+`}`), `{"client":`+want+`}`)
				wantJSON(t, "clients", f.data(t, `{clients(filter:{zoneId:[2]}){totalCount nodes`+fields+`}}`),
					`{"clients":{"totalCount":1,"nodes":[`+want+`]}}`)
			})
		}
	}
}

// clientUpdated returns the client of fullRow with some other values, as JSON.
func clientUpdated(shown map[string]string) string {
	fields := [][2]string{
		{"serviceId", "26"}, {"name", `"Ana Pérez"`}, {"document", `"1000000001"`}, {"phone", `"300 000 0001, +573000000002"`},
		{"phones", `["3000000001","573000000002"]`}, {"address", `"Cra 1 # 2-03"`}, {"locality", `"Centro"`},
		{"city", `"Marinilla"`}, {"balance", `"35000.50"`},
	}
	parts := make([]string, len(fields))
	for i, field := range fields {
		value, changed := shown[field[0]]
		if !changed {
			value = field[1]
		}
		parts[i] = `"` + field[0] + `":` + value
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// Lookups, search and sums use the new values at once, and no longer the old ones.
func TestUpdateClient_Indexes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow, bareRow)
	f.data(t, `{clients{totalCount}}`)
	f.data(t, `mutation{updateClient(input:{serviceId:26 phone:"3101112233" document:"777" name:"Zoé" lastName:"Ñáñez" balance:10}){client{id}}}`)
	for document, want := range map[string]string{
		`{client(by:{phone:"3101112233"}){serviceId}}`:            `{"client":{"serviceId":26}}`,
		`{client(by:{phone:"3000000001"}){serviceId}}`:            `{"client":null}`,
		`{client(by:{document:"777"}){serviceId}}`:                `{"client":{"serviceId":26}}`,
		`{client(by:{document:"1000000001"}){serviceId}}`:         `{"client":null}`,
		`{clients(search:"zoe nanez"){nodes{serviceId}}}`:         `{"clients":{"nodes":[{"serviceId":26}]}}`,
		`{clients(search:"perez"){totalCount}}`:                   `{"clients":{"totalCount":0}}`,
		`{clients{stats{totalDebt}}}`:                             `{"clients":{"stats":{"totalDebt":"10.00"}}}`,
		`{node(id:"client:26"){id ...on Client{document}}}`:       `{"node":{"id":"client:26","document":"777"}}`,
		`{clients(orderBy:{field:NAME}){nodes{serviceId}}}`:       `{"clients":{"nodes":[{"serviceId":30},{"serviceId":26}]}}`,
		`{clients(filter:{balanceAtLeast:10}){nodes{serviceId}}}`: `{"clients":{"nodes":[{"serviceId":26}]}}`,
	} {
		wantJSON(t, document, f.data(t, document), want)
	}
}

// All errors are reported and nothing is sent.
func TestUpdateClient_BadInput(t *testing.T) {
	t.Parallel()
	const control = "Must not hold control characters."
	const balance = "Must be an amount of at most 12 digits and two decimals."
	tests := map[string][]string{ // pairs of field and code, message
		`serviceId:26`:                                                {"", "REQUIRED", "Nothing to change was given."},
		`serviceId:0 phone:"3001112233"`:                              {"input serviceId", "INVALID", "Must be 1 or more."},
		`serviceId:-1 phone:null`:                                     {"input serviceId", "INVALID", "Must be 1 or more."},
		`serviceId:26 phone:"3001112233\n3001112234"`:                 {"input phone", "INVALID", control},
		`serviceId:26 phone:"` + long(201) + `"`:                      {"input phone", "INVALID", "Must be at most 200 characters."},
		`serviceId:26 document:"1\u202e2"`:                            {"input document", "INVALID", control},
		`serviceId:26 document:"` + long(201) + `"`:                   {"input document", "INVALID", "Must be at most 200 characters."},
		`serviceId:26 balance:null`:                                   {"input balance", "INVALID", balance},
		`serviceId:26 balance:1.001`:                                  {"input balance", "INVALID", balance},
		`serviceId:26 balance:1000000000000`:                          {"input balance", "INVALID", balance},
		`serviceId:26 name:null`:                                      {"input name", "REQUIRED", "A client must have a name."},
		`serviceId:26 name:"  "`:                                      {"input name", "REQUIRED", "A client must have a name."},
		`serviceId:26 city:"a\u0000b"`:                                {"input city", "INVALID", control},
		`serviceId:26 city:"a\nb"`:                                    {"input city", "INVALID", control},
		`serviceId:26 city:"` + long(201) + `"`:                       {"input city", "INVALID", "Must be at most 200 characters."},
		`serviceId:26 phone:"\t1\t2" document:"1\u00002" city:"Bien"`: {"input document", "INVALID", control, "input phone", "INVALID", control},
	}
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow)
	for input, want := range tests {
		mutation := `mutation{updateClient(input:{` + input + `}){client{id} userErrors{field message code}}}`
		wantJSON(t, input, f.data(t, mutation), `{"updateClient":{"client":null,"userErrors":[`+userErrors(want)+`]}}`)
	}
	if got := f.upstream.Total(); got != 0 {
		t.Errorf("refused mutations cost %d upstream calls, want none", got)
	}
}

// userErrors returns triples of field, code and message as JSON.
func userErrors(triples []string) string {
	var parts []string
	for i := 0; i < len(triples); i += 3 {
		path := ""
		if triples[i] != "" {
			path = `"` + strings.Join(strings.Fields(triples[i]), `","`) + `"`
		}
		parts = append(parts, fmt.Sprintf(`{"field":[%s],"message":%q,"code":%q}`, path, triples[i+2], triples[i+1]))
	}
	return strings.Join(parts, ",")
}

func long(runes int) string { return strings.Repeat("ñ", runes) }

// WispHub reports success, but the record that is read back decides, field by field.
func TestUpdateClient_NotApplied(t *testing.T) {
	t.Parallel()
	inputs := map[string]struct{ input, upstream string }{
		"name":     {`name:"Zoé"`, "nombre"},
		"lastName": {`lastName:"Ruiz"`, "apellidos"},
		"document": {`document:"777"`, "cedula"},
		"phone":    {`phone:"3101112233"`, "telefono"},
		"address":  {`address:"Calle 9"`, "direccion"},
		"locality": {`locality:"Alto"`, "localidad"},
		"city":     {`city:"Bello"`, "ciudad"},
		"balance":  {`balance:7`, "saldo"},
	}
	for field, test := range inputs {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fixtureConfig{})
			f.setClients(fullRow)
			f.upstream.SetFaults(wisphubtest.Faults{EchoOnly: []string{test.upstream}})
			other := `city:"Rionegro"`
			if field == "city" {
				other = `locality:"Rionegro"`
			}
			mutation := `mutation{updateClient(input:{serviceId:26 ` + test.input + ` ` + other + `}){client{serviceId city locality} userErrors{field code}}}`
			got := f.data(t, mutation)
			if !strings.Contains(got, `"Rionegro"`) || !strings.HasSuffix(got, `"userErrors":[{"field":["input","`+field+`"],"code":"NOT_APPLIED"}]}}`) {
				t.Errorf("%s = %s, want the record that was read back, with %s not applied", mutation, got, field)
			}
		})
	}
}

func TestUpdateClient_UnknownClient(t *testing.T) {
	t.Parallel()
	const mutation = `mutation{updateClient(input:{serviceId:99 city:"Bello"}){client{id} userErrors{field message code}}}`
	const want = `{"updateClient":{"client":null,"userErrors":[{"field":["input","serviceId"],"message":"There is no such client.","code":"NOT_FOUND"}]}}`
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow)
	wantJSON(t, "cold", f.data(t, mutation), want)
	f.data(t, `{clients{totalCount}}`)
	wantJSON(t, "warm", f.data(t, mutation), want)
	if got := f.upstream.Requests()["PUT /api/clientes/{id}/perfil/"]; got != 0 {
		t.Errorf("%d writes for unknown clients, want none", got)
	}
	// The client was deleted after the list was loaded.
	f.upstream.DeleteRow(26)
	wantJSON(t, "gone", f.data(t, strings.Replace(mutation, "99", "26", 1)),
		strings.Replace(want, "There is no such client.", "WispHub does not know it.", 1))
	// The client was created after the list was loaded.
	f.upstream.PutRow(fullRow.with(row{"id_servicio": 98}))
	wantJSON(t, "new", f.data(t, strings.Replace(mutation, "99", "98", 1)), `{"updateClient":{"client":{"id":"client:98"},"userErrors":[]}}`)
	wantJSON(t, "new, listed", f.data(t, `{clients(filter:{city:"bello"}){nodes{serviceId}}}`), `{"clients":{"nodes":[{"serviceId":98}]}}`)
}

// A write without a response is sent once and reported as unknown. Its effect is visible.
func TestUpdateClient_OutcomeUnknown(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{upstreamTimeout: time.Second})
	f.setClients(fullRow)
	f.data(t, `{clients{totalCount}}`)
	f.upstream.SetFaults(wisphubtest.Faults{HangAfterWrite: "/api/clientes/{id}/perfil/"})
	a := f.run(t, `mutation{updateClient(input:{serviceId:26 city:"Bello"}){client{id}}}`)
	wantError(t, "updateClient", a, "OUTCOME_UNKNOWN", "WispHub did not confirm the change; check whether it was made before you try again.")
	if got := f.upstream.Requests()["PUT /api/clientes/{id}/perfil/"]; got != 1 || a.status != http.StatusOK {
		t.Errorf("%d writes and status %d, want one and 200", got, a.status)
	}
	wantJSON(t, "client", f.data(t, `{client(by:{serviceId:26}){city}}`), `{"client":{"city":"Bello"}}`)
}

// A write that was never sent changed nothing, so its outcome is not unknown.
func TestUpdateClient_NotSent(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow)
	f.data(t, `{clients{totalCount}}`)
	f.upstream.Forbid("/api/clientes/{id}/perfil/")
	a := f.run(t, `mutation{updateClient(input:{serviceId:26 city:"Bello"}){client{id}}}`)
	wantError(t, "updateClient", a, "UPSTREAM_UNAVAILABLE", "Unable to fetch client data")
}

// WispHub's own messages are shown, at the fields that they name.
func TestUpdateClient_RefusedByUpstream(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{intercept: func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"telefono":["Ingrese un número válido.","Ya existe."],"rfc":["No."],"detail":"Revise."}`))
		return true
	}})
	f.setClients(fullRow)
	got := f.data(t, `mutation{updateClient(input:{serviceId:26 phone:"3101112233"}){client{id} userErrors{field message code}}}`)
	wantJSON(t, "updateClient", got, `{"updateClient":{"client":null,"userErrors":[`+
		`{"field":[],"message":"Revise.","code":"REFUSED"},{"field":[],"message":"rfc: No.","code":"REFUSED"},`+
		`{"field":["input","phone"],"message":"Ingrese un número válido. Ya existe.","code":"REFUSED"}]}}`)
}

// In variables, absent and null differ as they do in the document.
func TestUpdateClient_Variables(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow)
	document := `mutation($input:UpdateClientInput!){updateClient(input:$input){client{phone city balance} userErrors{code}}}`
	a := f.runWith(t, document, map[string]any{"input": map[string]any{"serviceId": 26, "phone": nil, "balance": "12.5"}})
	wantJSON(t, "updateClient", string(a.Data), `{"updateClient":{"client":{"phone":null,"city":"Marinilla","balance":"12.50"},"userErrors":[]}}`)
}
