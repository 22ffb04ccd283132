package graph_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// TestBadTokensOpenNoSocket: what a request may not do, a socket may not either.
func TestBadTokensOpenNoSocket(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	for name, token := range badTokens(t) {
		c, _ := f.dial(t, "")
		c.send(`{"type":"connection_init","payload":{"authorization":"Bearer ` + token + `"}}`)
		c.wantClosed(name, 4403, "Forbidden")
	}
}

// TestTokenHasOnePlace: no address ends up in a log that would let somebody in, and no second header does what a proxy has
// not seen.
func TestTokenHasOnePlace(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	token := f.tokenOf(t, ana)
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

// TestRenewAndLogout: the new token is good for what the old one was, and outlives it.
func TestRenewAndLogout(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	type answered struct {
		RenewToken struct {
			AccessToken, TokenType string
			ExpiresIn              int
		}
	}
	old := f.tokenOf(t, ben)
	a := f.send(t, request{token: old, body: operation(t, `mutation{renewToken{accessToken tokenType expiresIn expiresAt}}`, nil)})
	renewed := into[answered](t, string(a.Data)).RenewToken
	if renewed.TokenType != "bearer" || renewed.ExpiresIn != 3600 || renewed.AccessToken == old {
		t.Errorf("renewToken = %s, want an hour's bearer token", a.body)
	}
	a = f.send(t, request{token: old, body: operation(t, `mutation{logout renewToken{accessToken}}`, nil)})
	if string(a.Data) != "null" { // renewToken is not null
		t.Errorf("logout, then renewToken = %s, want no token", a.body)
	}
	wantError(t, "renewToken after logout", a, "UNAUTHENTICATED", "Could not validate credentials.")
	if a = f.send(t, request{token: old, body: operation(t, viewerDocument, nil)}); a.status != http.StatusUnauthorized {
		t.Errorf("viewer after logout = %d %s, want 401", a.status, a.body)
	}
	a = f.send(t, request{token: renewed.AccessToken, body: operation(t, viewerDocument, nil)})
	wantJSON(t, "viewer", a.body, `{"data":{"viewer":{"username":"ben","scopes":["READ"]}}}`)
	tired := signed(t, jwt.SigningMethodHS256, secret, claims(func(c jwt.MapClaims) { c["auth_time"] = time.Now().Add(-8 * 24 * time.Hour).Unix() }))
	a = f.send(t, request{token: tired, body: operation(t, `mutation{renewToken{accessToken}}`, nil)})
	wantError(t, "renewToken a week later", a, "UNAUTHENTICATED", "The session is too old to be renewed; log in again.")
	if log := f.log.String(); log != "" {
		t.Errorf("log = %s, want nothing: all is audited", log)
	}
}
