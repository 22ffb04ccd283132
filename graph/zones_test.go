package graph_test

import "testing"

func TestZones(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	wantJSON(t, "zones", f.data(t, `{zones{id zoneId name}}`), `{"zones":[
		{"id":"zone:1","zoneId":1,"name":"Rionegro"},{"id":"zone:2","zoneId":2,"name":"Marinilla"},
		{"id":"zone:3","zoneId":3,"name":"El Peñol"},{"id":"zone:4","zoneId":4,"name":"Guatapé"},
		{"id":"zone:5","zoneId":5,"name":"La Ceja"},{"id":"zone:6","zoneId":6,"name":"Fusagasugá"},
		{"id":"zone:7","zoneId":7,"name":"Chocontá"},{"id":"zone:8","zoneId":8,"name":"Machetá"}]}`)
	wantJSON(t, "zone", f.data(t, `{zone(zoneId:4){name} none:zone(zoneId:99){name} never:zone(zoneId:0){name}}`),
		`{"zone":{"name":"Guatapé"},"none":null,"never":null}`)
	if got := f.upstream.Total(); got != 1 {
		t.Errorf("zones cost %d upstream calls, want 1", got)
	}
}

// Many keys may not list the zones. The rows of clients have their names.
func TestZones_Forbidden(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow, bareRow, fullRow.with(row{"id_servicio": 27, "zona": row{"id": 4, "nombre": "Guatapé"}}))
	f.upstream.Forbid("/api/zonas/")
	wantJSON(t, "zones", f.data(t, `{zones{zoneId name} zone(zoneId:4){name} none:zone(zoneId:1){name} clients{nodes{zone{name}}}}`), `{
		"zones":[{"zoneId":2,"name":"Marinilla"},{"zoneId":4,"name":"Guatapé"}],"zone":{"name":"Guatapé"},"none":null,
		"clients":{"nodes":[{"zone":{"name":"Marinilla"}},{"zone":{"name":"Guatapé"}},{"zone":null}]}}`)
}

func TestZones_AllForbidden(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.upstream.Forbid("/api/zonas/", "/api/clientes/")
	a := f.run(t, `{zones{name} viewer{username}}`)
	wantError(t, "zones", a, "UPSTREAM_UNAVAILABLE", "Unable to fetch zone data")
	wantJSON(t, "zones", string(a.Data), `{"zones":null,"viewer":{"username":"ana"}}`)
}

func TestTicketQuota(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setTickets(append(variedTickets, // two active ones in zone 2, none in zone 4
		fullTicket.with(row{"id_ticket": 510, "servicio": row{"id_servicio": 1, "zona": row{"id": 5}}}),
		fullTicket.with(row{"id_ticket": 511, "servicio": row{"id_servicio": 2, "zona": row{"id": 5}}, "fecha_creacion": daysAgo(150)}),
		fullTicket.with(row{"id_ticket": 512, "servicio": row{"id_servicio": 3, "zona": row{"id": 5}}}),
		fullTicket.with(row{"id_ticket": 513, "servicio": nil}))...)
	const quota = `ticketQuota{active maximum blocked}`
	wantJSON(t, "quotas", f.data(t, `{two:zone(zoneId:2){`+quota+`} four:zone(zoneId:4){`+quota+`} five:zone(zoneId:5){`+quota+`}}`), `{
		"two":{"ticketQuota":{"active":2,"maximum":3,"blocked":false}},
		"four":{"ticketQuota":{"active":0,"maximum":3,"blocked":false}},
		"five":{"ticketQuota":{"active":3,"maximum":3,"blocked":true}}}`)
	f.upstream.Reset()
	f.data(t, `{zones{`+quota+`}}`)
	if got := f.upstream.Total(); got != 0 {
		t.Errorf("the quotas of all zones with tickets in memory cost %d upstream calls, want none", got)
	}
}
