package graph_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"wisphub-graphql/graph"
	"wisphub-graphql/graph/document"
)

// twoUpdates returns a document that changes two clients, and the first's phone for certain.
func twoUpdates(declaration, second string) string {
	return `mutation` + declaration + `{a:updateClient(input:{serviceId:26 phone:"3101112233"}){userErrors{message}}
		b:updateClient(input:{serviceId:27 balance:` + second + `}){userErrors{message}}}`
}

// wantNothingSent expects a refused operation: 422 without data, and no upstream call.
func (f *fixture) wantNothingSent(t *testing.T, name string, a *answer) {
	t.Helper()
	if a.status != http.StatusUnprocessableEntity || a.Data != nil {
		t.Errorf("%s = %d %s, want 422 without data", name, a.status, a.body)
	}
	if got := f.upstream.Requests(); len(got) > 0 {
		t.Errorf("%s cost %v, want no calls", name, got)
		f.upstream.Reset()
	}
}

func Test13_6_SecondMutationIsBad(t *testing.T) {
	t.Parallel()
	const notAmount = "must be a decimal number such as 65000.00"
	f := newFixture(t, fixtureConfig{})
	a := f.runWith(t, twoUpdates(`($b:Decimal)`, `$b`), map[string]any{"b": "abc"})
	f.wantNothingSent(t, "a bad variable", a)
	wantError(t, "a bad variable", a, "BAD_USER_INPUT", "b: "+notAmount, "b")
	for _, literal := range []string{`"abc"`, `true`, `[1]`, `{a:1}`, `ABC`} {
		a = f.run(t, twoUpdates("", literal))
		f.wantNothingSent(t, literal, a)
		wantError(t, literal, a, "BAD_USER_INPUT", "input.balance: "+notAmount, "input", "balance")
	}
	for _, literal := range []string{`99999999999999999999`, `1e999`} { // gqlparser cannot hold them
		a = f.run(t, twoUpdates("", literal))
		f.wantNothingSent(t, literal, a)
		wantError(t, literal, a, "GRAPHQL_VALIDATION_FAILED", `Expected value of type "UpdateClientInput!".`)
	}
	a = f.run(t, strings.Replace(twoUpdates("", `"1.00"`), "serviceId:27", "serviceId:2147483648", 1))
	f.wantNothingSent(t, "a bad Int", a)
	wantError(t, "a bad Int", a, "BAD_USER_INPUT", "input.serviceId: must be a whole number of 32 bits", "input", "serviceId")

	if a = f.run(t, twoUpdates("", `"1.00"`)); a.status != http.StatusOK || f.upstream.Total() == 0 {
		t.Errorf("two good updates = %d %s with %d calls, want both sent", a.status, a.body, f.upstream.Total())
	}
}

// A null that the variable's type allows is bad where the argument's does not.
func Test13_6_NullForNonNull(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	tests := map[string]string{
		`query($n:Int=3){client(by:{serviceId:26}){name} plan(planId:$n){name}}`:                                  "planId",
		`query($n:Boolean=true){client(by:{serviceId:26}){name} viewer@include(if:$n){username}}`:                 "if",
		`query($n:Boolean=true){client(by:{serviceId:26}){name} ...F@skip(if:$n)} fragment F on Query{staff{id}}`: "if",
		`query($n:Int=3){client(by:{serviceId:26}){name} clients(filter:{zoneId:[1,$n]}){totalCount}}`:            "filter.zoneId",
		`query($n:ClientOrderField){client(by:{serviceId:26}){name} clients(orderBy:{field:$n}){totalCount}}`:     "orderBy.field",
	}
	for document, field := range tests {
		a := f.runWith(t, document, map[string]any{"n": nil})
		f.wantNothingSent(t, document, a)
		wantError(t, document, a, "BAD_USER_INPUT", field+": must not be null", strings.Split(field, ".")...)
	}
	wantJSON(t, "a skipped field", f.runWith(t, `query($n:Int=3){viewer{username} plan(planId:$n)@skip(if:true){name}}`,
		map[string]any{"n": nil}).body, `{"data":{"viewer":{"username":"ana"}}}`)
}

// badScalars are bad values of the scalars that are input somewhere, as JSON.
var badScalars = []struct{ kind, value, message string }{
	{"Int", `"26"`, "must be a whole number of 32 bits"},
	{"Int", `26.5`, "must be a whole number of 32 bits"},
	{"Int", `2147483648`, "must be a whole number of 32 bits"},
	{"Int", `2147483648.0`, "must be a whole number of 32 bits"},
	{"Int", `1e999999999`, "must be a whole number of 32 bits"},
	{"Int", `true`, "must be a whole number of 32 bits"},
	{"Int", `{"a":1}`, "must be a whole number of 32 bits"},
	{"String", `26`, "must be a string"},
	{"String", `false`, "must be a string"},
	{"String", `{}`, "must be a string"},
	{"Date", `"abc"`, "must be a day such as 2026-05-08"},
	{"Date", `"2026-02-30"`, "must be a day such as 2026-05-08"},
	{"Date", `20260508`, "must be a day such as 2026-05-08"},
	{"Decimal", `"abc"`, "must be a decimal number such as 65000.00"},
	{"Decimal", `""`, "must be a decimal number such as 65000.00"},
	{"Decimal", `true`, "must be a decimal number such as 65000.00"},
	{"Decimal", `1e999999999`, "must be a decimal number such as 65000.00"},
	{"ID", `true`, "must be a string or a whole number"},
	{"ID", `1.5`, "must be a string or a whole number"},
	{"ID", `[]`, "must be a string or a whole number"},
	{"Boolean", `"true"`, "must be true or false"},
	{"Boolean", `0`, "must be true or false"},
	{"ClientStatus", `"active"`, "must be one of ACTIVE, SUSPENDED, CANCELLED, FREE, UNKNOWN"},
	{"ClientStatus", `1`, "must be one of ACTIVE, SUSPENDED, CANCELLED, FREE, UNKNOWN"},
}

// scalarPositions are fields that take a variable $v of the type, and the path to the scalar in it.
var scalarPositions = map[string][]struct{ kind, use, wrap, path string }{
	"Int": {
		{"Int", `clients(first:$v){totalCount}`, `%s`, "v"},
		{"[Int!]", `clients(filter:{zoneId:$v}){totalCount}`, `[1,%s]`, "v"},
		{"ClientFilter", `clients(filter:$v){totalCount}`, `{"zoneId":[1,%s]}`, "v.zoneId"},
		{"ClientFilter", `clients(filter:$v){totalCount}`, `{"zoneId":%s}`, "v.zoneId"},
		{"ClientKey!", `client(by:$v){name}`, `{"serviceId":%s}`, "v.serviceId"},
	},
	"String": {
		{"String", `clients(search:$v){totalCount}`, `%s`, "v"},
		{"ClientFilter", `clients(filter:$v){totalCount}`, `{"city":%s}`, "v.city"},
	},
	"Date": {
		{"Date", `clients(filter:{cutOffFrom:$v}){totalCount}`, `%s`, "v"},
		{"TicketFilter", `tickets(filter:$v){totalCount}`, `{"createdTo":%s}`, "v.createdTo"},
	},
	"Decimal": {
		{"Decimal", `clients(filter:{balanceAtMost:$v}){totalCount}`, `%s`, "v"},
		{"IdentityClaim!", `identifyClient(claim:$v){valid}`, `{"name":"a","planPrice":%s}`, "v.planPrice"},
	},
	"ID":      {{"ID!", `node(id:$v){id}`, `%s`, "v"}},
	"Boolean": {{"Boolean!", `staff@include(if:$v){id}`, `%s`, "v"}},
	"ClientStatus": {
		{"[ClientStatus!]", `clients(filter:{status:$v}){totalCount}`, `["FREE",%s]`, "v"},
		{"ClientFilter", `clients(filter:$v){totalCount}`, `{"status":[%s]}`, "v.status"},
	},
}

// Every bad scalar is refused in every position, before the good field beside it runs.
func Test13_6_BadScalars(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	token := f.tokenFor(t, ana)
	for _, bad := range badScalars {
		for _, position := range scalarPositions[bad.kind] {
			document := `query($v:` + position.kind + `){good:client(by:{serviceId:26}){name} ` + position.use + `}`
			variables := `{"v":` + fmt.Sprintf(position.wrap, bad.value) + `}`
			a := f.send(t, request{token: token, body: withVariables(document, variables)})
			f.wantNothingSent(t, document+variables, a)
			wantError(t, document+variables, a, "BAD_USER_INPUT", position.path+": "+bad.message, strings.Split(position.path, ".")...)
		}
	}
}

// withVariables returns the body of a request with variables as JSON.
func withVariables(document, variables string) string {
	return fmt.Sprintf(`{"query":%q,"variables":%s}`, document, variables)
}

// Defaults, and literals beside a field that would run.
func Test13_6_BadLiterals(t *testing.T) {
	t.Parallel()
	const notDay, notAmount, notInt = "must be a day such as 2026-05-08", "must be a decimal number such as 65000.00", "must be a whole number of 32 bits"
	good := `good:client(by:{serviceId:26}){name} `
	tests := []struct{ document, field, message string }{
		{`query($v:Date="abc"){` + good + `clients(filter:{cutOffFrom:$v}){totalCount}}`, "v", notDay},
		{`query($v:Decimal=true){` + good + `clients(filter:{balanceAtMost:$v}){totalCount}}`, "v", notAmount},
		{`query($v:Int=2147483648){` + good + `clients(first:$v){totalCount}}`, "v", notInt},
		{`query($v:ClientFilter={zoneId:[1,2147483648]}){` + good + `clients(filter:$v){totalCount}}`, "v.zoneId", notInt},
		{`query($v:ClientFilter={cutOffTo:5}){` + good + `clients(filter:$v){totalCount}}`, "v.cutOffTo", notDay},
		{`{` + good + `clients(filter:{cutOffFrom:"abc"}){totalCount}}`, "filter.cutOffFrom", notDay},
		{`{` + good + `...F} fragment F on Query{...{tickets(filter:{createdFrom:"abc"}){totalCount}}}`, "filter.createdFrom", notDay},
		{`{good:client(by:{serviceId:26}){name tickets(first:2147483648){id}}}`, "first", notInt},
		{`{` + good + `client(by:{serviceId:2147483648}){name}}`, "by.serviceId", notInt},
	}
	f := newFixture(t, fixtureConfig{})
	for _, tt := range tests {
		a := f.run(t, tt.document)
		f.wantNothingSent(t, tt.document, a)
		wantError(t, tt.document, a, "BAD_USER_INPUT", tt.field+": "+tt.message, strings.Split(tt.field, ".")...)
	}
	// A literal with a fraction is no Int, even if it is zero: GraphQL specification, 3.5.1.
	for _, literal := range []string{`26.0`, `2.6e1`} {
		a := f.run(t, `{`+good+`plan(planId:`+literal+`){name}}`)
		f.wantNothingSent(t, literal, a)
		wantError(t, literal, a, "GRAPHQL_VALIDATION_FAILED", `Expected value of type "Int!".`)
	}
}

// The shape of variables is part of their coercion.
func Test13_6_BadShapes(t *testing.T) {
	t.Parallel()
	filter, update := `query($f:ClientFilter){clients(filter:$f){totalCount}}`, `mutation($i:UpdateClientInput!){updateClient(input:$i){userErrors{code}}}`
	tests := []struct{ document, variables, field, message string }{
		{filter, `{"f":"x"}`, "f", "must be an object"},
		{filter, `{"f":[{}]}`, "f", "must be an object"},
		{filter, `{"f":{"nothing":1}}`, "f.nothing", "is not a field of ClientFilter"},
		{filter, `{"f":{"zoneId":[null]}}`, "f.zoneId", "must not be null"},
		{filter, `{"f":{"zoneId":[[1]]}}`, "f.zoneId", "must be a whole number of 32 bits"},
		{update, `{}`, "i", "is required"},
		{update, `{"i":null}`, "i", "must not be null"},
		{update, `{"i":{}}`, "i.serviceId", "is required"},
		{update, `{"i":{"serviceId":null}}`, "i.serviceId", "must not be null"},
	}
	f := newFixture(t, fixtureConfig{})
	token := f.tokenFor(t, ana)
	for _, tt := range tests {
		a := f.send(t, request{token: token, body: withVariables(tt.document, tt.variables)})
		f.wantNothingSent(t, tt.variables, a)
		wantError(t, tt.variables, a, "BAD_USER_INPUT", tt.field+": "+tt.message, strings.Split(tt.field, ".")...)
	}
	a := f.send(t, request{token: token, body: withVariables(filter, `{"f":{"zoneId":["a",1,"b"],"city":5,"cutOffTo":"x"}}`)})
	f.wantNothingSent(t, "three mistakes", a)
	if len(a.Errors) != 3 {
		t.Errorf("three fields with mistakes = %s, want three errors", a.body)
	}
}

// JSON has one kind of number.
func Test13_6_WholeNumbersAreInts(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow)
	token := f.tokenFor(t, ana)
	const document = `query($n:Int!,$z:[Int!],$k:ClientKey!,$f:ClientFilter){client(by:$k){serviceId} verifyClient(serviceId:$n,claim:{name:"Ana",address:"Cra 1",planName:"50"}){valid}
		a:clients(filter:{zoneId:$z}){totalCount} b:clients(filter:$f,first:$n){totalCount}}`
	for _, number := range []string{`26`, `26.0`, `2.6e1`, `260E-1`, `26.000`} {
		variables := fmt.Sprintf(`{"n":%[1]s,"z":2.0,"k":{"serviceId":%[1]s},"f":{"zoneId":[2e0]}}`, number)
		a := f.send(t, request{token: token, body: withVariables(strings.ReplaceAll(document, "\n\t\t", " "), variables)})
		wantJSON(t, number, a.body, `{"data":{"client":{"serviceId":26},"verifyClient":{"valid":true},"a":{"totalCount":1},"b":{"totalCount":1}}}`)
	}
}

// Streams and trusted documents coerce in the same place.
func Test13_6_Transports(t *testing.T) {
	t.Parallel()
	trusted, err := document.ReadTrusted(newFolder(map[string]string{"two.graphql": twoUpdates(`($b:Decimal)`, `$b`)}), document.Config{Schema: graph.Schema()})
	if err != nil {
		t.Fatal(err)
	}
	f := newFixture(t, fixtureConfig{trusted: trusted})
	token := f.tokenFor(t, ana)
	const message = "b: must be a decimal number such as 65000.00"
	a := f.send(t, request{token: token, body: byID("two", `,"variables":{"b":"abc"}`)})
	f.wantNothingSent(t, "a trusted document", a)
	wantError(t, "a trusted document", a, "BAD_USER_INPUT", message, "b")
	stream := f.subscribe(t, request{token: token, body: byID("two", `,"variables":{"b":"abc"}`)})
	if e := stream.next(); !strings.Contains(e.data, message) || strings.Contains(e.data, `"data"`) {
		t.Errorf("events = %q, want %q without data", e, message)
	}
	socket := f.connect(t, token)
	socket.send(`{"id":"1","type":"subscribe","payload":` + withVariables(`subscription($t:String!){taskUpdated(taskId:$t){status}}`, `{"t":5}`) + `}`)
	socket.wantError("1", "BAD_USER_INPUT", "t: must be a string")
	if got := f.upstream.Requests(); len(got) > 0 {
		t.Errorf("refused operations cost %v, want no calls", got)
	}
}

func Test13_6_OperationIsNamed(t *testing.T) {
	t.Parallel()
	const two = `query A{viewer{username}} query B{viewer{scopes}}`
	const several = "The document has several operations: name one in operationName."
	tests := []struct{ document, name, message string }{
		{two, "", several},
		{two, "C", `The document has no operation named "C".`},
		{two, "a", `The document has no operation named "a".`},
		{`{viewer{username}}`, "A", `The document has no operation named "A".`},
		{`fragment F on Query{viewer{username}}`, "", "The document has no operation."},
	}
	f := newFixture(t, fixtureConfig{})
	for _, tt := range tests {
		a := f.send(t, request{token: f.tokenFor(t, ana), body: operationNamed(t, tt.name, tt.document, nil)})
		f.wantNothingSent(t, tt.document, a)
		wantError(t, tt.document+" "+tt.name, a, "GRAPHQL_VALIDATION_FAILED", tt.message)
	}
	a := f.send(t, request{token: f.tokenFor(t, ana), body: operationNamed(t, "A", two, nil)})
	wantJSON(t, "A", a.body, `{"data":{"viewer":{"username":"ana"}}}`)
	long := strings.Repeat("x", 100_000)
	if a := f.send(t, request{token: f.tokenFor(t, ana), body: operationNamed(t, long, two, nil)}); len(a.body) > 2000 {
		t.Errorf("a name of %d bytes = %d bytes, want a short error", len(long), len(a.body))
	}
}
