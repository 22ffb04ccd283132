package graph_test

import (
	"maps"
	"testing"
)

// planDocument selects fifty clients with the details of their plans.
const planDocument = `{clients(first:50){nodes{serviceId plan{planId name type price downloadKbps}}}}`

type planAnswers struct {
	Clients struct {
		Nodes []struct {
			Plan *struct {
				PlanID int
				Type   string
				Price  *string
			}
		}
	}
}

func TestPlans_CostOfPage(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{clients: 700})
	details := map[int]string{} // the route to the details of each plan that has any
	for _, client := range into[planAnswers](t, f.data(t, planDocument)).Clients.Nodes {
		switch {
		case client.Plan == nil:
		case client.Plan.Type == "PPPOE":
			details[client.Plan.PlanID] = "GET /api/plan-internet/pppoe/{id}/"
		case client.Plan.Type == "SIMPLE_QUEUE":
			details[client.Plan.PlanID] = "GET /api/plan-internet/queue/{id}/"
		}
	}
	want := map[string]int{"GET /api/clientes/": 3, "GET /api/plan-internet/": 1} // 700 clients are three pages
	for _, route := range details {
		want[route]++
	}
	if got := f.calls(); !maps.Equal(got, want) {
		t.Errorf("the page, cold, cost %v, want %v", got, want)
	}
	f.upstream.Reset()
	f.data(t, planDocument)
	if got := f.upstream.Total(); got != 0 {
		t.Errorf("the page, warm, cost %v, want nothing", f.upstream.Requests())
	}
}

// Only the prices of the failed plan are null, and there is one error for all rows.
func TestPlans_OneFails(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{clients: 300})
	f.upstream.Forbid("/api/plan-internet/pppoe/3/")
	a := f.run(t, planDocument)
	wantError(t, "plans", a, "UPSTREAM_UNAVAILABLE", "Unable to fetch plan data")
	without := map[int]int{} // number of rows without a price, by plan
	for _, client := range into[planAnswers](t, string(a.Data)).Clients.Nodes {
		if plan := client.Plan; plan != nil && plan.Price == nil && plan.Type != "PCQ" {
			without[plan.PlanID]++
		}
	}
	if len(without) != 1 || without[3] < 2 {
		t.Errorf("rows without a price, by plan = %v, want some of plan 3 alone", without)
	}
	f.upstream.Allow("/api/plan-internet/pppoe/3/")
	f.data(t, planDocument) // a failure is not cached
}

// The names come from the rows of clients.
func TestPlans_ListFails(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow)
	f.upstream.Forbid("/api/plan-internet/")
	a := f.run(t, `{clients{nodes{plan{name price}}} plans{name} plan(planId:3){name}}`)
	wantJSON(t, "clients", string(a.Data), `{"clients":{"nodes":[{"plan":{"name":"Plan 50 Fibra","price":null}}]},"plans":null,"plan":null}`)
	if len(a.Errors) != 3 {
		t.Errorf("clients, plans and plan with a failed list = %s, want three errors", a.body)
	}
}

func TestPlan_Fields(t *testing.T) {
	t.Parallel()
	const fields = `{id planId name type price downloadSpeed uploadSpeed downloadKbps uploadKbps}`
	tests := map[string]string{
		"3": `{"id":"plan:3","planId":3,"name":"Plan 50 Fibra","type":"PPPOE","price":"65000.00",
			"downloadSpeed":"50M","uploadSpeed":"25M","downloadKbps":50000,"uploadKbps":25000}`,
		"8": `{"id":"plan:8","planId":8,"name":"Rural 4 Megas","type":"SIMPLE_QUEUE","price":"50000.00",
			"downloadSpeed":"4","uploadSpeed":"2","downloadKbps":null,"uploadKbps":null}`,
		"10": `{"id":"plan:10","planId":10,"name":"Rural 10 Megas","type":"SIMPLE_QUEUE","price":"75000.00",
			"downloadSpeed":"10240k","uploadSpeed":"5120k","downloadKbps":10240,"uploadKbps":5120}`,
		"15": `{"id":"plan:15","planId":15,"name":"PCQ Veredas","type":"PCQ","price":null,
			"downloadSpeed":null,"uploadSpeed":null,"downloadKbps":null,"uploadKbps":null}`,
		"20":   `{"id":"plan:20","planId":20,"name":"Cortesía","type":"PPPOE","price":"0.00","downloadSpeed":"10M","uploadSpeed":"10M","downloadKbps":10000,"uploadKbps":10000}`,
		"6":    `null`,
		"9999": `null`,
		"-1":   `null`,
	}
	f := newFixture(t, fixtureConfig{})
	for id, want := range tests {
		wantJSON(t, "plan "+id, f.data(t, `{plan(planId:`+id+`)`+fields+`}`), `{"plan":`+want+`}`)
	}
	if got := f.upstream.Requests()["GET /api/plan-internet/"]; got != 1 {
		t.Errorf("the list of plans was read %d times, want once", got)
	}
}

func TestPlans_Type(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		`type:PCQ`:                `[{"planId":15},{"planId":16}]`,
		`type:[PCQ]`:              `[{"planId":15},{"planId":16}]`,
		`type:[PCQ,SIMPLE_QUEUE]`: `[{"planId":8},{"planId":9},{"planId":10},{"planId":12},{"planId":13},{"planId":15},{"planId":16}]`,
		`type:[]`:                 `[]`,
		`type:null`:               `[{"planId":1},{"planId":2},{"planId":3},{"planId":4},{"planId":5},{"planId":7},{"planId":8},{"planId":9},{"planId":10},{"planId":12},{"planId":13},{"planId":15},{"planId":16},{"planId":20}]`,
	}
	f := newFixture(t, fixtureConfig{})
	for arguments, want := range tests {
		wantJSON(t, arguments, f.data(t, `{plans(`+arguments+`){planId}}`), `{"plans":`+want+`}`)
	}
	if got := f.upstream.Total(); got != 1 {
		t.Errorf("plans without details cost %d upstream calls, want 1", got)
	}
	a := f.run(t, `{plans(type:[PCQ,UNKNOWN]){planId}}`)
	wantError(t, "UNKNOWN", a, "BAD_USER_INPUT", "type: UNKNOWN cannot be used as a filter", "type")
}

func TestPlans_AllDetails(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.data(t, `{plans{name price downloadSpeed uploadSpeed downloadKbps uploadKbps}}`)
	want := map[string]int{
		"GET /api/plan-internet/": 1, "GET /api/plan-internet/pppoe/{id}/": 7, "GET /api/plan-internet/queue/{id}/": 5,
	}
	if got := f.upstream.Requests(); !maps.Equal(got, want) {
		t.Errorf("all plans cost %v, want %v", got, want)
	}
}

func TestPlans_ClientCount(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow, bareRow, fullRow.with(row{"id_servicio": 27, "estado": "Cancelado"}), fullRow.with(row{"id_servicio": 28, "plan_internet": row{"id": 4}}))
	wantJSON(t, "plans", f.data(t, `{three:plan(planId:3){clientCount} four:plan(planId:4){clientCount} five:plan(planId:5){clientCount}}`),
		`{"three":{"clientCount":2},"four":{"clientCount":1},"five":{"clientCount":0}}`)
	f.data(t, `{plans{name clientCount}}`)
	if got := f.upstream.Total(); got != 2 {
		t.Errorf("plans with client counts cost %v, want one load of each list", f.upstream.Requests())
	}
}

// The other fields of the plan stay.
func TestPlans_ClientCountFails(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.upstream.Forbid("/api/clientes/")
	a := f.run(t, `{plan(planId:3){name clientCount}}`)
	wantError(t, "plan", a, "UPSTREAM_UNAVAILABLE", "Unable to fetch client data")
	wantPath(t, "plan", a, "plan", "clientCount")
	wantJSON(t, "plan", string(a.Data), `{"plan":{"name":"Plan 50 Fibra","clientCount":null}}`)
}
