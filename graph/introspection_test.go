package graph_test

import (
	"strings"
	"testing"

	"wisphub-graphql/graph/document/documenttest"
)

func TestClosedSchema(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{noIntrospection: true})
	for _, document := range []string{
		`{__schema{types{name}}}`, `{__type(name:"Client"){name}}`, `{viewer{username} a:__schema{types{name}}}`,
		`{...F} fragment F on Query{__schema{types{name}}}`, `{...{...on Query{__type(name:"Client"){name}}}}`,
		`{__schema @skip(if:true){types{name}}}`, `query($yes:Boolean=false){__schema @include(if:$yes){types{name}} viewer{username}}`,
	} {
		a := f.ask(t, document)
		if a.status != 422 || a.Data != nil || len(a.Errors) == 0 || a.Errors[0].Message != "Introspection is switched off." {
			t.Errorf("%s = %d %s, want 422 Introspection is switched off.", document, a.status, a.body)
		}
	}
	wantJSON(t, "__typename", f.data(t, `{__typename viewer{__typename ...{a:__typename}}}`),
		`{"__typename":"Query","viewer":{"__typename":"Viewer","a":"Viewer"}}`)
}

// misses has a near miss for each rule of GraphQL that likes to guess, and the name that it would guess.
var misses = map[string]string{
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

// TestSuggestionsGoWithIntrospection: on an open server most misses are guessed at, on a closed one none.
func TestSuggestionsGoWithIntrospection(t *testing.T) {
	t.Parallel()
	open, closed := newFace(t, faceConfig{}), newFace(t, faceConfig{noIntrospection: true})
	for document, guess := range misses {
		if a := closed.ask(t, document); a.status != 422 || strings.Contains(strings.ToLower(a.body), "did you mean") {
			t.Errorf("%s = %d %s, want 422 without a guess", document, a.status, a.body)
		}
		body := open.ask(t, document).body
		if guess != "" && (!strings.Contains(body, "Did you mean") || !strings.Contains(body, guess)) {
			t.Errorf("%s = %s, want a guess at %s", document, body, guess)
		}
	}
}

// TestValuesOfEnumsGoWithIntrospection: the names of what would have been right are a guess, too.
func TestValuesOfEnumsGoWithIntrospection(t *testing.T) {
	t.Parallel()
	const document = `query($s:ClientStatus!){clients(filter:{status:[$s]}){totalCount}}`
	for _, closed := range []bool{false, true} {
		f := newFace(t, faceConfig{noIntrospection: closed})
		for value, told := range map[string]bool{"active": true, "ACTIV": false, "": false} { // gqlparser tells no values
			a := f.askWith(t, document, map[string]any{"s": value})
			if a.status != 422 || strings.Contains(a.body, "SUSPENDED") != (told && !closed) {
				t.Errorf("%q = %d %s, closed: %t, want 422, with the values only when it is open", value, a.status, a.body, closed)
			}
		}
	}
}

// TestValuesAreNotRepeated: a password that was tried is none of the log's, and of nobody's who looks over a shoulder.
func TestValuesAreNotRepeated(t *testing.T) {
	t.Parallel()
	const canary = "19283746"
	open, closed := newFace(t, faceConfig{}), newFace(t, faceConfig{noIntrospection: true})
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
		for _, f := range []*face{open, closed} {
			a := f.ask(t, document)
			if a.status != 422 || len(a.Errors) == 0 || !strings.HasPrefix(a.Errors[0].Message, want) || strings.Contains(a.body, canary) || !strings.Contains(a.body, "locations") {
				t.Errorf("%s = %d %s, want 422 %q without the value", document, a.status, a.body, want)
			}
		}
	}
}

// TestLargeMistakesAreNotGuessedAt: to compare names costs, and who sends so much looks for that.
func TestLargeMistakesAreNotGuessedAt(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	for name, document := range map[string]string{
		"a long document": `{viewer{usernam}}` + strings.Repeat(" ", 4<<10),
		"many mistakes":   `{viewer{` + documenttest.Numbered("usernam%d ", 20) + `}}`,
	} {
		if a := f.ask(t, document); a.status != 422 || strings.Contains(a.body, "Did you mean") {
			t.Errorf("%s = %d %s, want 422 without a guess", name, a.status, a.body)
		}
	}
}

// TestStrangersAreToldNothing: whatever they try, but for what login itself takes and answers.
func TestStrangersAreToldNothing(t *testing.T) {
	t.Parallel()
	const login = `login(username:"ana",password:"x")`
	documents := []string{
		`{__schema{types{name}}}`, `{__typename}`, `{`, `{nobody}`, `mutation{logout}`, `mutation{__typename}`,
		`mutation($a:ClientFilter){` + login + `{accessToken}}`,
		`mutation($a:Nobody){` + login + `{accessToken}}`,
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
	for document := range misses {
		documents = append(documents, document)
	}
	for name, f := range map[string]*face{"open": newFace(t, faceConfig{}), "closed": newFace(t, faceConfig{noIntrospection: true})} {
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
