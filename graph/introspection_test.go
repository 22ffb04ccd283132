package graph_test

import (
	"strings"
	"testing"

	"wisphub-graphql/graph/document/documenttest"
)

func TestIntrospection_Off(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{noIntrospection: true})
	for _, document := range []string{
		`{__schema{types{name}}}`, `{__type(name:"Client"){name}}`, `{viewer{username} a:__schema{types{name}}}`,
		`{...F} fragment F on Query{__schema{types{name}}}`, `{...{...on Query{__type(name:"Client"){name}}}}`,
		`{__schema @skip(if:true){types{name}}}`, `query($yes:Boolean=false){__schema @include(if:$yes){types{name}} viewer{username}}`,
	} {
		a := f.run(t, document)
		if a.status != 422 || a.Data != nil || len(a.Errors) == 0 || a.Errors[0].Message != "Introspection is switched off." {
			t.Errorf("%s = %d %s, want 422 Introspection is switched off.", document, a.status, a.body)
		}
	}
	wantJSON(t, "__typename", f.data(t, `{__typename viewer{__typename ...{a:__typename}}}`),
		`{"__typename":"Query","viewer":{"__typename":"Viewer","a":"Viewer"}}`)
}

// typos has a misspelt document for each rule of GraphQL that makes suggestions, and the suggestion.
var typos = map[string]string{
	`{client(by:{serviceId:26}){nam}}`:                      "name",
	`{node(id:"client:26"){serviceId}}`:                     "Client",
	`{clients(firs:1){totalCount}}`:                         "first",
	`{viewer{username @skip(iff:true)}}`:                    "if",
	`{clients(orderBy:{fiel:NAME}){totalCount}}`:            "field",
	`{clients(orderBy:{field:NAM}){totalCount}}`:            "NAME",
	`{clients(orderBy:{field:"NAM"}){totalCount}}`:          "NAME",
	`{clients(first:FIRS){totalCount}}`:                     "",
	`{viewer}`:                                              "viewer { ... }",
	`{...F} fragment F on Quer{viewer{username}}`:           "Query",
	`query($o:ClientOrde){clients(orderBy:$o){totalCount}}`: "",
	`mutation{refres(what:PLANS){asOf}}`:                    "refresh",
	`subscription{taskUpdate(taskId:"1"){status}}`:          "taskUpdated",
}

// Without introspection there are no suggestions.
func TestSuggestions_NeedIntrospection(t *testing.T) {
	t.Parallel()
	open, closed := newFixture(t, fixtureConfig{}), newFixture(t, fixtureConfig{noIntrospection: true})
	for document, guess := range typos {
		if a := closed.run(t, document); a.status != 422 || strings.Contains(strings.ToLower(a.body), "did you mean") {
			t.Errorf("%s = %d %s, want 422 without a suggestion", document, a.status, a.body)
		}
		body := open.run(t, document).body
		if guess != "" && (!strings.Contains(body, "Did you mean") || !strings.Contains(body, guess)) {
			t.Errorf("%s = %s, want the suggestion %s", document, body, guess)
		}
	}
}

// Messages name the values of an enum only with introspection.
func TestEnumValues_NeedIntrospection(t *testing.T) {
	t.Parallel()
	const document = `query($s:ClientStatus!){clients(filter:{status:[$s]}){totalCount}}`
	for _, closed := range []bool{false, true} {
		f := newFixture(t, fixtureConfig{noIntrospection: closed})
		for _, value := range []string{"active", "ACTIV", ""} {
			a := f.runWith(t, document, map[string]any{"s": value})
			if a.status != 422 || strings.Contains(a.body, "SUSPENDED") == closed {
				t.Errorf("%q = %d %s, introspection off: %t, want 422, and the values only with introspection", value, a.status, a.body, closed)
			}
		}
	}
}

// A value may be a password, so no message or log repeats it.
func TestErrors_HideValues(t *testing.T) {
	t.Parallel()
	const canary = "19283746"
	open, closed := newFixture(t, fixtureConfig{}), newFixture(t, fixtureConfig{noIntrospection: true})
	for document, want := range map[string]string{
		`mutation{login(username:"ana",password:19283746){accessToken}}`:                         `Expected value of type "String!".`,
		`mutation{login(username:"ana",password:a19283746){accessToken}}`:                        `Expected value of type "String!".`,
		`mutation{login(username:"ana",password:["19283746"]){accessToken}}`:                     `Expected value of type "String!".`,
		`mutation{login(username:"ana",password:{a19283746:1}){accessToken}}`:                    `Expected value of type "String!".`,
		`mutation($p:String=19283746){login(username:"ana",password:$p){accessToken}}`:           `Expected value of type "String".`,
		`{clients(first:"19283746"){totalCount}}`:                                                `Expected value of type "Int".`,
		`{clients(first:19283746192837461928374619283746){totalCount}}`:                          `Expected value of type "Int".`,
		`{clients(filter:{status:a19283746}){totalCount}}`:                                       `Expected value of type "[ClientStatus!]".`,
		`{clients(filter:{status:"19283746"}){totalCount}}`:                                      `Expected value of type "[ClientStatus!]".`,
		`{clients(filter:"19283746"){totalCount}}`:                                               `Expected value of type "ClientFilter".`,
		`{clients(filter:{zoneId:1,cutOff:1}){totalCount}}`:                                      `Field "cutOff" is not defined by type "ClientFilter".`,
		`query($s:[ClientStatus!]=["19283746"]){clients(filter:{status:$s}){totalCount}}`:        `Expected value of type "ClientStatus!".`,
		`query($f:ClientFilter={status:[a19283746]}){clients(filter:$f){totalCount}} # 19283746`: `Expected value of type "ClientStatus!".`,
	} {
		for _, f := range []*fixture{open, closed} {
			a := f.run(t, document)
			if a.status != 422 || len(a.Errors) == 0 || !strings.HasPrefix(a.Errors[0].Message, want) || strings.Contains(a.body, canary) || !strings.Contains(a.body, "locations") {
				t.Errorf("%s = %d %s, want 422 %q without the value", document, a.status, a.body, want)
			}
		}
	}
}

// Comparing names is costly, so large or very wrong documents get no suggestions.
func TestSuggestions_Bounds(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	for name, document := range map[string]string{
		"a long document": `{viewer{usernam}}` + strings.Repeat(" ", 4<<10),
		"many mistakes":   `{viewer{` + documenttest.Numbered("usernam%d ", 20) + `}}`,
	} {
		if a := f.run(t, document); a.status != 422 || strings.Contains(a.body, "Did you mean") {
			t.Errorf("%s = %d %s, want 422 without a suggestion", name, a.status, a.body)
		}
	}
}

// Without a token, only login runs. Other documents reveal nothing about the schema.
func TestLogin_RevealsNothing(t *testing.T) {
	t.Parallel()
	const login = `login(username:"ana",password:"x")`
	documents := []string{
		`{__schema{types{name}}}`, `{__typename}`, `{`, `{unknown}`, `mutation{logout}`, `mutation{__typename}`,
		`mutation($a:ClientFilter){` + login + `{accessToken}}`,
		`mutation($a:Unknown){` + login + `{accessToken}}`,
		`mutation($a:[String]){` + login + `{accessToken}}`,
		`mutation($a:String @hasScope){` + login + `{accessToken}}`,
		`mutation @hasScope{` + login + `{accessToken}}`,
		`mutation{` + login + `@hasScope{accessToken}}`,
		`mutation{` + login + `{accessToken @hasScope}}`,
		`mutation{` + login + `{...on Client{name}}}`,
		`mutation{` + login + `{...on AuthToken{accessToken}}}`,
		`mutation{` + login + `{...F}} fragment F on Client{name}`,
		`mutation{` + login + `{accessToken{name}}}`,
		`mutation{` + login + `{accessToken(first:1)}}`,
		`mutation{` + login + `{accessToken} logout}`,
		`mutation{...{` + login + `{accessToken}}}`,
		`mutation{` + login + `{` + strings.Repeat("accessToken ", 200) + `}}`,
	}
	for document := range typos {
		documents = append(documents, document)
	}
	for name, f := range map[string]*fixture{"open": newFixture(t, fixtureConfig{}), "closed": newFixture(t, fixtureConfig{noIntrospection: true})} {
		for _, document := range documents {
			a := f.send(t, request{body: operation(t, document, nil)})
			wantError(t, name+": "+document, a, "UNAUTHENTICATED", "Could not validate credentials.")
			if a.status != 401 {
				t.Errorf("%s: %s = %d, want 401", name, document, a.status)
			}
		}
		a := f.send(t, request{body: operation(t, `mutation{`+login+`{accessToken x:tokenType __typename}}`, nil)})
		wantError(t, name+": login", a, "UNAUTHENTICATED", "Incorrect username or password.")
	}
}
