package graph_test

import (
	"net/http"
	"testing"

	"wisphub-graphql/auth"
)

func (f *fixture) wantViewer(t *testing.T, name, token string, status int) {
	t.Helper()
	if a := f.send(t, request{token: token, body: operation(t, viewerDocument, nil)}); a.status != status {
		t.Errorf("%s: viewer = %d %s, want %d", name, a.status, a.body, status)
	}
}

// Test15_10_Mutations ends sessions of the caller and of another user.
func Test15_10_Mutations(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	admin := auth.User{Username: "ana", Scopes: auth.AllScopes()}
	first, second, bens := f.tokenFor(t, admin), f.tokenFor(t, admin), f.tokenFor(t, ben)
	a := f.send(t, request{token: bens, body: operation(t, `mutation{endSessions(username:"ana")}`, nil)})
	wantError(t, "endSessions without ADMIN", a, "FORBIDDEN", "Not enough permissions.")
	a = f.send(t, request{token: first, body: operation(t, `mutation{endSessions(username:"zoe")}`, nil)})
	wantError(t, "endSessions of an unknown user", a, "NOT_FOUND", "There is no such user.")
	f.wantViewer(t, "ben", bens, http.StatusOK)
	a = f.send(t, request{token: first, body: operation(t, `mutation{endSessions(username:"ben")}`, nil)})
	wantJSON(t, "endSessions", a.body, `{"data":{"endSessions":true}}`)
	f.wantViewer(t, "ben", bens, http.StatusUnauthorized)
	f.wantViewer(t, "ana", second, http.StatusOK)
	a = f.send(t, request{token: first, body: operation(t, `mutation{logoutEverywhere}`, nil)})
	wantJSON(t, "logoutEverywhere", a.body, `{"data":{"logoutEverywhere":true}}`)
	f.wantViewer(t, "ana", first, http.StatusUnauthorized)
	f.wantViewer(t, "ana", second, http.StatusUnauthorized)
}

// Test15_10_MutationsNotSaved answers false while the end of a session cannot be saved.
func Test15_10_MutationsNotSaved(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.users.OnChange(func() func() error { return func() error { return http.ErrServerClosed } })
	for document, want := range map[string]string{
		`mutation{logout}`:                      `{"data":{"logout":false}}`,
		`mutation{logoutEverywhere}`:            `{"data":{"logoutEverywhere":false}}`,
		`mutation{endSessions(username:"ana")}`: `{"data":{"endSessions":false}}`,
	} {
		token, err := f.users.Login(t.Context(), "ana", password)
		if err != nil {
			t.Fatal(err)
		}
		a := f.send(t, request{token: token.AccessToken, body: operation(t, document, nil)})
		wantJSON(t, document, a.body, want)
		f.wantViewer(t, document, token.AccessToken, http.StatusUnauthorized)
	}
}
