package graph_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
)

const identified = `{valid matchedFields client{serviceId}}`

// identityClients are a customer with three services, and other clients.
var identityClients = []row{
	fullRow.with(row{"estado": "Cancelado"}), // 26
	fullRow.with(row{"id_servicio": 27}),
	fullRow.with(row{"id_servicio": 28}),
	fullRow.with(row{"id_servicio": 29, "nombre": "Bo Peña", "cedula": "5", "direccion": "V/ La Chapa", "precio_plan": "0.00"}),
	fullRow.with(row{"id_servicio": 31, "nombre": "Zoe Peña", "cedula": "6", "precio_plan": "", "plan_internet": row{"id": 15, "nombre": "PCQ Veredas"}}),
	bareRow,
}

func TestIdentity_Fields(t *testing.T) {
	t.Parallel()
	const (
		noMatch = `{"valid":false,"matchedFields":[],"client":null}`
		luck    = `{"valid":true,"matchedFields":["NAME","ADDRESS","PLAN_NAME"],"client":{"serviceId":%d}}`
	)
	tests := map[string]string{
		`identifyClient(claim:{name:"ANA  perez",address:"cra 1",planName:"fibra"})`:                 fmt.Sprintf(luck, 27),
		`identifyClient(claim:{name:"bo",address:"Vereda la chapa",planName:"fibra"})`:               fmt.Sprintf(luck, 29),
		`identifyClient(claim:{planPrice:65000.4,address:"vda/la chapa",name:"bo"})`:                 `{"valid":true,"matchedFields":["NAME","ADDRESS","PLAN_PRICE"],"client":{"serviceId":29}}`,
		`identifyClient(claim:{planPrice:"65001",address:"vda/la chapa",name:"bo"})`:                 noMatch,
		`identifyClient(claim:{name:"zoe",planName:"pcq",planPrice:"0",address:"cra"})`:              noMatch,
		`identifyClient(claim:{name:"a",address:"a",planName:"a"})`:                                  noMatch,
		`verifyClient(serviceId:26,claim:{name:"ana",address:"cra 1",planName:"plan 50"})`:           fmt.Sprintf(luck, 26),
		`verifyClient(serviceId:26,claim:{name:"bo",address:"cra 1",planName:"x",planPrice:65000})`:  `{"valid":false,"matchedFields":["ADDRESS","PLAN_PRICE"],"client":null}`,
		`verifyClient(serviceId:29,claim:{name:"bo",address:"chapa",planName:" ",planPrice:65000})`:  `{"valid":true,"matchedFields":["NAME","ADDRESS","PLAN_PRICE"],"client":{"serviceId":29}}`,
		`verifyClient(serviceId:30,claim:{name:"ana",address:"cra 1",planName:"x",planPrice:65000})`: `{"valid":false,"matchedFields":[],"client":null}`,
		`verifyClient(serviceId:99,claim:{name:"ana",address:"cra 1",planName:"plan 50"})`:           `null`,
	}
	for field, want := range tests {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fixtureConfig{})
			f.setClients(identityClients...)
			for range 2 { // cold, then from memory
				wantJSON(t, field, f.data(t, `{check:`+field+identified+`}`), `{"check":`+want+`}`)
				f.warmUp(t)
			}
		})
	}
}

func TestIdentity_Variables(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(identityClients...)
	document := `query($claim:IdentityClaim!){identifyClient(claim:$claim)` + identified + `}`
	claim := map[string]any{"name": "bo", "address": "v/ la chapa", "planName": nil, "planPrice": "65000.00"}
	a := f.runWith(t, document, map[string]any{"claim": claim})
	wantJSON(t, "identifyClient", string(a.Data), `{"identifyClient":{"valid":true,"matchedFields":["NAME","ADDRESS","PLAN_PRICE"],"client":{"serviceId":29}}}`)
}

func TestIdentity_BadClaims(t *testing.T) {
	t.Parallel()
	const (
		tooLittle = "must have at least three of name, address, planName and planPrice"
		tooLong   = "must be at most 200 characters"
		control   = "must not hold control characters"
		notAmount = "must be a decimal number such as 65000.00"
	)
	tests := map[string]struct{ field, message string }{
		`{}`:                       {"claim", tooLittle},
		`{name:"ana",address:"x"}`: {"claim", tooLittle},
		`{name:"ana",address:" ",planName:"",planPrice:1}`:                            {"claim", tooLittle},
		`{name:"ana",address:"Vereda",planName:"fibra"}`:                              {"claim", tooLittle},
		`{name:"ana",address:null,planName:"fibra"}`:                                  {"claim", tooLittle},
		`{name:"` + strings.Repeat("a", 201) + `",address:"x",planName:"y"}`:          {"claim.name", tooLong},
		`{name:"ana",address:"x\ny",planName:"y"}`:                                    {"claim.address", control},
		`{name:"ana",address:"x",planName:"\u0000"}`:                                  {"claim.planName", control},
		`{name:"ana",address:"x",planName:"y",planPrice:"mucho"}`:                     {"claim.planPrice", notAmount},
		`{name:"ana",address:"x",planName:"y",planPrice:"1e999999999"}`:               {"claim.planPrice", notAmount},
		`{name:"ana",address:"` + strings.Repeat("\u00f1", 201) + `",planPrice:1}`:    {"claim.address", tooLong},
		`{name:"ana",address:"x",planName:"` + strings.Repeat(" ", 201) + `"}`:        {"claim.planName", tooLong},
		`{name:"\u001b[2J",address:"x",planName:"y",planPrice:1}`:                     {"claim.name", control},
		`{name:"b/",address:"v/",planName:"vda/",planPrice:65000}`:                    {"claim", tooLittle},
		`{name:"#",address:"Cra 1",planName:"Plan 50"}`:                               {"claim", tooLittle},
		`{name:"barrio",address:"Cra 1",planName:"Plan 50"}`:                          {"claim", tooLittle},
		`{name:"\t",address:"Cra 1",planName:"Plan 50",planPrice:65000}`:              {"claim.name", control},
		`{name:"ana",address:"Cra 1",planName:"Plan 50 \u0085",planPrice:"65000.00"}`: {"claim.planName", control},
	}
	f := newFixture(t, fixtureConfig{})
	for claim, want := range tests {
		for _, field := range []string{`identifyClient(claim:`, `verifyClient(serviceId:26,claim:`} {
			document := `{check:` + field + claim + `){valid} viewer{username}}`
			a := f.run(t, document)
			wantError(t, document, a, "BAD_USER_INPUT", want.field+": "+want.message, strings.Split(want.field, ".")...)
			if want.message == notAmount {
				f.wantNothingSent(t, document, a) // a bad scalar fails the whole operation
				continue
			}
			wantJSON(t, document, string(a.Data), `{"check":null,"viewer":{"username":"ana"}}`)
		}
	}
	a := f.run(t, `{verifyClient(serviceId:0,claim:{name:"ana",address:"x",planName:"y"}){valid}}`)
	wantError(t, "serviceId 0", a, "BAD_USER_INPUT", "serviceId: must be 1 or more", "serviceId")
	if got := f.upstream.Total(); got != 0 {
		t.Errorf("refused claims cost %v, want no calls", f.upstream.Requests())
	}
}

// clientsWithoutPrice returns rows without a price, one for each plan of the simulated tenant.
func clientsWithoutPrice() (rows []row) {
	for n, plan := range []int{1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 15, 16, 20} {
		rows = append(rows, fullRow.with(row{
			"id_servicio": 100 + n, "cedula": fmt.Sprint(n), "precio_plan": "0.00", "plan_internet": row{"id": plan, "nombre": fmt.Sprint("Plan ", plan)},
		}))
	}
	return rows
}

// Plans are loaded only if the rest of a claim matches, each once for all claims of an operation.
func TestIdentity_Cost(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(append(clientsWithoutPrice(), identityClients...)...)
	f.warmUp(t)
	tests := []struct {
		document string
		want     map[string]int
	}{
		{`{identifyClient(claim:{name:"nadie",address:"cra",planName:"plan",planPrice:65000}){valid}}`, map[string]int{}},
		{`{identifyClient(claim:{name:"ana",address:"cra",planName:"plan 13"}){valid}}`, map[string]int{}},
		{`{identifyClient(claim:{name:"bo",address:"chapa",planName:"fibra",planPrice:65000}){valid} client(by:{serviceId:29}){plan{price}}}`,
			map[string]int{"GET /api/plan-internet/": 1, "GET /api/plan-internet/pppoe/{id}/": 1}},
		{`{identifyClient(claim:{name:"ana",address:"cra",planName:"plan 13",planPrice:250000}){client{plan{price}}}
			twice:verifyClient(serviceId:110,claim:{name:"ana",address:"cra",planName:"plan 13",planPrice:250000}){valid}}`,
			map[string]int{"GET /api/plan-internet/queue/{id}/": 1}},
	}
	for _, test := range tests {
		f.upstream.Reset()
		for range 2 {
			f.data(t, test.document)
		}
		if got := f.upstream.Requests(); !maps.Equal(got, test.want) {
			t.Errorf("%s cost %v, want %v", test.document, got, test.want)
		}
	}
}

// The prices of many plans are one shared reading. It costs a call a plan, once, and no operation is refused for it.
func TestIdentity_ManyPlans(t *testing.T) {
	t.Parallel()
	const document = `{identifyClient(claim:{name:"ana",address:"cra",planName:"plan",planPrice:1}){valid} viewer{username}}`
	f := newFixture(t, fixtureConfig{maxCalls: 6})
	f.setClients(clientsWithoutPrice()...)
	f.warmUp(t)
	f.upstream.Reset()
	for range 2 {
		wantJSON(t, document, f.data(t, document), `{"identifyClient":{"valid":false},"viewer":{"username":"ana"}}`)
	}
	want := map[string]int{
		"GET /api/plan-internet/": 1, "GET /api/plan-internet/pppoe/{id}/": 7, "GET /api/plan-internet/queue/{id}/": 5,
	}
	if got := f.upstream.Requests(); !maps.Equal(got, want) {
		t.Errorf("two claims about 14 plans cost %v, want %v", got, want)
	}
}

// Without a directory at most five clients cost a call each, the others one list, and the client in the
// result none.
func TestVerifyClient_Cost(t *testing.T) {
	t.Parallel()
	const field = `verifyClient(serviceId:%d,claim:{name:"ana",address:"cra",planName:"plan"}){valid client{name}}`
	f := newFixture(t, fixtureConfig{maxCalls: fewCalls})
	f.setClients(oneCustomer(30)...)
	f.wantRefused(t, aliased(field, 10), nil, 10)
	f.data(t, aliased(field, 8))
	if got := f.upstream.Total(); got > 6 {
		t.Errorf("8 clients cost %v, want five calls at most, and the list for the others", f.upstream.Requests())
	}
}

// With a directory only the accounts of verified clients cost calls. The directory is another server's
// than that of the look-ups above: a look-up that the list has overtaken may still arrive later.
func TestVerifyClient_CostWithDirectory(t *testing.T) {
	t.Parallel()
	const field = `verifyClient(serviceId:%d,claim:{name:"ana",address:"cra",planName:"plan"}){valid client{name}}`
	f := newFixture(t, fixtureConfig{maxCalls: fewCalls})
	f.setClients(oneCustomer(30)...)
	f.warmUp(t)
	f.upstream.Reset()
	f.data(t, aliased(field, 10))
	if got := f.upstream.Total(); got != 0 {
		t.Errorf("10 clients from the directory cost %v, want nothing", f.upstream.Requests())
	}
	accounts := strings.Replace(field, "{name}", "{account{owed}}", 1)
	f.wantRefused(t, aliased(accounts, 9), nil, 9)
	f.wantAccounts(t, aliased(accounts, 3), nil, 3)
	f.wantRefused(t, aliased(`identifyClient(claim:{name:"ana %d",address:"cra",planName:"plan"}){client{account{owed}}}`, 9), nil, 9)
}

// A claim with a price cannot be decided if the plan cannot be loaded.
func TestIdentity_PlanFails(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(identityClients...)
	f.upstream.Forbid("/api/plan-internet/pppoe/3/")
	const claim = `claim:{name:"bo",address:"chapa",planName:"fibra",planPrice:65000}`
	document := `{identifyClient(` + claim + `){valid} verifyClient(serviceId:29,` + claim + `){valid}}`
	a := f.run(t, document)
	if wantJSON(t, document, string(a.Data), `{"identifyClient":null,"verifyClient":null}`); a.status != http.StatusOK || len(a.Errors) != 2 {
		t.Errorf("%s = %d %s, want two errors", document, a.status, a.body)
	}
	for _, err := range a.Errors {
		if err.Extensions.Code != "UPSTREAM_UNAVAILABLE" || err.Message != "Unable to fetch plan data" {
			t.Errorf("%s = %s %q, want UPSTREAM_UNAVAILABLE for the plan", document, err.Extensions.Code, err.Message)
		}
	}
}
