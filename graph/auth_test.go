package graph_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const viewerDocument = `{viewer{username scopes}}`

const loginDocument = `mutation($name:String!,$password:String!){
	login(username:$name,password:$password){accessToken tokenType expiresIn expiresAt}}`

// claims returns the claims of a valid token, with changes.
func claims(change func(jwt.MapClaims)) jwt.MapClaims {
	now := time.Now()
	good := jwt.MapClaims{
		"iss": "wisphub-graphql", "aud": "wisphub-graphql", "sub": "ana", "jti": "1",
		"iat": now.Add(-time.Minute).Unix(), "nbf": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Hour).Unix(),
		"scopes": []string{"READ"},
	}
	change(good)
	return good
}

func signed(t *testing.T, method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
	t.Helper()
	token, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// signedAs returns a token that is valid except for its header.
func signedAs(t *testing.T, header map[string]any) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims(func(jwt.MapClaims) {}))
	maps.Copy(token.Header, header)
	raw, err := token.SignedString(secret)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// badTokens returns an invalid token of each kind.
func badTokens(t *testing.T) map[string]string {
	t.Helper()
	asIs := func(jwt.MapClaims) {}
	foreign := []byte(strings.Repeat("x", 32))
	good := signed(t, jwt.SigningMethodHS256, secret, claims(asIs))
	return map[string]string{
		"none at all":        "",
		"no token":           "abc",
		"forged":             signed(t, jwt.SigningMethodHS256, foreign, claims(asIs)),
		"without signature":  good[:strings.LastIndex(good, ".")+1],
		"alg none":           signed(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims(asIs)),
		"another algorithm":  signed(t, jwt.SigningMethodHS512, secret, claims(asIs)),
		"expired":            signed(t, jwt.SigningMethodHS256, secret, claims(func(c jwt.MapClaims) { c["exp"] = time.Now().Add(-time.Minute).Unix() })),
		"without expiry":     signed(t, jwt.SigningMethodHS256, secret, claims(func(c jwt.MapClaims) { delete(c, "exp") })),
		"not yet good":       signed(t, jwt.SigningMethodHS256, secret, claims(func(c jwt.MapClaims) { c["nbf"] = time.Now().Add(time.Hour).Unix() })),
		"for another":        signed(t, jwt.SigningMethodHS256, secret, claims(func(c jwt.MapClaims) { c["aud"] = "another" })),
		"by another":         signed(t, jwt.SigningMethodHS256, secret, claims(func(c jwt.MapClaims) { c["iss"] = "another" })),
		"unknown kid":        signedAs(t, map[string]any{"kid": "canary"}),
		"path-like kid":      signedAs(t, map[string]any{"kid": "../../../dev/null"}),
		"kid is no text":     signedAs(t, map[string]any{"kid": []int{1}}),
		"an id token":        signedAs(t, map[string]any{"typ": "id+jwt"}),
		"RS256 by secret":    signedAs(t, map[string]any{"alg": "RS256"}),
		"huge":               signedAs(t, map[string]any{"x": strings.Repeat("x", 4<<10)}),
		"no subject":         signed(t, jwt.SigningMethodHS256, secret, claims(func(c jwt.MapClaims) { delete(c, "sub") })),
		"no id":              signed(t, jwt.SigningMethodHS256, secret, claims(func(c jwt.MapClaims) { delete(c, "jti") })),
		"from the future":    signed(t, jwt.SigningMethodHS256, secret, claims(func(c jwt.MapClaims) { c["iat"] = time.Now().Add(time.Hour).Unix() })),
		"too old a password": signed(t, jwt.SigningMethodHS256, secret, claims(func(c jwt.MapClaims) { c["pwd"] = "canary" })),
		"of a user who left": signed(t, jwt.SigningMethodHS256, secret, claims(func(c jwt.MapClaims) { c["sub"] = "zoe" })),
	}
}

func TestToken_Required(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	documents := []string{
		`{viewer{username}}`,
		`{__schema{types{name}}}`,
		`{__typename}`,
		`mutation{logout}`,
		`subscription{taskUpdated(taskId:"1"){id}}`,
		`{unknown}`, // the response must not reveal that the field is unknown
		`{login(username:"ana",password:"x"){accessToken}}`,
		`{`,
	}
	for name, token := range badTokens(t) {
		challenge := `Bearer error="invalid_token"`
		if token == "" {
			challenge = "Bearer"
		}
		for _, document := range documents {
			a := f.send(t, request{token: token, body: operation(t, document, nil)})
			if got := a.header.Get("WWW-Authenticate"); a.status != http.StatusUnauthorized || got != challenge || a.Data != nil {
				t.Errorf("%s: %s = %d %s, WWW-Authenticate %s, want 401, %s, without data", name, document, a.status, a.body, got, challenge)
			}
			wantError(t, name+": "+document, a, "UNAUTHENTICATED", "Could not validate credentials.")
			if token != "" && strings.Contains(a.body+f.log.String(), token) {
				t.Errorf("%s: the response repeats the token", name)
			}
		}
	}
	if got := f.upstream.Total(); got != 0 {
		t.Errorf("requests without a valid token cost %d upstream calls, want none", got)
	}
}

func TestToken_Valid(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	token := signed(t, jwt.SigningMethodHS256, secret, claims(func(jwt.MapClaims) {}))
	a := f.send(t, request{token: token, body: operation(t, `{viewer{username scopes}}`, nil)})
	wantJSON(t, "viewer", a.body, `{"data":{"viewer":{"username":"ana","scopes":["READ"]}}}`)
}

func TestViewer(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	type viewer struct {
		Viewer struct{ ExpiresAt time.Time }
	}
	wantJSON(t, "viewer", f.data(t, `{viewer{username scopes}}`),
		`{"viewer":{"username":"ana","scopes":["READ","SUPPORT","OPERATE","BILLING","ADMIN"]}}`)
	left := time.Until(into[viewer](t, f.data(t, `{viewer{expiresAt}}`)).Viewer.ExpiresAt)
	if left < 59*time.Minute || left > time.Hour {
		t.Errorf("viewer.expiresAt is in %s, want an hour", left)
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	type loggedIn struct {
		Login struct {
			AccessToken, TokenType string
			ExpiresIn              int
			ExpiresAt              time.Time
		}
	}
	f := newFixture(t, fixtureConfig{})
	body := operation(t, loginDocument, map[string]any{"name": "ben", "password": password})
	for name, token := range badTokens(t) {
		a := f.send(t, request{token: token, body: body})
		if a.status != http.StatusOK || len(a.Errors) > 0 {
			t.Fatalf("login with a token %s = %d %s, want a token", name, a.status, a.body)
		}
		login := into[loggedIn](t, string(a.Data)).Login
		if login.TokenType != "bearer" || login.ExpiresIn != 3600 || time.Until(login.ExpiresAt) < 59*time.Minute {
			t.Errorf("login = %s, want an hour's bearer token", a.body)
		}
		a = f.send(t, request{token: login.AccessToken, body: operation(t, `{viewer{username scopes}}`, nil)})
		wantJSON(t, "viewer", a.body, `{"data":{"viewer":{"username":"ben","scopes":["READ"]}}}`)
	}
}

func TestLogin_Refused(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"", "abc", "ana's"} {
		f := newFixture(t, fixtureConfig{}) // a new one, because failed logins delay the next ones
		if token == "ana's" {
			token = f.tokenFor(t, ana)
		}
		for _, who := range [][2]string{{"ben", "canary-password"}, {"carl", password}, {"ben", ""}, {"", ""}, {"ben", password + "\x00"}} {
			body := operation(t, loginDocument, map[string]any{"name": who[0], "password": who[1]})
			a := f.send(t, request{token: token, body: body})
			if a.status != http.StatusOK || string(a.Data) != "null" || a.header.Get("WWW-Authenticate") != "" {
				t.Errorf("login as %q = %d %s, want 200 and no data", who[0], a.status, a.body)
			}
			wantError(t, "login as "+who[0], a, "UNAUTHENTICATED", "Incorrect username or password.")
		}
		if log := f.log.String(); log != "" {
			t.Errorf("the log of refused logins = %q, want nothing", log)
		}
	}
}

// The documents have another field beside login.
func TestLogin_NotAlone(t *testing.T) {
	t.Parallel()
	login := `login(username:"ana",password:"` + password + `"){accessToken}`
	documents := map[string]string{
		"other field first":  `mutation{logout ` + login + `}`,
		"other field last":   `mutation{` + login + ` logout}`,
		"twice":              `mutation{a:` + login + ` b:` + login + `}`,
		"aliased as another": `mutation{logout:` + login + ` x:logout}`,
		"typename":           `mutation{` + login + ` __typename}`,
		"fragment beside":    `mutation{` + login + ` ...F} fragment F on Mutation{logout}`,
		"within a fragment":  `mutation{...F logout} fragment F on Mutation{` + login + `}`,
		"twice in fragments": `mutation{...F ...G} fragment F on Mutation{a:` + login + `} fragment G on Mutation{b:` + login + `}`,
		"inline fragment":    `mutation{... on Mutation{` + login + `} ... {logout}}`,
		"nested":             `mutation{...F} fragment F on Mutation{...G logout} fragment G on Mutation{` + login + `}`,
	}
	f := newFixture(t, fixtureConfig{})
	for name, document := range documents {
		a := f.run(t, document)
		if a.status != http.StatusOK || string(a.Data) != "null" {
			t.Errorf("%s = %d %s, want 200 and no data", name, a.status, a.body)
		}
		wantError(t, name, a, "BAD_USER_INPUT", "login must be the only field of its operation.")
		a = f.send(t, request{body: operation(t, document, nil)})
		if a.status != http.StatusUnauthorized {
			t.Errorf("%s without a token = %d %s, want 401", name, a.status, a.body)
		}
	}
}

func TestLogin_OperationName(t *testing.T) {
	t.Parallel()
	document := `query Who{viewer{username}} mutation In{login(username:"ana",password:"` + password + `"){tokenType}} mutation Out{logout}`
	tests := map[string]struct {
		status int
		body   string
	}{
		"In":      {http.StatusUnauthorized, ""}, // validating the other operations would reveal names of the schema
		"Who":     {http.StatusUnauthorized, ""},
		"Out":     {http.StatusUnauthorized, ""},
		"":        {http.StatusUnauthorized, ""},
		"Nothing": {http.StatusUnauthorized, ""},
	}
	f := newFixture(t, fixtureConfig{})
	for name, tt := range tests {
		body, err := json.Marshal(map[string]string{"query": document, "operationName": name})
		if err != nil {
			t.Fatal(err)
		}
		a := f.send(t, request{body: string(body)})
		if a.status != tt.status || tt.body != "" && a.body != tt.body {
			t.Errorf("operation %q = %d %s, want %d %s", name, a.status, a.body, tt.status, tt.body)
		}
	}
}
