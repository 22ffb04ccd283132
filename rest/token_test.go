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
	urlEncoded = "application/x-www-form-urlencoded"
	multiparts = "multipart/form-data; boundary=XX"
	tokenPath  = "/api/v1/auth/token"
)

var goodForm = "username=ana&password=" + url.QueryEscape(anasPassword)

// part is a field of a multipart form.
func part(name, value string) string {
	return "--XX\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
}

// post sends a token request and checks the headers that all its answers have.
func post(t *testing.T, address, contentType, body string) answer {
	t.Helper()
	got := do(t, http.MethodPost, address, body, http.Header{"Content-Type": {contentType}})
	if got.header.Get("Cache-Control") != "no-store" || got.header.Get("Pragma") != "no-cache" {
		t.Errorf("POST %s: Cache-Control %q, Pragma %q, want no-store, no-cache",
			address, got.header.Get("Cache-Control"), got.header.Get("Pragma"))
	}
	return got
}

func TestTokenIsGiven(t *testing.T) {
	t.Parallel()
	service := newService(t)
	base := serve(t, New(Config{Auth: service}))
	fields := part("username", "ana") + part("password", anasPassword)
	for _, test := range []struct{ name, path, contentType, body string }{
		{"url-encoded", tokenPath, urlEncoded, goodForm},
		{"last slash", tokenPath + "/", urlEncoded, goodForm},
		{"charset", tokenPath, urlEncoded + "; charset=UTF-8", goodForm},
		{"upper case type", tokenPath, strings.ToUpper(urlEncoded), goodForm},
		{"multipart", tokenPath, multiparts, fields + "--XX--\r\n"},
		{"grant type", tokenPath, urlEncoded, goodForm + "&grant_type=password"},
		{"empty grant type", tokenPath, urlEncoded, goodForm + "&grant_type="},
		{"OAuth2 extras", tokenPath, urlEncoded, goodForm + "&scope=a&scope=b&client_id=x&client_secret=y"},
		{"odd address", tokenPath + "?username=eva&%zz;", urlEncoded, goodForm},
		{"8 kB", tokenPath, urlEncoded, goodForm + "&x=" + strings.Repeat("x", maxTokenForm-len(goodForm)-3)},
	} {
		got := post(t, base+test.path, test.contentType, test.body)
		var token map[string]any
		if err := json.Unmarshal([]byte(got.body), &token); got.status != 200 || err != nil {
			t.Errorf("%s: %d %s, want 200 and a token", test.name, got.status, got.body)
			continue
		}
		raw, _ := token["access_token"].(string)
		want := `{"access_token":"` + raw + `","token_type":"bearer","expires_in":3600}`
		if caller, err := service.Verify(raw); err != nil || caller.Username != "ana" || got.body != want {
			t.Errorf("%s: got %s of %v, want %s of ana", test.name, got.body, caller, want)
		}
	}
}

func TestWrongCredentialsAreRefusedAlike(t *testing.T) {
	t.Parallel()
	base := serve(t, New(Config{Auth: newService(t)}))
	for _, form := range []string{
		"username=ana&password=wrong",
		"username=eva&password=" + url.QueryEscape(anasPassword),
		"username=ana&password=" + strings.Repeat("a", 73),
		"username=ana&password=%00",
		"username=ana&password=%ff",
		"username=+ana&password=" + url.QueryEscape(anasPassword),
	} {
		got := post(t, base+tokenPath, urlEncoded, form)
		const want = `{"detail":"Incorrect username or password."}`
		if got.status != 401 || got.body != want || got.header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("form %s: %d %s, WWW-Authenticate %q, want 401 %s, Bearer",
				form, got.status, got.body, got.header.Get("WWW-Authenticate"), want)
		}
	}
}

func TestInvalidTokenForms(t *testing.T) {
	t.Parallel()
	const (
		wrongType = "Content-Type: debe ser application/x-www-form-urlencoded o multipart/form-data"
		missing   = "username: es obligatorio; password: es obligatorio"
		noForm    = "body: no es un formulario válido"
	)
	noBoundary := strings.ReplaceAll(part("username", "ana")+part("password", "hidden")+"--XX--\r\n", "XX", "")
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
		{"cut off", multiparts, part("username", "ana"), noForm},
		{"multipart without fields", multiparts, "--XX--\r\n", missing},
		{"multipart twice", multiparts, part("username", "a") + part("username", "b") + part("password", "hidden") + "--XX--\r\n",
			"username: solo puede venir una vez"},
		{"file for a field", multiparts, part("username", "ana") + part(`password"; filename="f`, "hidden") + "--XX--\r\n",
			"password: es obligatorio"},
	} {
		got := post(t, base+tokenPath, test.contentType, test.body)
		want := `{"ok":false,"type":"error","action":"ERROR","data":null,"message":"Error de validación: ` + test.want + `","meta":null}`
		if got.status != 422 || got.body != want {
			t.Errorf("%s: %d %s, want 422 %s", test.name, got.status, got.body, want)
		}
	}
}

func TestCredentialsInTheAddressDoNotCount(t *testing.T) {
	t.Parallel()
	base := serve(t, New(Config{Auth: newService(t)}))
	if got := post(t, base+tokenPath+"?"+goodForm, urlEncoded, ""); got.status != 422 {
		t.Errorf("POST with the form in the address = %d %s, want 422", got.status, got.body)
	}
}

func TestTokenIsPostedOnly(t *testing.T) {
	t.Parallel()
	base := serve(t, New(Config{Auth: newService(t)}))
	got := do(t, http.MethodGet, base+tokenPath+"?"+goodForm, "", nil)
	if got.status != 405 || got.body != notAllowed || got.header.Get("Allow") != "POST" {
		t.Errorf("GET %s = %d %s, Allow %q, want 405, POST", tokenPath, got.status, got.body, got.header.Get("Allow"))
	}
}

func TestLoginThatFails(t *testing.T) {
	t.Parallel()
	const failed = `{"ok":false,"type":"error","action":"ERROR","data":null,"message":null,"meta":null}`
	for _, test := range []struct {
		err        error
		status     int
		retryAfter string
		body       string
		logged     bool
	}{
		{auth.ErrTooManyAttempts, 429, "1", `{"detail":"Too many requests."}`, false},
		{fmt.Errorf("wait: %w", auth.ErrTooManyAttempts), 429, "1", `{"detail":"Too many requests."}`, false},
		{&auth.TooManyAttemptsError{RetryAfter: 61500 * time.Millisecond}, 429, "62", `{"detail":"Too many requests."}`, false},
		{errors.New("the inside story"), 500, "", failed, true},
		{context.DeadlineExceeded, 500, "", failed, true},
		{context.Canceled, 500, "", failed, false},
	} {
		logger, lines := quiet()
		login := func(context.Context, string, string) (auth.Token, error) { return auth.Token{}, test.err }
		base := serve(t, New(Config{Auth: &fakeAuth{login: login}, Logger: logger}))
		got := post(t, base+tokenPath, urlEncoded, goodForm)
		if got.status != test.status || got.body != test.body || got.header.Get("Retry-After") != test.retryAfter {
			t.Errorf("%v: %d %s, Retry-After %q, want %d %s, %q",
				test.err, got.status, got.body, got.header.Get("Retry-After"), test.status, test.body, test.retryAfter)
		}
		if logged := strings.Contains(lines.String(), test.err.Error()); logged != test.logged {
			t.Errorf("%v: logged = %v, want %v: %s", test.err, logged, test.logged, lines)
		}
	}
}

func TestBodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	_, faults := readCredentials(urlEncoded, iotest.ErrReader(io.ErrUnexpectedEOF))
	if len(faults) != 1 || faults[0] != (fault{"body", "no se pudo leer"}) {
		t.Errorf("readCredentials(broken body) = %v, want body: no se pudo leer", faults)
	}
}

func FuzzReadCredentials(f *testing.F) {
	f.Add(urlEncoded, goodForm)
	f.Add(urlEncoded, "username=a&username=b&grant_type=x&password=%zz")
	f.Add(multiparts, part("username", "ana")+part("password", anasPassword)+"--XX--\r\n")
	f.Add("multipart/form-data; boundary=\"\"", "--\r\n\r\n--")
	f.Add("application/json", "{}")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		who, faults := readCredentials(contentType, strings.NewReader(body))
		if good := who.username != "" && who.password != ""; good != (faults == nil) {
			t.Errorf("readCredentials(%q, %q) = %q, %v, want both fields or a fault", contentType, body, who, faults)
		}
		for _, wrong := range faults {
			switch wrong.field {
			case "username", "password", "grant_type", "body", "Content-Type":
			default:
				t.Errorf("readCredentials(%q, %q) finds fault with %q, which comes from the input", contentType, body, wrong.field)
			}
		}
	})
}
