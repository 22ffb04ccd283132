package graph_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// misfit is a login that does not fit the schema, with its variables in JSON.
type misfit struct{ document, variables string }

const goodLogin = `login(username:"ana",password:"x")`

// misfits are refused in different places: by validation, by its rules for values, and when the
// variables are coerced.
var misfits = map[string]misfit{
	"unknown field":            {`mutation{` + goodLogin + `{accessTokn}}`, ""},
	"field of another type":    {`mutation{` + goodLogin + `{serviceId}}`, ""},
	"introspection":            {`mutation{` + goodLogin + `{__schema}}`, ""},
	"introspection of a type":  {`mutation{` + goodLogin + `{__type}}`, ""},
	"no fields":                {`mutation{` + goodLogin + `}`, ""},
	"same name, other field":   {`mutation{` + goodLogin + `{a:accessToken a:tokenType}}`, ""},
	"unknown argument":         {`mutation{login(username:"ana",password:"x",passwrd:"y"){accessToken}}`, ""},
	"misspelt argument":        {`mutation{login(usernam:"ana",password:"x"){accessToken}}`, ""},
	"repeated argument":        {`mutation{login(username:"ana",username:"ana",password:"x"){accessToken}}`, ""},
	"missing argument":         {`mutation{login(username:"ana"){accessToken}}`, ""},
	"no arguments":             {`mutation{login{accessToken}}`, ""},
	"number":                   {`mutation{login(username:"ana",password:1){accessToken}}`, ""},
	"huge number":              {`mutation{login(username:"ana",password:12345678901234567890123){accessToken}}`, ""},
	"boolean":                  {`mutation{login(username:true,password:"x"){accessToken}}`, ""},
	"enum":                     {`mutation{login(username:ACTIVE,password:"x"){accessToken}}`, ""},
	"list":                     {`mutation{login(username:["ana"],password:"x"){accessToken}}`, ""},
	"object":                   {`mutation{login(username:{a:"ana"},password:"x"){accessToken}}`, ""},
	"null":                     {`mutation{login(username:null,password:"x"){accessToken}}`, ""},
	"undefined variable":       {`mutation{login(username:$u,password:"x"){accessToken}}`, ""},
	"unused variable":          {`mutation($u:String!){` + goodLogin + `{accessToken}}`, `{"u":"a"}`},
	"repeated variable":        {`mutation($u:String!,$u:String!){login(username:$u,password:"x"){accessToken}}`, `{"u":"a"}`},
	"nullable variable":        {`mutation($u:String){login(username:$u,password:"x"){accessToken}}`, `{"u":"a"}`},
	"wrong default":            {`mutation($u:String=1){login(username:$u,password:"x"){accessToken}}`, ""},
	"variable missing":         {`mutation($u:String!){login(username:$u,password:"x"){accessToken}}`, ""},
	"variable null":            {`mutation($u:String!){login(username:$u,password:"x"){accessToken}}`, `{"u":null}`},
	"variable a number":        {`mutation($u:String!){login(username:$u,password:"x"){accessToken}}`, `{"u":1}`},
	"variable a list":          {`mutation($u:String!){login(username:$u,password:"x"){accessToken}}`, `{"u":["a"]}`},
	"variable an object":       {`mutation($u:String!){login(username:$u,password:"x"){accessToken}}`, `{"u":{"a":1}}`},
	"several mistakes":         {`mutation($a:String!){login(a:1,b:2){c d e}}`, ""},
	"long name":                {`mutation{` + goodLogin + `{` + strings.Repeat("a", 2000) + `}}`, ""},
	"too many aliases":         {`mutation{` + goodLogin + `{` + strings.Repeat("a:accessToken ", 40) + `}}`, ""},
	"several lines":            {"mutation{\n\n\n  " + goodLogin + "{\n     unknown\n  }\n}", ""},
	"unknown name of a login":  {`mutation L{` + goodLogin + `{accessToken}}`, `{}`},
	"unknown type in a nested": {`mutation{` + goodLogin + `{accessToken,Client}}`, ""},
}

func (m misfit) body(name string) string {
	variables := m.variables
	if variables == "" {
		variables = "null"
	}
	operationName := ""
	if strings.HasPrefix(name, "unknown name") {
		operationName = `,"operationName":"Other"`
	}
	quoted := strings.NewReplacer(`"`, `\"`, "\n", `\n`).Replace(m.document)
	return `{"query":"` + quoted + `","variables":` + variables + operationName + `}`
}

// Without a token all logins that do not fit the schema get the same bytes.
func Test15_7_MisfitsAreAlike(t *testing.T) {
	t.Parallel()
	fixtures := map[string]*fixture{
		"open":         newFixture(t, fixtureConfig{}),
		"closed":       newFixture(t, fixtureConfig{noIntrospection: true}),
		"trusted only": newTrustedFixture(t, true),
	}
	const want = `{"errors":[{"message":"The login does not fit the schema.",` +
		`"extensions":{"code":"GRAPHQL_VALIDATION_FAILED","requestId":"` + requestID + `"}}]}`
	for name, m := range misfits {
		for kind, f := range fixtures {
			if a := f.send(t, request{body: m.body(name)}); a.status != http.StatusUnprocessableEntity || a.body != want {
				t.Errorf("%s, %s = %d %s, want 422 %s", kind, name, a.status, a.body, want)
			}
			stream := ":\n\nevent: next\ndata: " + want + "\n\nevent: complete\ndata:\n\n"
			if status, got := f.readEvents(t, m.body(name)); status != http.StatusOK || got != stream {
				t.Errorf("%s, %s as events = %d %q, want 200 %q", kind, name, status, got, stream)
			}
		}
	}
}

// readEvents sends a request without a token that accepts only events. It returns the response.
func (f *fixture) readEvents(t *testing.T, body string) (status int, text string) {
	t.Helper()
	response, err := f.server.Client().Do(request{body: body, accept: events}.build(t, f.server.URL))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(read)
}

// The variables of a trusted login are no exception.
func Test15_7_TrustedLogin(t *testing.T) {
	t.Parallel()
	f := newTrustedFixture(t, true)
	for _, variables := range []string{`{}`, `null`, `{"p":null}`, `{"p":1}`, `{"p":["x"]}`, `{"p":{"a":{}}}`} {
		a := f.send(t, request{body: byID("log-in.v2", `,"variables":`+variables)})
		wantError(t, variables, a, "GRAPHQL_VALIDATION_FAILED", "The login does not fit the schema.")
		if a.status != http.StatusUnprocessableEntity || strings.Contains(a.body, "locations") {
			t.Errorf("%s = %d %s, want 422 without locations", variables, a.status, a.body)
		}
	}
}

// A caller with a token is told what is wrong.
func Test15_7_CallersWithATokenAreTold(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	a := f.run(t, misfits["unknown field"].document)
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "accessTokn") || !strings.Contains(a.body, "locations") {
		t.Errorf("a misfit with a token = %d %s, want the field and its place", a.status, a.body)
	}
}
