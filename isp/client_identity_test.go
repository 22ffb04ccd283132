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

// wantIdentified compares who is found, 0 for nobody. Of nobody nothing is told.
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

// identityRows is Luz with three services, and who might be taken for her.
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

func TestIdentify(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, address, plan, price string
		want                       int
	}{
		{"luz marina", "chapa", "fibra", "", 27}, // the active ones, then the lowest id
		{"luz marina", "chapa", "fibra", "65000", 27},
		{"luz marina", "chapa", "fibra", "65001", 0},
		{"luz dary", "vereda la chapa", "", "65000", 30},
		{"luz", "chapa", "fibra", "65000", 0}, // two customers
		{"luz marina dary", "chapa", "fibra", "65000", 0},
		{"sin papeles", "chapa", "fibra", "", 0}, // nobody knows that they are one
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
		ask, _ := fakePlanPrices(t, map[int]string{3: "50000.00"})
		check, err := mustParse(t, claimOf(t, test.name, test.address, test.plan, test.price)).identify(t.Context(), directory, ask)
		wantIdentified(t, fmt.Sprintf("identify(%+v)", test), check, err, test.want)
	}
}

func TestIdentifyNames(t *testing.T) {
	t.Parallel()
	directory := directoryOf(t, identityRows()...)
	check, err := mustParse(t, claimOf(t, "dary", "chapa", "", "65000")).identify(t.Context(), directory, nil)
	want := []IdentityField{IdentityName, IdentityAddress, IdentityPlanPrice}
	if err != nil || !slices.Equal(check.MatchedFields, want) {
		t.Errorf("identify() = %+v, %v, want %v", check, err, want)
	}
}

// Plans are asked for at once, each once, and only when they can matter.
func TestIdentifyAsksFewPlans(t *testing.T) {
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
		asked                      []int
	}{
		{"ana", "chapa", "fibra", "", nil},
		{"nadie", "chapa", "fibra", "65000", nil},
		{"ana 7", "chapa", "fibra", "65000", []int{4}},
		{"ana 5", "chapa", "fibra", "65000", nil},
		{"ana", "chapa", "fibra", "1", []int{1, 2, 3, 4}},
		{"ana", "chapa", "plan 2", "1", []int{3}},
		{"ana", "chapa", "fibra", "65000", nil}, // Ana 5 and Ana Dos are strangers already
		{"ana", "mosca", "fibra", "65000", nil},
	}
	for _, test := range tests {
		ask, asked := fakePlanPrices(t, nil)
		if _, err := mustParse(t, claimOf(t, test.name, test.address, test.plan, test.price)).identify(t.Context(), directory, ask); err != nil {
			t.Errorf("identify(%+v) = %v", test, err)
		}
		if !slices.Equal(*asked, test.asked) {
			t.Errorf("identify(%+v) asked for plans %v", test, *asked)
		}
	}
}

// A plan that fails leaves the answer open: neither valid nor not.
func TestIdentityNeedsThePlan(t *testing.T) {
	t.Parallel()
	failure := errors.New("no answer")
	ask := func(_ context.Context, ids []int) ([]*PlanDetails, []error) {
		return make([]*PlanDetails, len(ids)), []error{failure}
	}
	directory := directoryOf(t, withValue(luzRow, "precio_plan", ""))
	claim := mustParse(t, claimOf(t, "luz", "chapa", "", "65000"))
	check, err := claim.identify(t.Context(), directory, ask)
	if wantErrorIs(t, "identify()", err, failure); check != nil {
		t.Errorf("identify() = %+v, want nothing", check)
	}
	check, err = claim.verify(t.Context(), directory.clients[0], ask)
	if wantErrorIs(t, "verify()", err, failure); check != nil {
		t.Errorf("verify() = %+v, want nothing", check)
	}
}

// Who is identified is who is verified: a look at one client after the other says the same.
func TestIdentifyEqualsVerifyingEverybody(t *testing.T) {
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
		said := claimOf(t, fragments.Draw(rt, "claimed name"), fragments.Draw(rt, "claimed address"), fragments.Draw(rt, "claimed plan"),
			rapid.SampledFrom([]string{"", "10", "11.2"}).Draw(rt, "claimed price"))
		claim, err := said.parse()
		if err != nil {
			rt.Skip()
		}
		ask, _ := fakePlanPrices(t, map[int]string{1: "10.00", 2: "11.00"})
		var fit []*Client
		for _, client := range directory.clients {
			if check, err := claim.verify(t.Context(), client, ask); err == nil && check.Valid {
				fit = append(fit, client)
			}
		}
		want := 0
		if len(fit) > 0 && oneCustomer(fit) {
			want = preferred(fit).ServiceID
		}
		check, err := claim.identify(t.Context(), directory, ask)
		wantIdentified(rt, "identify()", check, err, want)
	})
}

// Everybody in the simulated list is known by what their own row says.
func TestIdentifyEverybody(t *testing.T) {
	t.Parallel()
	directory := simulatedDirectory(t, 500)
	known := 0
	for _, client := range directory.clients {
		said := IdentityClaim{Name: &client.Name, Address: new(string(client.Address)), PlanPrice: &client.PlanPrice}
		if client.Plan != nil {
			said.PlanName = &client.Plan.Name
		}
		claim, err := said.parse()
		if err != nil {
			continue // next to nothing is known of them
		}
		ask, _ := fakePlanPrices(t, map[int]string{client.planID(): client.PlanPrice.String()})
		if check, err := claim.verify(t.Context(), client, ask); err != nil || !check.Valid {
			t.Errorf("verify(%d) = %+v, %v, want valid", client.ServiceID, check, err)
		}
		check, err := claim.identify(t.Context(), directory, ask)
		if err != nil || check.Valid && check.Client.document != client.document {
			t.Errorf("identify(%d) = %+v, %v, want the same customer", client.ServiceID, check, err)
		}
		if check.Valid {
			known++
		}
	}
	if known < 400 {
		t.Errorf("%d of 500 clients are known by their row, want nearly all", known)
	}
}

func TestVerifyCosts(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 5)
	upstream.PutRow(withValue(withValue(luzRow, "precio_plan", "0.00"), "id_servicio", mariaID))
	said := claimOf(t, "luz", "vereda la chapa", "", "65000")
	for range 2 { // one for her, one for the plans, one for the plan; the second time nothing
		check, err := provider.Clients.Verify(t.Context(), mariaID, said, provider.Plans.ManyDetails)
		wantIdentified(t, "Verify()", check, err, mariaID)
		wantCalls(t, upstream, 3)
	}
	if check, err := provider.Clients.Verify(t.Context(), 29_999, said, provider.Plans.ManyDetails); check != nil || err != nil {
		t.Errorf("Verify(nobody) = %+v, %v, want nothing", check, err)
	}
	upstream.Reset()
	_, err := provider.Clients.Verify(t.Context(), 0, said, nil)
	wantInputError(t, "Verify(0)", err, "serviceId")
	_, err = provider.Clients.Verify(t.Context(), 29_998, IdentityClaim{}, nil)
	wantInputError(t, "Verify() of nothing", err, "claim")
	_, err = provider.Clients.Identify(t.Context(), IdentityClaim{}, nil)
	wantInputError(t, "Identify() by nothing", err, "claim")
	wantCalls(t, upstream, 0)
}

// A PCQ plan has no price, which costs the list of plans and nothing else.
func TestIdentifyCosts(t *testing.T) {
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
	wantIdentified(t, "Identify() by a price that nobody knows", check, err, 0)
	wantCalls(t, upstream, 2)
}

func TestIdentityWhileDown(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 5)
	upstream.SetFaults(wisphubtest.Faults{Down: true})
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		said := claimOf(t, "luz", "chapa", "fibra", "")
		_, err := provider.Clients.Identify(t.Context(), said, nil)
		wantErrorIs(t, "Identify()", err, ErrUpstreamUnavailable)
		_, err = provider.Clients.Verify(t.Context(), mariaID, said, nil)
		wantErrorIs(t, "Verify()", err, ErrUpstreamUnavailable)
	})
}
