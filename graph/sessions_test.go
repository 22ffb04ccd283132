package graph_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// A token that is refused by POST is refused on a WebSocket, too.
func TestTokens_WebSocket(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	for name, token := range badTokens(t) {
		c, _ := f.dial(t, "")
		c.send(`{"type":"connection_init","payload":{"authorization":"Bearer ` + token + `"}}`)
		c.wantClosed(name, 4403, "Forbidden")
	}
}

// A token in the URL could end up in a log. A second header could differ from the one a proxy
// checked.
func TestTokens_OnePlace(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	token := f.tokenFor(t, ana)
	body := operation(t, viewerDocument, nil)
	for name, tt := range map[string]struct {
		query         string
		authorization []string
		status        int
	}{
		"one header":                  {"", []string{"Bearer " + token}, http.StatusOK},
		"the scheme in another case":  {"", []string{"bEARER " + token}, http.StatusOK},
		"two headers":                 {"", []string{"Bearer " + token, "Bearer " + token}, http.StatusUnauthorized},
		"two headers, one of a proxy": {"", []string{"Bearer " + token, "Basic YTpi"}, http.StatusUnauthorized},
		"another scheme":              {"", []string{"Token " + token}, http.StatusUnauthorized},
		"over 4 KiB":                  {"", []string{"Bearer " + strings.Repeat(" ", 4<<10) + token}, http.StatusUnauthorized},
		"in the address":              {"?access_token=" + token + "&token=" + token + "&authorization=Bearer%20" + token, nil, http.StatusUnauthorized},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.server.URL+tt.query, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header["Authorization"] = tt.authorization
		r.Header.Set("Content-Type", "application/json")
		response, err := f.server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != tt.status {
			t.Errorf("%s: status %d, want %d", name, response.StatusCode, tt.status)
		}
	}
}

// The new token has the same scopes. A logout with the old one ends it, too.
func TestRenewToken_Logout(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	type answered struct {
		RenewToken struct {
			AccessToken, TokenType string
			ExpiresIn              int
		}
	}
	old := f.tokenFor(t, ben)
	a := f.send(t, request{token: old, body: operation(t, `mutation{renewToken{accessToken tokenType expiresIn expiresAt}}`, nil)})
	renewed := into[answered](t, string(a.Data)).RenewToken
	if renewed.TokenType != "bearer" || renewed.ExpiresIn != 3600 || renewed.AccessToken == old {
		t.Errorf("renewToken = %s, want an hour's bearer token", a.body)
	}
	a = f.send(t, request{token: renewed.AccessToken, body: operation(t, viewerDocument, nil)})
	wantJSON(t, "viewer", a.body, `{"data":{"viewer":{"username":"ben","scopes":["READ"]}}}`)
	a = f.send(t, request{token: old, body: operation(t, `mutation{logout renewToken{accessToken}}`, nil)})
	if string(a.Data) != "null" { // renewToken is not nullable
		t.Errorf("logout, then renewToken = %s, want no token", a.body)
	}
	wantError(t, "renewToken after logout", a, "UNAUTHENTICATED", "Could not validate credentials.")
	for _, token := range []string{old, renewed.AccessToken} {
		if a = f.send(t, request{token: token, body: operation(t, viewerDocument, nil)}); a.status != http.StatusUnauthorized {
			t.Errorf("viewer after logout = %d %s, want 401", a.status, a.body)
		}
	}
	tired := signed(t, jwt.SigningMethodHS256, secret, claims(func(c jwt.MapClaims) { c["auth_time"] = time.Now().Add(-8 * 24 * time.Hour).Unix() }))
	a = f.send(t, request{token: tired, body: operation(t, `mutation{renewToken{accessToken}}`, nil)})
	wantError(t, "renewToken a week later", a, "UNAUTHENTICATED", "The session is too old to be renewed; log in again.")
	if log := f.log.String(); log != "" {
		t.Errorf("log = %s, want nothing, because the audit has it", log)
	}
}
