package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"wisphub-graphql/auth"
)

const (
	urlEncoded    = "application/x-www-form-urlencoded"
	multipartForm = "multipart/form-data; boundary=XX"
	tokenPath     = "/api/v1/auth/token"
)

var goodForm = "username=ana&password=" + url.QueryEscape(testPassword)

// formPart returns a field of a multipart form.
func formPart(name, value string) string {
	return "--XX\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
}

// postToken sends a token request and checks the headers that all answers have.
func postToken(t *testing.T, url, contentType, body string) answer {
	t.Helper()
	got := do(t, http.MethodPost, url, body, http.Header{"Content-Type": {contentType}})
	if got.header.Get("Cache-Control") != "no-store" || got.header.Get("Pragma") != "no-cache" {
		t.Errorf("POST %s: Cache-Control %q, Pragma %q, want no-store, no-cache",
			url, got.header.Get("Cache-Control"), got.header.Get("Pragma"))
	}
	return got
}

func TestToken_Issued(t *testing.T) {
	t.Parallel()
	service := newService(t)
	base := serve(t, New(Config{Auth: service}))
	fields := formPart("username", "ana") + formPart("password", testPassword)
	for _, test := range []struct{ name, path, contentType, body string }{
		{"url-encoded", tokenPath, urlEncoded, goodForm},
		{"trailing slash", tokenPath + "/", urlEncoded, goodForm},
		{"charset", tokenPath, urlEncoded + "; charset=UTF-8", goodForm},
		{"upper case type", tokenPath, strings.ToUpper(urlEncoded), goodForm},
		{"multipart", tokenPath, multipartForm, fields + "--XX--\r\n"},
		{"grant type", tokenPath, urlEncoded, goodForm + "&grant_type=password"},
		{"empty grant type", tokenPath, urlEncoded, goodForm + "&grant_type="},
		{"OAuth2 extras", tokenPath, urlEncoded, goodForm + "&scope=a&scope=b&client_id=x&client_secret=y"},
		{"malformed query", tokenPath + "?username=eva&%zz;", urlEncoded, goodForm},
		{"8 kB", tokenPath, urlEncoded, goodForm + "&x=" + strings.Repeat("x", maxTokenForm-len(goodForm)-3)},
	} {
		got := postToken(t, base+test.path, test.contentType, test.body)
		var token map[string]any
		if err := json.Unmarshal([]byte(got.body), &token); got.status != 200 || err != nil {
			t.Errorf("POST %s = %d %s, want 200 and a token", test.name, got.status, got.body)
			continue
		}
		raw, _ := token["access_token"].(string)
		want := `{"access_token":"` + raw + `","token_type":"bearer","expires_in":3600}`
		if caller, err := service.Verify(raw); err != nil || caller.Username != "ana" || got.body != want {
			t.Errorf("POST %s = %s for %v, want %s for ana", test.name, got.body, caller, want)
		}
	}
}

func TestToken_WrongCredentials(t *testing.T) {
	t.Parallel()
	base := serve(t, New(Config{Auth: newService(t)}))
	for _, form := range []string{
		"username=ana&password=wrong",
		"username=eva&password=" + url.QueryEscape(testPassword),
		"username=ana&password=" + strings.Repeat("a", 73),
		"username=ana&password=%00",
		"username=ana&password=%ff",
		"username=+ana&password=" + url.QueryEscape(testPassword),
	} {
		got := postToken(t, base+tokenPath, urlEncoded, form)
		const want = `{"detail":"Incorrect username or password.","error":"invalid_grant"}`
		if got.status != 401 || got.body != want || got.header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("POST %s = %d %s, WWW-Authenticate %q, want 401 %s, Bearer",
				form, got.status, got.body, got.header.Get("WWW-Authenticate"), want)
		}
	}
}

func TestToken_InvalidForm(t *testing.T) {
	t.Parallel()
	const (
		wrongType = "Content-Type: debe ser application/x-www-form-urlencoded o multipart/form-data"
		missing   = "username: es obligatorio; password: es obligatorio"
		noForm    = "body: no es un formulario válido"
	)
	noBoundary := strings.ReplaceAll(formPart("username", "ana")+formPart("password", "hidden")+"--XX--\r\n", "XX", "")
	base := serve(t, New(Config{Auth: newService(t)}))
	for _, test := range []struct{ name, contentType, body, want string }{
		{"JSON", "application/json", `{"username":"ana","password":"hidden"}`, wrongType},
		{"no type", "", goodForm, wrongType},
		{"half a type", urlEncoded + "; x", goodForm, wrongType},
		{"text", "text/plain", goodForm, wrongType},
		{"empty body", urlEncoded, "", missing},
		{"empty fields", urlEncoded, "username=&password=", missing},
		{"names in another case", urlEncoded, "Username=ana&PASSWORD=hidden", missing},
		{"JSON as a form", urlEncoded, `{"username":"ana","password":"hidden"}`, missing},
		{"no password", urlEncoded, "username=ana", "password: es obligatorio"},
		{"no username", urlEncoded, "password=hidden", "username: es obligatorio"},
		{"twice", urlEncoded, goodForm + "&username=ana", "username: solo puede venir una vez"},
		{"twice, one empty", urlEncoded, goodForm + "&password=", "password: solo puede venir una vez"},
		{"another grant", urlEncoded, goodForm + "&grant_type=refresh_token", "grant_type: solo puede ser password"},
		{"two grants", urlEncoded, goodForm + "&grant_type=password&grant_type=password", "grant_type: solo puede venir una vez"},
		{"all at once", urlEncoded, "username=a&username=b&grant_type=hidden",
			"username: solo puede venir una vez; password: es obligatorio; grant_type: solo puede ser password"},
		{"bad escape", urlEncoded, goodForm + "&x=%zzhidden", noForm},
		{"semicolon", urlEncoded, "username=ana;password=hidden", noForm},
		{"too large", urlEncoded, goodForm + "&x=" + strings.Repeat("x", maxTokenForm), "body: no puede pasar de 8 kB"},
		{"no boundary", "multipart/form-data", noBoundary, noForm},
		{"cut off", multipartForm, formPart("username", "ana"), noForm},
		{"multipart without fields", multipartForm, "--XX--\r\n", missing},
		{"multipart twice", multipartForm, formPart("username", "a") + formPart("username", "b") + formPart("password", "hidden") + "--XX--\r\n",
			"username: solo puede venir una vez"},
		{"file for a field", multipartForm, formPart("username", "ana") + formPart(`password"; filename="f`, "hidden") + "--XX--\r\n",
			"password: es obligatorio"},
	} {
		got := postToken(t, base+tokenPath, test.contentType, test.body)
		code := "invalid_request"
		if strings.Contains(test.want, "grant_type: solo puede ser password") {
			code = "unsupported_grant_type"
		}
		want := `{"ok":false,"type":"error","action":"ERROR","data":null,"message":"Error de validación: ` + test.want + `","meta":null,"error":"` + code + `"}`
		if got.status != 422 || got.body != want {
			t.Errorf("POST %s = %d %s, want 422 %s", test.name, got.status, got.body, want)
		}
	}
}

func TestToken_IgnoresCredentialsInURL(t *testing.T) {
	t.Parallel()
	base := serve(t, New(Config{Auth: newService(t)}))
	if got := postToken(t, base+tokenPath+"?"+goodForm, urlEncoded, ""); got.status != 422 {
		t.Errorf("POST with the form in the URL = %d %s, want 422", got.status, got.body)
	}
}

func TestToken_PostOnly(t *testing.T) {
	t.Parallel()
	base := serve(t, New(Config{Auth: newService(t)}))
	got := do(t, http.MethodGet, base+tokenPath+"?"+goodForm, "", nil)
	if got.status != 405 || got.body != notAllowed || got.header.Get("Allow") != "POST" {
		t.Errorf("GET %s = %d %s, Allow %q, want 405, POST", tokenPath, got.status, got.body, got.header.Get("Allow"))
	}
}

func TestToken_LoginFails(t *testing.T) {
	t.Parallel()
	const failed = `{"ok":false,"type":"error","action":"ERROR","data":null,"message":null,"meta":null}`
	for _, test := range []struct {
		err        error
		status     int
		retryAfter string
		body       string
		logged     bool
	}{
		{auth.ErrTooManyAttempts, 429, "1", `{"detail":"Too many requests.","error":"temporarily_unavailable"}`, false},
		{fmt.Errorf("wait: %w", auth.ErrTooManyAttempts), 429, "1", `{"detail":"Too many requests.","error":"temporarily_unavailable"}`, false},
		{&auth.TooManyAttemptsError{RetryAfter: 61500 * time.Millisecond}, 429, "62", `{"detail":"Too many requests.","error":"temporarily_unavailable"}`, false},
		{errors.New("a secret"), 500, "", failed, true},
		{context.DeadlineExceeded, 500, "", failed, true},
		{context.Canceled, 500, "", failed, false},
	} {
		logger, lines := newTestLogger()
		login := func(context.Context, string, string) (auth.Token, error) { return auth.Token{}, test.err }
		base := serve(t, New(Config{Auth: &fakeAuth{login: login}, Logger: logger}))
		got := postToken(t, base+tokenPath, urlEncoded, goodForm)
		if got.status != test.status || got.body != test.body || got.header.Get("Retry-After") != test.retryAfter {
			t.Errorf("POST when Login fails with %v = %d %s, Retry-After %q, want %d %s, %q",
				test.err, got.status, got.body, got.header.Get("Retry-After"), test.status, test.body, test.retryAfter)
		}
		if logged := strings.Contains(lines.String(), test.err.Error()); logged != test.logged {
			t.Errorf("POST when Login fails with %v: logged = %v, want %v; log: %s", test.err, logged, test.logged, lines)
		}
	}
}

func TestReadCredentials_BrokenBody(t *testing.T) {
	t.Parallel()
	_, errs := readCredentials(urlEncoded, iotest.ErrReader(io.ErrUnexpectedEOF))
	if len(errs) != 1 || errs[0] != (fieldError{"body", "no se pudo leer"}) {
		t.Errorf("readCredentials(broken body) = %v, want body: no se pudo leer", errs)
	}
}

func FuzzReadCredentials(f *testing.F) {
	f.Add(urlEncoded, goodForm)
	f.Add(urlEncoded, "username=a&username=b&grant_type=x&password=%zz")
	f.Add(multipartForm, formPart("username", "ana")+formPart("password", testPassword)+"--XX--\r\n")
	f.Add("multipart/form-data; boundary=\"\"", "--\r\n\r\n--")
	f.Add("application/json", "{}")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		login, errs := readCredentials(contentType, strings.NewReader(body))
		if complete := login.username != "" && login.password != ""; complete != (errs == nil) {
			t.Errorf("readCredentials(%q, %q) = %q, %v, want both fields or an error", contentType, body, login, errs)
		}
		for _, err := range errs {
			switch err.field {
			case "username", "password", "grant_type", "body", "Content-Type":
			default:
				t.Errorf("readCredentials(%q, %q) = an error about %q, want a field of the form", contentType, body, err.field)
			}
		}
	})
}
