package isp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"wisphub-graphql/wisphub/wisphubtest"
)

// wantIdentified compares the client found; 0 means none. A check without a client must not name
// fields.
func wantIdentified(tb rapid.TB, what string, check *IdentityCheck, err error, want int) {
	tb.Helper()
	got := 0
	if check != nil && check.Client != nil {
		got = check.Client.ServiceID
	}
	if err != nil || check == nil || got != want || check.Valid != (want != 0) || check.MatchedFields == nil ||
		(want == 0 && len(check.MatchedFields) > 0) {
		tb.Errorf("%s = %+v, client %d, %v, want client %d", what, check, got, err, want)
	}
}

// identityRows has Luz with three services, and clients with similar names or without documents.
func identityRows() []map[string]any {
	second := withValue(withValue(luzRow, "id_servicio", 28), "estado", "Activo")
	return []map[string]any{
		withValue(luzRow, "estado", "Cancelado"), // 26
		second,
		withValue(withValue(luzRow, "id_servicio", 27), "cedula", "77.001.122"),
		withValue(withValue(withValue(luzRow, "id_servicio", 30), "nombre", "Luz Dary Peña"), "cedula", "5"),
		withValue(withValue(withValue(luzRow, "id_servicio", 31), "nombre", "Sin Papeles"), "cedula", ""),
		withValue(withValue(withValue(luzRow, "id_servicio", 32), "nombre", "Sin Papeles Dos"), "cedula", ""),
		withValue(withValue(withValue(luzRow, "id_servicio", 33), "nombre", "Otra Ana"), "precio_plan", "80000"),
		withValue(withValue(withValue(withValue(luzRow, "id_servicio", 34), "nombre", "Otra Ana Mía"), "cedula", "6"), "precio_plan", ""),
	}
}

func TestClients_Identify(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, address, plan, price string
		want                       int
	}{
		{"luz marina", "chapa", "fibra", "", 27}, // active services first, then the lowest id
		{"luz marina", "chapa", "fibra", "65000", 27},
		{"luz marina", "chapa", "fibra", "65001", 0},
		{"luz dary", "vereda la chapa", "", "65000", 30},
		{"luz", "chapa", "fibra", "65000", 0}, // two customers
		{"luz marina dary", "chapa", "fibra", "65000", 0},
		{"sin papeles", "chapa", "fibra", "", 0}, // without a document they count as two customers
		{"sin papeles dos", "chapa", "fibra", "", 32},
		{"otra ana", "chapa", "fibra", "", 0},
		{"otra ana", "chapa", "", "80000", 33},
		{"otra ana", "chapa", "", "50000", 34}, // by the plan's price
		{"otra ana", "chapa", "", "1", 0},
		{"", "chapa", "fibra", "50000", 34},
		{"otra ana", "", "fibra", "50000", 34},
	}
	directory := directoryOf(t, identityRows()...)
	for _, test := range tests {
		fetch, _ := fakePlanPrices(t, map[int]string{3: "50000.00"})
		check, err := mustParse(t, claimOf(t, test.name, test.address, test.plan, test.price)).identify(t.Context(), directory, fetch)
		wantIdentified(t, fmt.Sprintf("identify(%+v)", test), check, err, test.want)
	}
}

func TestClients_IdentifyMatchedFields(t *testing.T) {
	t.Parallel()
	directory := directoryOf(t, identityRows()...)
	check, err := mustParse(t, claimOf(t, "dary", "chapa", "", "65000")).identify(t.Context(), directory, nil)
	want := []IdentityField{IdentityName, IdentityAddress, IdentityPlanPrice}
	if err != nil || !slices.Equal(check.MatchedFields, want) {
		t.Errorf("identify() = %+v, %v, want %v", check, err, want)
	}
}

// Plans are fetched together, each once, and only if they can change the answer.
func TestClients_IdentifyFetchesFewPlans(t *testing.T) {
	t.Parallel()
	var rows []map[string]any
	for n := range 12 {
		row := withValue(withValue(luzRow, "id_servicio", 1+n), "cedula", fmt.Sprint(n))
		row["nombre"], row["precio_plan"] = fmt.Sprintf("Ana %d", n), "0.00"
		row["plan_internet"] = map[string]any{"id": 1 + n%4, "nombre": fmt.Sprintf("Plan %d Fibra", n%4)}
		rows = append(rows, row)
	}
	rows[5]["precio_plan"] = "65000"
	rows = append(rows, withValue(withValue(luzRow, "id_servicio", 50), "nombre", "Ana Dos"), withValue(withValue(luzRow, "id_servicio", 51), "cedula", "x"))
	directory := directoryOf(t, rows...)
	tests := []struct {
		name, address, plan, price string
		fetched                    []int
	}{
		{"ana", "chapa", "fibra", "", nil},
		{"nadie", "chapa", "fibra", "65000", nil},
		{"ana 7", "chapa", "fibra", "65000", []int{4}},
		{"ana 5", "chapa", "fibra", "65000", nil},
		{"ana", "chapa", "fibra", "1", []int{1, 2, 3, 4}},
		{"ana", "chapa", "plan 2", "1", []int{3}},
		{"ana", "chapa", "fibra", "65000", nil}, // Ana 5 and Ana Dos match already, so prices do not matter
		{"ana", "mosca", "fibra", "65000", nil},
	}
	for _, test := range tests {
		fetch, fetched := fakePlanPrices(t, nil)
		if _, err := mustParse(t, claimOf(t, test.name, test.address, test.plan, test.price)).identify(t.Context(), directory, fetch); err != nil {
			t.Errorf("identify(%+v) = %v", test, err)
		}
		if !slices.Equal(*fetched, test.fetched) {
			t.Errorf("identify(%+v) fetched plans %v, want %v", test, *fetched, test.fetched)
		}
	}
}

// If a plan cannot be fetched, there is no answer.
func TestClients_IdentifyFailsWithThePlan(t *testing.T) {
	t.Parallel()
	failure := errors.New("no answer")
	fetch := func(_ context.Context, ids []int) ([]*PlanDetails, []error) {
		return make([]*PlanDetails, len(ids)), []error{failure}
	}
	directory := directoryOf(t, withValue(luzRow, "precio_plan", ""))
	claim := mustParse(t, claimOf(t, "luz", "chapa", "", "65000"))
	check, err := claim.identify(t.Context(), directory, fetch)
	if wantErrorIs(t, "identify()", err, failure); check != nil {
		t.Errorf("identify() = %+v, want nil", check)
	}
	check, err = claim.verify(t.Context(), directory.clients[0], fetch)
	if wantErrorIs(t, "verify()", err, failure); check != nil {
		t.Errorf("verify() = %+v, want nil", check)
	}
}

// Verifying each client in turn gives the same answer.
func TestClients_IdentifyEqualsVerifyingEachClient(t *testing.T) {
	t.Parallel()
	documents := rapid.SampledFrom([]string{"", "1", "2"})
	rapid.Check(t, func(rt *rapid.T) {
		var rows []map[string]any
		for n := range rapid.IntRange(0, 8).Draw(rt, "clients") {
			rows = append(rows, map[string]any{
				"id_servicio": 1 + n, "nombre": fragments.Draw(rt, "name"), "direccion": fragments.Draw(rt, "address"), "cedula": documents.Draw(rt, "document"),
				"estado":        rapid.SampledFrom([]string{"Activo", "Suspendido"}).Draw(rt, "state"),
				"precio_plan":   rapid.SampledFrom([]string{"", "0.00", "10", "10.5", "12"}).Draw(rt, "price"),
				"plan_internet": map[string]any{"id": rapid.IntRange(0, 3).Draw(rt, "plan"), "nombre": fragments.Draw(rt, "plan's name")},
			})
		}
		directory := directoryOf(t, rows...)
		input := claimOf(t, fragments.Draw(rt, "claimed name"), fragments.Draw(rt, "claimed address"), fragments.Draw(rt, "claimed plan"),
			rapid.SampledFrom([]string{"", "10", "11.2"}).Draw(rt, "claimed price"))
		claim, err := input.parse()
		if err != nil {
			rt.Skip() // a claim that is refused says nothing about matches
		}
		fetch, _ := fakePlanPrices(t, map[int]string{1: "10.00", 2: "11.00"})
		var matches []*Client
		for _, client := range directory.clients {
			if check, err := claim.verify(t.Context(), client, fetch); err == nil && check.Valid {
				matches = append(matches, client)
			}
		}
		want := 0
		if len(matches) > 0 && oneCustomer(matches) {
			want = preferred(matches).ServiceID
		}
		check, err := claim.identify(t.Context(), directory, fetch)
		wantIdentified(rt, "identify()", check, err, want)
	})
}

// A claim with the texts of a client's own row finds that customer.
func TestClients_IdentifyEachSimulatedClient(t *testing.T) {
	t.Parallel()
	directory := simulatedDirectory(500)
	identified := 0
	for _, client := range directory.clients {
		input := IdentityClaim{Name: &client.Name, Address: new(string(client.Address)), PlanPrice: &client.PlanPrice}
		if client.Plan != nil {
			input.PlanName = &client.Plan.Name
		}
		claim, err := input.parse()
		if err != nil {
			continue // the row has too few fields
		}
		fetch, _ := fakePlanPrices(t, map[int]string{client.planID(): client.PlanPrice.String()})
		if check, err := claim.verify(t.Context(), client, fetch); err != nil || !check.Valid {
			t.Errorf("verify(%d) = %+v, %v, want valid", client.ServiceID, check, err)
		}
		check, err := claim.identify(t.Context(), directory, fetch)
		if err != nil || check.Valid && check.Client.document != client.document {
			t.Errorf("identify(%d) = %+v, %v, want the same customer", client.ServiceID, check, err)
		}
		if check.Valid {
			identified++
		}
	}
	if identified < 400 {
		t.Errorf("%d of 500 clients are identified by their row, want at least 400", identified)
	}
}

func TestClients_VerifyCalls(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 5)
	upstream.PutRow(withValue(withValue(luzRow, "precio_plan", "0.00"), "id_servicio", mariaID))
	input := claimOf(t, "luz", "vereda la chapa", "", "65000")
	for range 2 { // one for the client, one for the plans, one for the plan; the second time none
		check, err := provider.Clients.Verify(t.Context(), mariaID, input, provider.Plans.ManyDetails)
		wantIdentified(t, "Verify()", check, err, mariaID)
		wantCallsBesideList(t, upstream, 3)
	}
	if check, err := provider.Clients.Verify(t.Context(), 29_999, input, provider.Plans.ManyDetails); check != nil || err != nil {
		t.Errorf("Verify(29999) = %+v, %v, want nil", check, err)
	}
	upstream.Reset()
	_, err := provider.Clients.Verify(t.Context(), 0, input, nil)
	wantInputError(t, "Verify(0)", err, "serviceId")
	_, err = provider.Clients.Verify(t.Context(), 29_998, IdentityClaim{}, nil)
	wantInputError(t, "Verify() without fields", err, "claim")
	_, err = provider.Clients.Identify(t.Context(), IdentityClaim{}, nil)
	wantInputError(t, "Identify() without fields", err, "claim")
	wantCalls(t, upstream, 0)
}

// A PCQ plan has no price, which costs one call: the list of plans.
func TestClients_IdentifyCalls(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 5)
	upstream.PutRow(withValue(withValue(luzRow, "precio_plan", ""), "plan_internet", map[string]any{"id": pcqPlan, "nombre": "PCQ Veredas"}))
	identify := func(price string) (*IdentityCheck, error) {
		return provider.Clients.Identify(t.Context(), claimOf(t, "luz marina", "chapa", "veredas", price), provider.Plans.ManyDetails)
	}
	check, err := identify("")
	wantIdentified(t, "Identify()", check, err, 26)
	wantCalls(t, upstream, 1)
	check, err = identify("0")
	wantIdentified(t, "Identify() by an unknown price", check, err, 0)
	wantCalls(t, upstream, 2)
}

func TestClients_IdentifyUpstreamDown(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 5)
	upstream.SetFaults(wisphubtest.Faults{Down: true})
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		input := claimOf(t, "luz", "chapa", "fibra", "")
		_, err := provider.Clients.Identify(t.Context(), input, nil)
		wantErrorIs(t, "Identify()", err, ErrUpstreamUnavailable)
		_, err = provider.Clients.Verify(t.Context(), mariaID, input, nil)
		wantErrorIs(t, "Verify()", err, ErrUpstreamUnavailable)
	})
}
