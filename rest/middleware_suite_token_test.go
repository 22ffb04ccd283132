package rest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const badCredentials = "Incorrect username or password."

var (
	tokenReply = reply{200, `{"access_token":"*","token_type":"bearer","expires_in":3600}`}
	bothFields = formPart("username", "ana") + formPart("password", testPassword)
)

// tokenCase is a request of a token.
func tokenCase(name, contentType, form string, want reply) suiteCase {
	c := post(name, "/auth/token", form, want).as(noUser)
	c.header = http.Header{"Content-Type": {contentType}}
	c.headers = map[string]string{"Cache-Control": "no-store"}
	if want.status == 401 {
		c.headers["WWW-Authenticate"] = "Bearer"
	}
	return c
}

// refusedForm is [invalid] beside a code of RFC 6749.
func refusedForm(code string, fields ...string) reply {
	want := invalid(fields...)
	want.body = strings.TrimSuffix(want.body, "}") + `,"error":"` + code + `"}`
	return want
}

func refusedLogin(status int, text, code string) reply {
	return reply{status, `{"detail":"` + text + `","error":"` + code + `"}`}
}

var tokenCases = []suiteCase{
	tokenCase("url-encoded", urlEncoded, goodForm, tokenReply),
	tokenCase("url-encoded with a charset", urlEncoded+"; charset=utf-8", goodForm, tokenReply),
	tokenCase("multipart", multipartForm, bothFields+"--XX--\r\n", tokenReply),
	tokenCase("multipart with all of OAuth 2", multipartForm, bothFields+formPart("grant_type", "password")+formPart("scope", "")+"--XX--\r\n", tokenReply),
	tokenCase("grant_type password", urlEncoded, goodForm+"&grant_type=password", tokenReply),
	tokenCase("grant_type empty", urlEncoded, goodForm+"&grant_type=", tokenReply),
	tokenCase("another grant_type", urlEncoded, goodForm+"&grant_type=client_credentials", refusedForm("unsupported_grant_type", "grant_type")),
	tokenCase("another grant_type, multipart", multipartForm, bothFields+formPart("grant_type", "refresh_token")+"--XX--\r\n", refusedForm("unsupported_grant_type", "grant_type")),
	tokenCase("scope", urlEncoded, goodForm+"&scope=admin", tokenReply),
	tokenCase("client_id and client_secret", urlEncoded, goodForm+"&client_id=bot&client_secret=x", tokenReply),
	tokenCase("nearly 8 kB", urlEncoded, goodForm+"&x="+strings.Repeat("x", 8<<10-len(goodForm)-3), tokenReply),
	tokenCase("more than 8 kB", urlEncoded, goodForm+"&x="+strings.Repeat("x", 8<<10), refusedForm("invalid_request", "body")),
	tokenCase("more than 8 kB, multipart", multipartForm, bothFields+formPart("x", strings.Repeat("x", 8<<10))+"--XX--\r\n", refusedForm("invalid_request", "body")),

	tokenCase("wrong password", urlEncoded, "username=ana&password=wrong", refusedLogin(401, badCredentials, "invalid_grant")),
	tokenCase("wrong password, multipart", multipartForm, formPart("username", "ana")+formPart("password", "wrong")+"--XX--\r\n", refusedLogin(401, badCredentials, "invalid_grant")),
	tokenCase("unknown username", urlEncoded, "username=eva&password="+url.QueryEscape(testPassword), refusedLogin(401, badCredentials, "invalid_grant")),

	tokenCase("JSON", "application/json", `{"username":"ana","password":"x"}`, refusedForm("invalid_request", "Content-Type")),
	tokenCase("no username", urlEncoded, "password=x", refusedForm("invalid_request", "username")),
	tokenCase("no password", urlEncoded, "username=ana", refusedForm("invalid_request", "password")),
	tokenCase("an empty password", urlEncoded, "username=ana&password=", refusedForm("invalid_request", "password")),
	tokenCase("neither", urlEncoded, "", refusedForm("invalid_request", "username", "password")),
	tokenCase("neither, multipart", multipartForm, "--XX--\r\n", refusedForm("invalid_request", "username", "password")),
	tokenCase("not a form", urlEncoded, "username=%zz", refusedForm("invalid_request", "body")),

	tokenCase("too many tries", urlEncoded, goodForm, refusedLogin(429, "*", "temporarily_unavailable")).after(guessPasswords),
	tokenCase("a token of the form opens the routes", urlEncoded, goodForm, tokenReply).after(useNewToken),
}

// guessPasswords logs in with wrong passwords until the throttle refuses. The refusal says how long
// to wait.
func guessPasswords(t *testing.T, s *testServer) {
	for range 50 {
		got := do(t, "POST", s.base+tokenPath, "username=ana&password=wrong", http.Header{"Content-Type": {urlEncoded}})
		if got.status == 429 {
			if got.header.Get("Retry-After") == "" {
				t.Error("POST of too many wrong passwords = 429 without Retry-After")
			}
			return
		}
	}
	t.Error("50 wrong passwords are not refused, want 429")
}

// useNewToken reads a client with a token that the form gave.
func useNewToken(t *testing.T, s *testServer) {
	got := do(t, "POST", s.base+tokenPath, goodForm, http.Header{"Content-Type": {urlEncoded}})
	members, _ := decodeJSON(t, got.body).(map[string]any)
	token, _ := members["access_token"].(string)
	s.tokens["new"] = token
	if found := s.call(t, "new", "GET", "/api/v1/clients/by-service-id/26", ""); found.status != 200 {
		t.Errorf("GET with a new token = %d %s, want 200", found.status, found.body)
	}
}

// An expired token is refused like none. The clock is synctest's, so the handler is called directly.
func Test13_MiddlewareSuite_ExpiredToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		token, err := service.Login(t.Context(), "ana", testPassword)
		if err != nil {
			t.Fatal(err)
		}
		handler := newHandler(Config{Auth: service}, testRoutes)
		for _, want := range []int{200, 401} {
			request := httptest.NewRequest("GET", "/api/v1/things/7", nil)
			request.Header.Set("Authorization", "Bearer "+token.AccessToken)
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, request)
			if recorder.Code != want {
				t.Errorf("GET = %d %s, want %d", recorder.Code, recorder.Body, want)
			}
			time.Sleep(2 * time.Hour)
		}
	})
}
