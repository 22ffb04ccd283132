package graph_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"
)

// allClientFields selects all fields that come from a client's row.
const allClientFields = `
	id serviceId username name document email phone phones address locality city status invoiceStatus
	balance planPrice discount cutOffDate installedAt cancelledAt updatedAt
	ip localIp macAddress lanInterface onuSerial comments location{latitude longitude}
	plan{id planId name} zone{id zoneId name} sector{id sectorId name} technician{id staffId name}
	router{id routerId name generalFailure generalFailureDescription}`

const fullClient = `{
	"id":"client:26","serviceId":26,"username":"0026_ana@demo-isp","name":"Ana Pérez","document":"1000000001",
	"email":"ana@correo.example","phone":"300 000 0001, +573000000002","phones":["3000000001","573000000002"],
	"address":"Cra 1 # 2-03","locality":"Centro","city":"Marinilla","status":"ACTIVE","invoiceStatus":"PENDING",
	"balance":"35000.50","planPrice":"65000.00","discount":"0.00","cutOffDate":"2026-05-08",
	"installedAt":"2024-02-01T09:30:00-05:00","cancelledAt":null,"updatedAt":"2026-04-30T18:05:09-05:00",
	"ip":"192.0.2.26","localIp":"10.0.0.1","macAddress":"02:00:00:00:00:01","lanInterface":"ether1",
	"onuSerial":"DEMO00000026","comments":"Llamar \"antes\"\r\nde ir","location":{"latitude":6.1736,"longitude":-75.3361},
	"plan":{"id":"plan:3","planId":3,"name":"Plan 50 Fibra"},
	"zone":{"id":"zone:2","zoneId":2,"name":"Marinilla"},
	"sector":{"id":"sector:4","sectorId":4,"name":"Alto del Páramo"},
	"technician":{"id":"staff:3","staffId":3,"name":"Julián Muñoz"},
	"router":{"id":"router:1","routerId":1,"name":"Marinilla","generalFailure":false,"generalFailureDescription":null}}`

const bareClient = `{
	"id":"client:30","serviceId":30,"username":null,"name":"Bo","document":null,"email":null,"phone":null,"phones":[],
	"address":null,"locality":null,"city":null,"status":"UNKNOWN","invoiceStatus":"UNKNOWN",
	"balance":null,"planPrice":null,"discount":null,"cutOffDate":null,
	"installedAt":null,"cancelledAt":null,"updatedAt":null,
	"ip":null,"localIp":null,"macAddress":null,"lanInterface":null,"onuSerial":null,"comments":null,"location":null,
	"plan":null,"zone":null,"sector":null,"technician":null,"router":null}`

func TestClients_Fields(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow, bareRow)
	wantJSON(t, "clients", f.data(t, `{clients{totalCount nodes{`+allClientFields+`}}}`),
		`{"clients":{"totalCount":2,"nodes":[`+fullClient+`,`+bareClient+`]}}`)
	if got := f.upstream.Total(); got != 1 {
		t.Errorf("two clients cost %d upstream calls, want 1", got)
	}
}

func TestClient_Fields(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow, bareRow)
	document := `{full:client(by:{serviceId:26}){` + allClientFields + `} bare:client(by:{serviceId:30}){` + allClientFields + `}}`
	for _, memory := range []string{"cold", "with a directory"} {
		wantJSON(t, memory, f.data(t, document), `{"full":`+fullClient+`,"bare":`+bareClient+`}`)
		f.data(t, `{clients{totalCount}}`)
	}
}

func TestClients_Stats(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow, bareRow,
		fullRow.with(row{"id_servicio": 27, "estado": "Suspendido", "estado_facturas": "Vencidas", "saldo": "0.25"}),
		fullRow.with(row{"id_servicio": 28, "saldo": "-9000.00", "precio_plan": "45000.00", "zona": nil, "plan_internet": nil}))
	document := `{clients(%s){totalCount stats{
		byStatus{status count} byInvoiceStatus{invoiceStatus count}
		byZone{zone{zoneId name} count debt} byPlan{plan{planId} count} totalDebt monthlyRevenue}}}`
	wantJSON(t, "stats of all", f.data(t, fmt.Sprintf(document, "first:1")), `{"clients":{"totalCount":4,"stats":{
		"byStatus":[{"status":"ACTIVE","count":2},{"status":"SUSPENDED","count":1},{"status":"UNKNOWN","count":1}],
		"byInvoiceStatus":[{"invoiceStatus":"PENDING","count":2},{"invoiceStatus":"OVERDUE","count":1},{"invoiceStatus":"UNKNOWN","count":1}],
		"byZone":[{"zone":null,"count":2,"debt":"0.00"},{"zone":{"zoneId":2,"name":"Marinilla"},"count":2,"debt":"35000.75"}],
		"byPlan":[{"plan":null,"count":2},{"plan":{"planId":3},"count":2}],
		"totalDebt":"35000.75","monthlyRevenue":"110000.00"}}}`)
	wantJSON(t, "stats of none", f.data(t, fmt.Sprintf(document, "filter:{zoneId:[]}")), `{"clients":{"totalCount":0,"stats":{
		"byStatus":[],"byInvoiceStatus":[],"byZone":[],"byPlan":[],"totalDebt":"0.00","monthlyRevenue":"0.00"}}}`)
}

func TestClients_AsOf(t *testing.T) {
	t.Parallel()
	type answers struct {
		Clients struct {
			AsOf  string
			Nodes []struct{ AsOf string }
		}
	}
	f := newFixture(t, fixtureConfig{})
	began := time.Now().Truncate(time.Second)
	got := into[answers](t, f.data(t, `{clients(first:1){asOf nodes{asOf}}}`)).Clients
	at, err := time.Parse(time.RFC3339, got.AsOf)
	if err != nil || at.Before(began) || at.After(time.Now()) || got.AsOf[len(got.AsOf)-6:] != "-05:00" {
		t.Errorf("clients.asOf = %q, want now with the provider's offset", got.AsOf)
	}
	if got.Nodes[0].AsOf != got.AsOf {
		t.Errorf("nodes.asOf = %q, want %q", got.Nodes[0].AsOf, got.AsOf)
	}
}

// page is a page of a connection.
type page struct {
	Clients struct {
		TotalCount int
		Edges      []struct {
			Cursor string
			Node   struct{ ServiceID int }
		}
		Nodes    []struct{ ServiceID int }
		PageInfo struct {
			HasNextPage, HasPreviousPage bool
			StartCursor, EndCursor       *string
		}
	}
}

const pageDocument = `query($after:String,$order:ClientOrder,$search:String){
	clients(first:30,after:$after,orderBy:$order,search:$search){
		totalCount edges{cursor node{serviceId}} nodes{serviceId}
		pageInfo{hasNextPage hasPreviousPage startCursor endCursor}}}`

func TestClients_AllPages(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{clients: 100})
	orders := []map[string]any{nil, {}, {"direction": "DESC"}, {"field": "NAME"}, {"field": "BALANCE", "direction": "DESC"}, {"field": "CUT_OFF_DATE"}}
	for _, order := range orders {
		seen := readAll(t, f, map[string]any{"order": order})
		slices.Sort(seen)
		if want := f.upstream.IDs(); !slices.Equal(seen, want) {
			t.Errorf("order %v: all pages = %v, want each of %v once", order, seen, want)
		}
	}
	if got := f.calls(); !maps.Equal(got, map[string]int{"GET /api/clientes/": 1}) {
		t.Errorf("paging cost %v, want those of the first load only", got)
	}
}

// readAll reads all pages of a list, checks each page, and returns the service ids in order.
func readAll(t *testing.T, f *fixture, variables map[string]any) []int {
	t.Helper()
	var seen []int
	for {
		a := f.runWith(t, pageDocument, variables)
		got := into[page](t, string(a.Data)).Clients
		for i, edge := range got.Edges {
			if edge.Node != got.Nodes[i] {
				t.Errorf("edges[%d].node = %v, nodes[%d] = %v, want the same", i, edge.Node, i, got.Nodes[i])
			}
			seen = append(seen, edge.Node.ServiceID)
		}
		info, last := got.PageInfo, len(got.Edges)-1
		if *info.StartCursor != got.Edges[0].Cursor || *info.EndCursor != got.Edges[last].Cursor {
			t.Errorf("pageInfo of %s = other cursors, want those of the first and the last edge", a.body)
		}
		if info.HasPreviousPage != (len(seen) > len(got.Edges)) || info.HasNextPage != (len(seen) < got.TotalCount) {
			t.Errorf("after %d of %d: pageInfo = %+v", len(seen), got.TotalCount, info)
		}
		if !info.HasNextPage {
			return seen
		}
		variables["after"] = *info.EndCursor
	}
}

func TestClients_EmptyPage(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	wantJSON(t, "no match", f.data(t, `{clients(search:"zzzz"){totalCount edges{cursor} nodes{id} pageInfo{hasNextPage hasPreviousPage startCursor endCursor}}}`),
		`{"clients":{"totalCount":0,"edges":[],"nodes":[],"pageInfo":{"hasNextPage":false,"hasPreviousPage":false,"startCursor":null,"endCursor":null}}}`)
}

func TestClients_Search(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow, bareRow, fullRow.with(row{"id_servicio": 27, "nombre": "Íngrid Muñoz", "cedula": "5"}))
	tests := map[string]string{
		`search:"PEREZ ana"`:                            `[{"serviceId":26}]`,
		`search:"munoz"`:                                `[{"serviceId":27}]`,
		`search:"muñoz ingrid cra"`:                     `[{"serviceId":27}]`,
		`search:"3000000002"`:                           `[{"serviceId":26},{"serviceId":27}]`,
		`search:"  "`:                                   `[{"serviceId":26},{"serviceId":27},{"serviceId":30}]`,
		`search:"bo"`:                                   `[{"serviceId":30}]`,
		`search:"missing"`:                              `[]`,
		`search:"ana",filter:{status:SUSPENDED}`:        `[]`,
		`filter:{status:[ACTIVE],city:"marinilla"}`:     `[{"serviceId":26},{"serviceId":27}]`,
		`filter:{document:"1.000.000.001"}`:             `[{"serviceId":26}]`,
		`filter:{planId:3,zoneId:[2,5],technicianId:3}`: `[{"serviceId":26},{"serviceId":27}]`,
		`filter:{routerId:[]}`:                          `[]`,
		`filter:{cutOffTo:"2026-05-07"}`:                `[]`,
		`filter:{installedFrom:"2024-02-01"}`:           `[{"serviceId":26},{"serviceId":27}]`,
		`filter:null,orderBy:{direction:DESC}`:          `[{"serviceId":30},{"serviceId":27},{"serviceId":26}]`,
		`orderBy:{field:NAME,direction:DESC}`:           `[{"serviceId":27},{"serviceId":30},{"serviceId":26}]`,
	}
	for arguments, want := range tests {
		wantJSON(t, arguments, f.data(t, `{clients(`+arguments+`){nodes{serviceId}}}`), `{"clients":{"nodes":`+want+`}}`)
	}
}
