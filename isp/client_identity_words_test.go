package isp

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func anaRow() map[string]any {
	row := withValue(withValue(luzRow, "nombre", "ANA MARÍA PÉREZ GÓMEZ"), "direccion", "Calle 5 # 10-20")
	return withValue(row, "precio_plan", "65000.00")
}

func Test13_15_NameMatchesWordByWord(t *testing.T) {
	t.Parallel()
	directory := directoryOf(t, anaRow(),
		map[string]any{"id_servicio": 70, "nombre": nil, "direccion": nil, "precio_plan": nil},
		map[string]any{"id_servicio": 71, "nombre": 5}, map[string]any{"id_servicio": 72})
	for name, want := range map[string]bool{
		"ana perez": true, "perez ana": true, "gómez maría": true, "an pere": true, "  PÉREZ\u00a0Ana ": true, "ana maria perez gomez": true,
		"ana ruiz": false, "anaperez": false, "perezgomez": false, "ana perez ruiz": false, "a perez": true, "n perez": false, "ana calle": false, // the address is no name
	} {
		claim := mustParse(t, claimOf(t, name, "calle 5", "fibra", ""))
		check, err := claim.identify(t.Context(), directory, nil)
		wantIdentified(t, "identify("+name+")", check, err, map[bool]int{true: 26}[want])
		verified, err := claim.verify(t.Context(), directory.byID(26), nil)
		if err != nil || verified.Valid != want || slices.Contains(verified.MatchedFields, IdentityName) != want {
			t.Errorf("verify(%s) = %+v, %v, want %t", name, verified, err, want)
		}
	}
	check, err := mustParse(t, claimOf(t, "ana", "calle 10-20", "fibra", "")).identify(t.Context(), directory, nil)
	wantIdentified(t, "identify() by words of the address", check, err, 0)
}

// A claim never fits a client whom the search for its name does not find.
func Test13_15_NameIsAsStrictAsSearch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		row := map[string]any{"id_servicio": 1, "nombre": fragments.Draw(rt, "stored"), "direccion": "calle 1", "precio_plan": "10"}
		directory, name := directoryOf(t, row), fragments.Draw(rt, "name")
		claim, err := claimOf(t, name+" ana", "calle", "", "10").parse()
		if err != nil {
			rt.Skip() // a claim that is refused says nothing about matches
		}
		check, err := claim.verify(t.Context(), directory.clients[0], nil)
		if err != nil {
			rt.Fatal(err)
		}
		if stated := withoutPlaceWord(strings.ToLower(name + " ana")); check.Valid && len(searchIDs(t, directory, stated)) == 0 {
			rt.Errorf("verify(%q) of %q is valid, want the search to find it too", name, row["nombre"])
		}
	})
}

func Test13_15_PriceWithThousandsFits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		stored  any
		claimed string
		want    bool
	}{
		{"65000.00", "65000", true}, {"65000.00", "65.000", true}, {"65000.00", "65,000", true}, {"65000.00", "65.000,00", true}, {"65000.00", "65,000.00", true},
		{"65000.00", "65.001", false}, {"65000.00", "6.500", false}, {"65000.00", "65,0", false}, {"65000.00", "65", false}, {"65000.00", "650.00", false},
		{65, "65.000", true}, {"65.00", "65,000", true}, {"65.00", "65000", false}, {"65.50", "65,50", true}, {65.5, "65.5", true},
		{"1250000", "1.250.000", true}, {"1250000", "1,250,000.00", true}, {"1250000", "1.250.000,50", true}, {"1250000", "1.250", false},
		{"64999500", "64999.500", false}, {nil, "65.000", false}, {"gratis", "65.000", false}, {"0.00", "65.000", false},
	}
	for _, test := range tests {
		price, err := ParseDecimal(test.claimed) // as the scalar reads it
		if err != nil {
			price, err = ParsePrice(test.claimed)
		}
		if err != nil {
			t.Errorf("ParsePrice(%q) = %v", test.claimed, err)
			continue
		}
		said := claimOf(t, "ana", "calle 5", "", "")
		said.PlanPrice = &price
		directory := directoryOf(t, withValue(anaRow(), "precio_plan", test.stored))
		ask, _ := fakePlanPrices(t, nil)
		check, err := mustParse(t, said).verify(t.Context(), directory.clients[0], ask)
		if err != nil || check.Valid != test.want {
			t.Errorf("price %v, claimed %q: %+v, %v, want %t", test.stored, test.claimed, check, err, test.want)
		}
	}
}

// What is no amount is none, and money that is written is read strictly.
func Test13_15_PricesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " ", ".", ",", "mucho", "65.00.000", "65,00,0", "6.5000,00", "65.000,000", "1,234.567,00", "65 000", strings.Repeat("1,", 40)} {
		if got, err := ParsePrice(text); err == nil {
			t.Errorf("ParsePrice(%q) = %s, want an error", text, got)
		}
	}
	for _, text := range []string{"65,000", "65.000,00", "65,000.00", "1.250.000"} {
		if got, err := ParseDecimal(text); err == nil {
			t.Errorf("ParseDecimal(%q) = %s, want an error", text, got)
		}
	}
	if got, err := ParseDecimal("65.000"); err != nil || got.String() != "65.00" {
		t.Errorf("ParseDecimal(65.000) = %s, %v, want 65.00", got, err)
	}
}

// A name of single letters would fit many clients, so it identifies none.
func Test13_15_LettersAreNoName(t *testing.T) {
	t.Parallel()
	directory := directoryOf(t, anaRow())
	for _, name := range []string{"a", "a p", "p. a."} {
		claim := mustParse(t, claimOf(t, name, "calle 5", "fibra", ""))
		check, err := claim.identify(t.Context(), directory, nil)
		wantIdentified(t, "identify("+name+")", check, err, 0)
	}
}
