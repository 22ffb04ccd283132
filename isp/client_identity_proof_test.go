package isp

import (
	"context"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// claimOf returns a claim; "" leaves a field out.
func claimOf(tb testing.TB, name, address, plan, price string) IdentityClaim {
	tb.Helper()
	input := IdentityClaim{Name: &name, Address: &address, PlanName: &plan}
	for _, field := range []**string{&input.Name, &input.Address, &input.PlanName} {
		if **field == "" {
			*field = nil
		}
	}
	if price != "" {
		input.PlanPrice = decimalOf(tb, price)
	}
	return input
}

// fakePlanPrices returns a PlanDetailsFunc with these prices, and the list of the ids it was
// called with.
func fakePlanPrices(tb testing.TB, prices map[int]string) (fetch PlanDetailsFunc, fetched *[]int) {
	tb.Helper()
	fetched = &[]int{}
	return func(_ context.Context, ids []int) ([]*PlanDetails, []error) {
		*fetched = append(*fetched, ids...)
		details := make([]*PlanDetails, len(ids))
		for i, id := range ids {
			details[i] = &PlanDetails{}
			if price, known := prices[id]; known {
				details[i].Price = *decimalOf(tb, price)
			}
		}
		return details, make([]error, len(ids))
	}, fetched
}

// mustParse parses a valid claim.
func mustParse(tb testing.TB, input IdentityClaim) *claim {
	tb.Helper()
	claim, err := input.parse()
	if err != nil {
		tb.Fatalf("parse(%v) = %v", input, err)
	}
	return claim
}

var luzRow = map[string]any{
	"id_servicio": 26, "nombre": "Luz  Marina PEÑA Ángel ", "cedula": "77001122", "estado": "Activo",
	"direccion": "V/ La  Chapa, finca El Peñón", "precio_plan": "65000.00", "plan_internet": map[string]any{"id": 3, "nombre": "Plan 50 Fibra Óptica"},
}

// withValue returns a copy of the row with one value changed.
func withValue(row map[string]any, key string, value any) map[string]any {
	changed := map[string]any{key: value}
	for other, unchanged := range row {
		if other != key {
			changed[other] = unchanged
		}
	}
	return changed
}

func TestClaim_Texts(t *testing.T) {
	t.Parallel()
	luz := directoryOf(t, luzRow).clients[0]
	all := []IdentityField{IdentityName, IdentityAddress, IdentityPlanName}
	tests := []struct {
		name, address, plan string
		want                []IdentityField
	}{
		{"Luz  Marina PEÑA Ángel ", "V/ La  Chapa, finca El Peñón", "Plan 50 Fibra Óptica", all},
		{"luz marina pena angel", "la chapa, finca el penon", "plan 50 fibra optica", all},
		{norm.NFD.String("MARINA  PEÑA"), "  vereda   LA CHAPA ", "50\u00a0fibra", all},
		{"peña", "vda/la chapa", "óptica", all},
		{"peña", "VDA/ La Chapa", "óptica", all},
		{"peña", "v/la chapa", "óptica", all},
		{"peña", "V/  la chapa", "óptica", all},
		{"peña", "B/ la chapa", "óptica", all},
		{"peña", "Barrio La Chapa", "óptica", all},
		{"peña", "vereda", "óptica", nil},      // two fields are too few
		{"luz peña", "la chapa", "fibra", all}, // word by word
		{"luz peñas", "la chapa", "fibra", []IdentityField{IdentityAddress, IdentityPlanName}},
		{"peñas", "la chapas", "fibra", []IdentityField{IdentityPlanName}},
		{"peña", "finca vereda la chapa", "fibra", []IdentityField{IdentityName, IdentityPlanName}}, // not the first word
		{"peña", "veredas la chapa", "fibra", []IdentityField{IdentityName, IdentityPlanName}},
		{"peña", "vda la chapa", "fibra", []IdentityField{IdentityName, IdentityPlanName}},
		{"peña", "la mosca", "fibra 50", []IdentityField{IdentityName}},
		{"ana", "la mosca", "plan 500", []IdentityField{}},
	}
	for _, test := range tests {
		input := claimOf(t, test.name, test.address, test.plan, "")
		claim, err := input.parse()
		if test.want == nil {
			wantInputError(t, test.address, err, "claim")
			continue
		}
		if err != nil {
			t.Errorf("parse(%+v) = %v", test, err)
			continue
		}
		check, err := claim.verify(t.Context(), luz, nil)
		if err != nil || !slices.Equal(check.MatchedFields, test.want) || check.Valid != (len(test.want) == 3) || (check.Client == luz) != check.Valid {
			t.Errorf("verify(%q, %q, %q) = %+v, %v, want %v", test.name, test.address, test.plan, check, err, test.want)
		}
	}
}

// A client without a price has the plan's price. Some plans, such as PCQ plans, have none.
func TestClaim_Prices(t *testing.T) {
	t.Parallel()
	tests := []struct {
		row     any
		plan    string // "" for a plan without price
		claimed string
		want    bool
		fetches bool
	}{
		{"65000.00", "1", "65000", true, false},
		{"65000.00", "1", "65000.99", true, false},
		{"65000.00", "1", "64999.01", true, false},
		{"65000.00", "1", "65001", false, false},
		{"65000.00", "1", "64999", false, false},
		{"65000.00", "1", "64999.000000000000000000000001", true, false},
		{"65000.00", "1", "0.65e5", true, false},
		{"65000.00", "65001", "65001", false, false}, // the client's own price wins
		{65000.5, "1", "65001.49", true, false},
		{"0.50", "1", "0", true, false},
		{"", "65000.00", "65000", true, true},
		{nil, "65000.00", "65000.5", true, true},
		{"0", "65000.00", "65000", true, true},
		{"0.00", "65000.00", "65000", true, true},
		{"0.00", "65000.00", "0", false, true},
		{"gratis", "65000.00", "65000", true, true},
		{"0.00", "0.00", "0", true, true}, // a free plan
		{"0.00", "0.00", "65000", false, true},
		{"0.00", "", "0", false, true},
		{"", "", "48000", false, true},
		{"48000.00", "", "48000", true, false},
	}
	for _, test := range tests {
		client := directoryOf(t, withValue(luzRow, "precio_plan", test.row)).clients[0]
		prices := map[int]string{3: test.plan}
		if test.plan == "" {
			delete(prices, 3)
		}
		fetch, fetched := fakePlanPrices(t, prices)
		check, err := mustParse(t, claimOf(t, "luz", "chapa", "", test.claimed)).verify(t.Context(), client, fetch)
		if err != nil || check.Valid != test.want || slices.Contains(check.MatchedFields, IdentityPlanPrice) != test.want {
			t.Errorf("verify(price %v, plan %q, claimed %s) = %+v, %v, want valid %t", test.row, test.plan, test.claimed, check, err, test.want)
		}
		if (len(*fetched) == 1) != test.fetches {
			t.Errorf("price %v: fetched plans %v, want a fetch: %t", test.row, *fetched, test.fetches)
		}
	}
}

// Clients without a plan and claims without a price need no plan details.
func TestClaim_FetchesNoPlan(t *testing.T) {
	t.Parallel()
	fetch, fetched := fakePlanPrices(t, map[int]string{3: "65000.00"})
	poor := withValue(luzRow, "precio_plan", nil)
	for _, test := range []struct {
		row   map[string]any
		input IdentityClaim
		want  []IdentityField
	}{
		{withValue(poor, "plan_internet", nil), claimOf(t, "luz", "chapa", "fibra", "65000"), []IdentityField{IdentityName, IdentityAddress}},
		{poor, claimOf(t, "luz", "chapa", "fibra", ""), []IdentityField{IdentityName, IdentityAddress, IdentityPlanName}},
	} {
		check, err := mustParse(t, test.input).verify(t.Context(), directoryOf(t, test.row).clients[0], fetch)
		if err != nil || !slices.Equal(check.MatchedFields, test.want) || len(*fetched) > 0 {
			t.Errorf("verify() = %+v, %v, fetched plans %v, want %v and no plans", check, err, *fetched, test.want)
		}
	}
}

func TestClaim_Invalid(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ñ", 200)
	if _, err := claimOf(t, long, long, long, "").parse(); err != nil {
		t.Errorf("parse() of 200 characters = %v, want no error", err)
	}
	tests := []struct {
		name, address, plan, price string
		path                       []string
	}{
		{"", "", "", "", []string{"claim"}},
		{"ana", "chapa", "", "", []string{"claim"}},
		{"ana", "", "", "65000", []string{"claim"}},
		{"ana", "chapa", " \u00a0", "", []string{"claim"}},
		{"ana", "chapa", "\u0301", "", []string{"claim"}}, // an accent without a letter
		{"ana", "chapa", "#, -", "", []string{"claim"}},
		{"ana", "Vereda ", "fibra", "", []string{"claim"}},
		{"ana", "BARRIO", "fibra", "", []string{"claim"}},
		{"ana", "v/", "fibra", "", []string{"claim"}},
		{"ana", "vda/ .", "fibra", "", []string{"claim"}},
		{"b/", "chapa", "fibra", "", []string{"claim"}},
		{long + "n", "chapa", "fibra", "65000", []string{"claim", "name"}},
		{"ana", long + "n", "fibra", "65000", []string{"claim", "address"}},
		{"ana", "chapa", long + "n", "65000", []string{"claim", "planName"}},
		{"ana\n", "chapa", "fibra", "65000", []string{"claim", "name"}},
		{"ana", "la\tchapa", "fibra", "65000", []string{"claim", "address"}},
		{"ana", "chapa", "fib\x00ra", "65000", []string{"claim", "planName"}},
		{"ana", "chapa\u0085", "", "", []string{"claim", "address"}}, // reported before the number of fields
	}
	for _, test := range tests {
		_, err := claimOf(t, test.name, test.address, test.plan, test.price).parse()
		wantInputError(t, "claim of "+test.name+", "+test.address+", "+test.plan, err, test.path...)
	}
	_, err := IdentityClaim{Name: new("ana"), Address: new("chapa"), PlanPrice: &Decimal{}}.parse()
	wantInputError(t, "no amount", err, "claim")
}

// fragments are texts of claims and clients in property tests. Many contain others.
var fragments = rapid.SampledFrom([]string{"", "a", "Á", "vereda a", "v/ñ", "barrio", "b/ á n", "n a", " ", "na", "50", "an 50"})

// One more field never makes a claim match a client that it did not match before.
func TestClaim_MoreFieldsMatchFewerClients(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		row := withValue(withValue(luzRow, "nombre", fragments.Draw(rt, "name")), "direccion", fragments.Draw(rt, "address"))
		client := directoryOf(t, row).clients[0]
		input := claimOf(t, fragments.Draw(rt, "claimed name"), fragments.Draw(rt, "claimed address"), fragments.Draw(rt, "plan"), "")
		fuller := input
		fuller.PlanPrice = decimalOf(t, rapid.SampledFrom([]string{"65000", "65000.4", "1"}).Draw(rt, "price"))
		less, err := input.parse()
		if err != nil {
			rt.Skip() // a claim that is refused says nothing about matches
		}
		before, _ := less.verify(t.Context(), client, nil)
		after, err := mustParse(t, fuller).verify(t.Context(), client, nil)
		if err != nil {
			rt.Fatal(err)
		}
		matches := slices.Contains(after.MatchedFields, IdentityPlanPrice)
		if after.Valid != (before.Valid && matches) {
			rt.Errorf("verify() = valid %t with a price that matches %t, valid %t without", after.Valid, matches, before.Valid)
		}
		if texts := after.MatchedFields[:len(before.MatchedFields)]; !slices.Equal(texts, before.MatchedFields) {
			rt.Errorf("matched %v, with a price %v, want the same texts", before.MatchedFields, after.MatchedFields)
		}
	})
}

// FuzzIdentityClaim checks that a claim of a client's own texts matches that client, and that
// every valid claim has at least three fields.
func FuzzIdentityClaim(f *testing.F) {
	f.Add("Luz Marina", "Vereda La Chapa", "Plan 50", "65000")
	f.Add("v/", "vereda", "barrio", "0")
	f.Add("b/ \u0301a", "VEREDA\u00a0ñ", "ß", "")
	f.Add("\xff", "vda/\xff.", "\u1fb3", "1e30")
	f.Fuzz(func(t *testing.T, name, address, plan, price string) {
		input := IdentityClaim{Name: &name, Address: &address, PlanName: &plan}
		if amount, err := ParseDecimal(price); err == nil {
			input.PlanPrice = &amount
		}
		claim, err := input.parse()
		if err != nil {
			return
		}
		fields := claim.givenFields()
		if len(fields) < MinClaimFields {
			t.Errorf("parse(%q, %q, %q, %q) has fields %v, want at least three", name, address, plan, price, fields)
		}
		fetch, _ := fakePlanPrices(t, map[int]string{})
		self := &Client{Name: name, Address: Text(address), Plan: &Plan{PlanID: 1, Name: plan}}
		if input.PlanPrice != nil {
			self.PlanPrice = *input.PlanPrice
			fetch, _ = fakePlanPrices(t, map[int]string{1: price})
		}
		if check, err := claim.verify(t.Context(), self, fetch); err != nil || !check.Valid || !slices.Equal(check.MatchedFields, fields) {
			t.Errorf("verify(%q, %q, %q, %q) of the client itself = %+v, %v, want %v", name, address, plan, price, check, err, fields)
		}
		if check, err := claim.verify(t.Context(), &Client{}, fetch); err != nil || check.Valid || len(check.MatchedFields) > 0 {
			t.Errorf("verify(%q, %q, %q, %q) of an empty client = %+v, %v, want no match", name, address, plan, price, check, err)
		}
	})
}
