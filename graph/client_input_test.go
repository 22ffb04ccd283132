package graph_test

import (
	"slices"
	"strings"
	"testing"
)

func TestClients_BadArguments(t *testing.T) {
	t.Parallel()
	const (
		notInt     = "must be a whole number of 32 bits"
		notDay     = "must be a day such as 2026-05-08"
		notAmount  = "must be a decimal number such as 65000.00"
		notCursor  = "not a valid cursor for this list"
		outOfRange = "must be 1 to 2000"
		readOnly   = "UNKNOWN cannot be used as a filter"
	)
	tests := map[string]struct{ field, message string }{
		`first:0`:             {"first", outOfRange},
		`first:-1`:            {"first", outOfRange},
		`first:2001`:          {"first", outOfRange},
		`first:2147483648`:    {"first", notInt},
		`after:"nonsense"`:    {"after", notCursor},
		`after:"bm9uc2Vuc2U"`: {"after", notCursor},
		`search:"` + strings.Repeat("a", 201) + `"`:              {"search", "must be at most 200 characters"},
		`filter:{status:[ACTIVE,UNKNOWN]}`:                       {"filter.status", readOnly},
		`filter:{status:UNKNOWN}`:                                {"filter.status", readOnly},
		`filter:{invoiceStatus:[UNKNOWN]}`:                       {"filter.invoiceStatus", readOnly},
		`filter:{zoneId:[1,2147483648]}`:                         {"filter.zoneId", notInt},
		`filter:{cutOffFrom:"2026-02-30"}`:                       {"filter.cutOffFrom", notDay},
		`filter:{cutOffTo:"08/05/2026"}`:                         {"filter.cutOffTo", notDay},
		`filter:{installedFrom:20260508}`:                        {"filter.installedFrom", notDay},
		`filter:{installedTo:""}`:                                {"filter.installedTo", notDay},
		`filter:{balanceAtLeast:"1,5"}`:                          {"filter.balanceAtLeast", notAmount},
		`filter:{balanceAtLeast:""}`:                             {"filter.balanceAtLeast", notAmount},
		`filter:{balanceAtLeast:true}`:                           {"filter.balanceAtLeast", notAmount},
		`filter:{balanceAtMost:[1]}`:                             {"filter.balanceAtMost", notAmount},
		`filter:{balanceAtMost:"1e999999999"}`:                   {"filter.balanceAtMost", notAmount},
		`filter:{balanceAtLeast:2,balanceAtMost:1.5}`:            {"filter.balanceAtLeast", "is more than balanceAtMost"},
		`filter:{cutOffFrom:"2026-05-09",cutOffTo:"2026-05-08"}`: {"filter.cutOffFrom", "is after cutOffTo"},
	}
	f := newFixture(t, fixtureConfig{})
	for arguments, want := range tests {
		document := `{clients(` + arguments + `){totalCount} viewer{username}}`
		a := f.run(t, document)
		wantError(t, document, a, "BAD_USER_INPUT", want.field+": "+want.message, strings.Split(want.field, ".")...)
		if slices.Contains([]string{notInt, notDay, notAmount}, want.message) {
			f.wantNothingSent(t, document, a) // a bad scalar fails the whole operation
			continue
		}
		wantJSON(t, document, string(a.Data), `{"clients":null,"viewer":{"username":"ana"}}`)
	}
	if got := f.upstream.Total(); got != 0 {
		t.Errorf("refused arguments cost %d upstream calls, want none", got)
	}
}

// Bad variables have the same messages as bad literals. The path begins with the variable if GraphQL
// refuses the value, else with the argument.
func TestClients_BadVariables(t *testing.T) {
	t.Parallel()
	tests := []struct {
		filter  any
		message string
		field   []string
	}{
		{map[string]any{"zoneId": []any{1, 1 << 31}}, "must be a whole number of 32 bits", []string{"f", "zoneId"}},
		{map[string]any{"zoneId": 1.5}, "must be a whole number of 32 bits", []string{"f", "zoneId"}},
		{map[string]any{"zoneId": "x"}, "must be a whole number of 32 bits", []string{"f", "zoneId"}},
		{map[string]any{"cutOffFrom": "tomorrow"}, "must be a day such as 2026-05-08", []string{"f", "cutOffFrom"}},
		{map[string]any{"balanceAtMost": "much"}, "must be a decimal number such as 65000.00", []string{"f", "balanceAtMost"}},
		{map[string]any{"status": []any{"ASLEEP"}}, "must be one of ACTIVE, SUSPENDED, CANCELLED, FREE, UNKNOWN", []string{"f", "status"}},
		{map[string]any{"nothing": 1}, "is not a field of ClientFilter", []string{"f", "nothing"}},
		{"x", "must be an object", []string{"f"}},
		{map[string]any{"status": []any{"UNKNOWN"}}, "UNKNOWN cannot be used as a filter", []string{"filter", "status"}},
	}
	f := newFixture(t, fixtureConfig{})
	for _, tt := range tests {
		a := f.runWith(t, `query($f:ClientFilter){clients(filter:$f){totalCount}}`, map[string]any{"f": tt.filter})
		wantError(t, tt.message, a, "BAD_USER_INPUT", strings.Join(tt.field, ".")+": "+tt.message, tt.field...)
		if tt.field[0] == "f" {
			f.wantNothingSent(t, tt.message, a)
		}
	}
}

func TestDecimal_InputForms(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow) // its balance is 35000.50
	const found, missed = `{"data":{"clients":{"totalCount":1}}}`, `{"data":{"clients":{"totalCount":0}}}`
	for amount, want := range map[string]string{
		`"35000.50"`: found, `"35000.5"`: found, `"35000.51"`: missed, `"-1"`: found,
		`35000`: found, `35001`: missed, `-1`: found,
		`35000.50`: found, `35000.51`: missed, `3.50005e4`: found,
		`"12345678901234567.891"`: missed, `null`: found,
	} {
		a := f.run(t, `{clients(filter:{balanceAtLeast:`+amount+`}){totalCount}}`)
		wantJSON(t, "literal "+amount, a.body, want)
		a = f.send(t, request{token: f.tokenFor(t, ana), body: `{"query":"query($d:Decimal){clients(filter:{balanceAtLeast:$d}){totalCount}}","variables":{"d":` + amount + `}}`})
		wantJSON(t, "variable "+amount, a.body, want)
	}
}

// The default of 50 applies to null as a literal, as a variable, and to an absent variable.
func TestClients_First(t *testing.T) {
	t.Parallel()
	type answers struct {
		Clients struct{ Nodes []struct{ ID string } }
	}
	f := newFixture(t, fixtureConfig{clients: 60})
	tests := []struct {
		document  string
		variables map[string]any
		want      int
	}{
		{`{clients{nodes{id}}}`, nil, 50},
		{`{clients(first:null){nodes{id}}}`, nil, 50},
		{`query($n:Int){clients(first:$n){nodes{id}}}`, nil, 50},
		{`query($n:Int){clients(first:$n){nodes{id}}}`, map[string]any{"n": nil}, 50},
		{`query($n:Int){clients(first:$n){nodes{id}}}`, map[string]any{"n": 1}, 1},
		{`{clients(first:2000){nodes{id}}}`, nil, 60},
	}
	for _, tt := range tests {
		got := into[answers](t, string(f.runWith(t, tt.document, tt.variables).Data))
		if len(got.Clients.Nodes) != tt.want {
			t.Errorf("%s %v = %d clients, want %d", tt.document, tt.variables, len(got.Clients.Nodes), tt.want)
		}
	}
}

// A cursor is invalid with another order, filter or search.
func TestClients_CursorOfOtherList(t *testing.T) {
	t.Parallel()
	type answers struct {
		Clients struct{ PageInfo struct{ EndCursor string } }
	}
	f := newFixture(t, fixtureConfig{})
	cursor := into[answers](t, f.data(t, `{clients(first:3){pageInfo{endCursor}}}`)).Clients.PageInfo.EndCursor
	for _, other := range []string{`orderBy:{direction:DESC}`, `orderBy:{field:NAME}`, `filter:{status:ACTIVE}`, `search:"ana"`} {
		a := f.run(t, `{clients(`+other+`,after:"`+cursor+`"){totalCount}}`)
		wantError(t, other, a, "BAD_USER_INPUT", "after: not a valid cursor for this list", "after")
	}
	f.data(t, `{clients(first:9,after:"`+cursor+`"){totalCount}}`) // another length is the same list
}
