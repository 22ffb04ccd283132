package graph_test

import (
	"testing"

	"wisphub-graphql/wisphub/wisphubtest"
)

func TestNode(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow)
	f.setTickets(fullTicket)
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PROCESS"}})
	tests := map[string]string{
		"client:26":       `{"__typename":"Client","id":"client:26","name":"Ana Pérez"}`,
		"plan:3":          `{"__typename":"Plan","id":"plan:3","name":"Plan 50 Fibra","price":"65000.00"}`,
		"zone:4":          `{"__typename":"Zone","id":"zone:4","name":"Guatapé"}`,
		"router:6":        `{"__typename":"Router","id":"router:6","name":"Guatapé","generalFailure":true}`,
		"sector:4":        `{"__typename":"Sector","id":"sector:4","name":"Alto del Páramo"}`,
		"staff:3":         `{"__typename":"Staff","id":"staff:3","staffName":"Julián Muñoz","email":"jmunoz@demo-isp.example"}`,
		"paymentMethod:5": `{"__typename":"PaymentMethod","id":"paymentMethod:5","name":"Nequi"}`,
		"ticket:500":      `{"__typename":"Ticket","id":"ticket:500","subject":"Internet Lento","client":{"name":"Ana Pérez"}}`,
		"task:" + taskID:  `{"__typename":"Task","id":"task:` + taskID + `","status":"RUNNING"}`,
		"ticket:99":       `null`,
		"task:00000000-0000-4000-8000-000000000001": `null`,
		"client:99":       `null`,
		"plan:99":         `null`,
		"zone:99":         `null`,
		"router:99":       `null`,
		"sector:99":       `null`,
		"staff:99":        `null`,
		"paymentMethod:9": `null`,
	}
	for id, want := range tests {
		got := f.data(t, `{node(id:"`+id+`"){__typename id
			... on Client{name} ... on Plan{name price} ... on Zone{name} ... on Router{name generalFailure}
			... on Sector{name} ... on Staff{staffName:name email} ... on PaymentMethod{name}
			... on Ticket{subject client{name}} ... on Task{status}}}`)
		wantJSON(t, id, got, `{"node":`+want+`}`)
	}
}

func TestNode_BadIDs(t *testing.T) {
	t.Parallel()
	const notID, noNumber, noType = "must be an id of this API, such as client:26", "must have a positive number after the colon", "must be of a type that can be looked up"
	tests := map[string]string{
		"": notID, "26": notID, "client": notID, "client:": notID, ":26": notID,
		"client:x": noNumber, "client:0": noNumber, "client:-1": noNumber, "client:026": noNumber, "client:+26": noNumber,
		"plan:1.5": noNumber, "zone:4:4": noNumber, "ticket:x": noNumber,
		"staff: 3": noNumber,
		"thing:1":  noType, "Client:26": noType, "viewer:1": noType,
	}
	f := newFixture(t, fixtureConfig{})
	for id, want := range tests {
		a := f.run(t, `{node(id:"`+id+`"){id} viewer{username}}`)
		wantError(t, id, a, "BAD_USER_INPUT", "id: "+want, "id")
		wantJSON(t, id, string(a.Data), `{"node":null,"viewer":{"username":"ana"}}`)
	}
	if got := f.upstream.Total(); got != 0 {
		t.Errorf("refused ids cost %d upstream calls, want none", got)
	}
}
