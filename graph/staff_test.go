package graph_test

import "testing"

func TestStaff(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	wantJSON(t, "staff", f.data(t, `{staff{id staffId name username email}}`), `{"staff":[
		{"id":"staff:1","staffId":1,"name":"Luz Marina Ocampo","username":"admin@demo-isp","email":"admin@demo-isp.example"},
		{"id":"staff:2","staffId":2,"name":null,"username":"soporte@demo-isp","email":null},
		{"id":"staff:3","staffId":3,"name":"Julián Muñoz","username":"jmunoz@demo-isp","email":"jmunoz@demo-isp.example"},
		{"id":"staff:4","staffId":4,"name":"Yésica Castaño","username":"ycastano@demo-isp","email":null},
		{"id":"staff:6","staffId":6,"name":"Wílmer Peña","username":"wpena@demo-isp","email":"wpena@demo-isp.example"},
		{"id":"staff:9","staffId":9,"name":null,"username":"caja@demo-isp","email":"caja@demo-isp.example"}]}`)
}

// The row of a client has the name. The list of staff has the rest and is loaded once for all
// rows.
func TestStaff_Technicians(t *testing.T) {
	t.Parallel()
	const document = `{clients{nodes{technician{staffId name username email}}}}`
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow,
		fullRow.with(row{"id_servicio": 27, "tecnico": row{"id": 2, "nombre": ""}}),
		fullRow.with(row{"id_servicio": 28, "tecnico": row{"id": 77, "nombre": "Left Long Ago"}}),
		bareRow)
	wantJSON(t, "technicians", f.data(t, document), `{"clients":{"nodes":[
		{"technician":{"staffId":3,"name":"Julián Muñoz","username":"jmunoz@demo-isp","email":"jmunoz@demo-isp.example"}},
		{"technician":{"staffId":2,"name":null,"username":"soporte@demo-isp","email":null}},
		{"technician":{"staffId":77,"name":"Left Long Ago","username":null,"email":null}},
		{"technician":null}]}}`)
	if got := f.upstream.Requests()["GET /api/staff/"]; got != 1 {
		t.Errorf("the staff was read %d times, want once", got)
	}
}

func TestStaff_Forbidden(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow, fullRow.with(row{"id_servicio": 27}))
	f.upstream.Forbid("/api/staff/")
	wantJSON(t, "names alone", f.data(t, `{clients{nodes{technician{staffId name}}}}`),
		`{"clients":{"nodes":[{"technician":{"staffId":3,"name":"Julián Muñoz"}},{"technician":{"staffId":3,"name":"Julián Muñoz"}}]}}`)
	if got := f.upstream.Requests()["GET /api/staff/"]; got != 0 {
		t.Errorf("names cost %d loads of the staff, want none", got)
	}
	a := f.run(t, `{clients{nodes{technician{name email}}}}`)
	wantError(t, "e-mails", a, "UPSTREAM_UNAVAILABLE", "Unable to fetch staff data")
	wantJSON(t, "e-mails", string(a.Data),
		`{"clients":{"nodes":[{"technician":{"name":"Julián Muñoz","email":null}},{"technician":{"name":"Julián Muñoz","email":null}}]}}`)
}
