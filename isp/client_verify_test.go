package isp

import (
	"slices"
	"testing"

	"wisphub-graphql/isp/phone"
	"wisphub-graphql/wisphub"
)

// A row has only the whole name, and a profile may lack first and last name. The check uses what
// is known.
func TestUpdateClientInput_NamesNotApplied(t *testing.T) {
	t.Parallel()
	profile := func(name, lastName wisphub.Text) *wisphub.Profile {
		return &wisphub.Profile{Name: name, LastName: lastName}
	}
	tests := []struct {
		name, lastName *string
		before, after  string
		profile        *wisphub.Profile
		want           []string
	}{
		{new("Zoé"), nil, "Ana Pérez", "Zoé Pérez", profile("Zoé", "Pérez"), nil},
		{new("Zoé"), nil, "Ana Pérez", "Zoé Pérez", nil, nil},
		{new("Zoé"), nil, "Ana Pérez", "ZOE PÉREZ", nil, nil}, // written in capitals by WispHub
		{new("Zoé"), nil, "Ana Pérez", "ZOE PÉREZ", profile("ZOE", "PÉREZ"), nil},
		{new("Zoé"), nil, "Ana Pérez", "Ana Pérez", nil, []string{"name"}},
		{new("Zoé"), nil, "Ana Pérez", "Ana Pérez", profile("Ana", "Pérez"), []string{"name"}},
		{new("Ana"), nil, "Ana María Pérez", "Ana María Pérez", nil, nil}, // the row does not show it
		{new("Ana"), nil, "Ana María Pérez", "Ana María Pérez", profile("Ana María", "Pérez"), []string{"name"}},
		{new("ANA"), nil, "Ana Pérez", "Ana Pérez", profile("Ana", "Pérez"), []string{"name"}}, // the caller changed only the case
		{new("ANA"), nil, "Ana Pérez", "ANA Pérez", profile("ANA", "Pérez"), nil},
		{nil, new("Ruiz"), "Ana Pérez", "Ana Ruiz", nil, nil},
		{nil, new("Ruiz"), "Ana Pérez", "Ana Pérez", nil, []string{"lastName"}},
		{nil, new(""), "Ana Pérez", "Ana", profile("Ana", ""), nil},
		{nil, new(""), "Ana Pérez", "Ana Pérez", profile("Ana", "Pérez"), []string{"lastName"}},
		{new("Luz  Mar"), new("Gil"), "Ana Pérez", "Luz Mar Gil", profile("Luz Mar", "Gil"), nil},
		{new("Luz"), new("Gil"), "Ana Pérez", "Luz Pérez", profile("Luz", "Pérez"), []string{"lastName"}},
	}
	for _, test := range tests {
		input := &UpdateClientInput{Name: test.name, LastName: test.lastName}
		if got := input.namesNotApplied(&Client{Name: test.before}, &Client{Name: test.after}, test.profile); !slices.Equal(got, test.want) {
			t.Errorf("%q, %q: from %q to %q, profile %+v: namesNotApplied = %v, want %v",
				pointed(test.name), pointed(test.lastName), test.before, test.after, test.profile, got, test.want)
		}
	}
}

func pointed(text *string) string {
	if text == nil {
		return "(nil)"
	}
	return *text
}

// A value that WispHub stores in another form counts as applied.
func TestUpdateClientInput_NotApplied(t *testing.T) {
	t.Parallel()
	before := &Client{Address: "Cra 1", City: "Bello", Phone: "3000000001", Phones: phone.Split("3000000001"), Document: "1", document: "1"}
	tests := []struct {
		input UpdateClientInput
		after Client
		want  []string
	}{
		{UpdateClientInput{Address: new("Calle 9")}, Client{Address: "CALLE 9"}, nil},
		{UpdateClientInput{Address: new("Calle  9")}, Client{Address: "Calle 9"}, nil},
		{UpdateClientInput{Address: new("Calle 9")}, Client{Address: "Cra 1"}, []string{"address"}},
		{UpdateClientInput{Address: new("Calle 9")}, Client{}, []string{"address"}},
		{UpdateClientInput{Address: new("")}, Client{}, nil},
		{UpdateClientInput{Address: new("")}, Client{Address: "Cra 1"}, []string{"address"}},
		{UpdateClientInput{City: new("bello")}, Client{City: "Bello"}, []string{"city"}},
		{UpdateClientInput{City: new("Béllo")}, Client{City: "BÉLLO"}, nil}, // a WispHub that stores capitals
		{UpdateClientInput{Address: new("Casa & finca")}, Client{Address: "Casa &amp; finca"}, nil},
		{UpdateClientInput{City: new("Bello")}, Client{City: "Bello"}, nil},
		{UpdateClientInput{Document: new("1.000.001")}, Client{Document: "1000001", document: "1000001"}, nil},
		{UpdateClientInput{Document: new("1.000.001")}, Client{Document: "1", document: "1"}, []string{"document"}},
		{UpdateClientInput{Phone: new("300 111 2233, 3114445566")}, Client{Phones: []string{"3001112233", "3114445566"}}, nil},
		{UpdateClientInput{Phone: new("3001112233, 3114445566")}, Client{Phones: []string{"3001112233"}}, []string{"phone"}},
		{UpdateClientInput{Phone: new("300 000 0001")}, Client{Phone: "3000000001", Phones: []string{"3000000001"}}, []string{"phone"}},
		{UpdateClientInput{Document: new("1.")}, Client{Document: "1", document: "1"}, []string{"document"}},
		{UpdateClientInput{Phone: new("")}, Client{Phones: []string{}}, nil},
		{UpdateClientInput{Balance: new(mustDecimal("10"))}, Client{Balance: mustDecimal("10.00")}, nil},
		{UpdateClientInput{Balance: new(mustDecimal("0"))}, Client{}, []string{"balance"}},
		{UpdateClientInput{Balance: new(mustDecimal("-10"))}, Client{Balance: mustDecimal("10")}, []string{"balance"}},
	}
	for _, test := range tests {
		var got []string
		for _, wrong := range test.input.notApplied(colombia, before, &test.after, nil) {
			got = append(got, wrong.Field[1])
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("notApplied(%+v, %+v) = %v, want %v", test.input, test.after, got, test.want)
		}
	}
}

func mustDecimal(text string) Decimal {
	amount, err := ParseDecimal(text)
	if err != nil {
		panic(err)
	}
	return amount
}

// A phone that WispHub stored as it was sent is applied, whatever numbers are in it. Another spelling
// is compared by the country of the provider.
func Test13_10_PhonesOfTheCountry(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		before, sent, after string
		applied             bool
	}{
		{"3000000001", "int 300 123 4567", "int 300 123 4567", true},
		{"3000000001", "300 123 4567 ext 310 765 4321", "300 123 4567 ext 310 765 4321", true},
		{"3000000001", "300 123 4567 ext 310 765 4321", "3001234567 ext 3107654321", true},
		{"3000000001", "300 123 4567 ext 310 765 4321", "3001234567", false},
		{"3000000001", "int 300 123 4567", "3000000001", false},
		{"3001234567", "int 300 123 4567", "3001234567", false}, // the old spelling is still there
	} {
		client := func(text string) *Client { return &Client{Phone: Text(text), Phones: colombia.phonesIn(text)} }
		input := UpdateClientInput{Phone: &test.sent}
		if wrong := input.notApplied(colombia, client(test.before), client(test.after), nil); (len(wrong) == 0) != test.applied {
			t.Errorf("%q sent, %q stored: %d fields are not applied, want applied: %t", test.sent, test.after, len(wrong), test.applied)
		}
	}
}
