package auth

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// noCaller is the answer of whoami without a caller.
const noCaller = "no caller"

// whoami answers with the caller's name.
var whoami = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	name := noCaller
	if caller := FromContext(r.Context()); caller != nil {
		name = caller.Username
	}
	_, _ = w.Write([]byte(name))
})

func get(h http.Handler, authorization ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header["Authorization"] = authorization
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	service := newService(t)
	token := issue(t, service.tokens).AccessToken
	forged := issue(t, newTokens(t, TokenConfig{Secret: foreignSecret})).AccessToken
	for _, test := range []struct {
		name          string
		authorization []string
		want          string
	}{
		{"valid", []string{"Bearer " + token}, "ana"},
		{"lower case", []string{"bearer " + token}, "ana"},
		{"upper case", []string{"BEARER " + token}, "ana"},
		{"several spaces", []string{"Bearer   " + token}, "ana"},
		{"no header", nil, noCaller},
		{"empty", []string{""}, noCaller},
		{"no scheme", []string{token}, noCaller},
		{"no token", []string{"Bearer "}, noCaller},
		{"scheme alone", []string{"Bearer"}, noCaller},
		{"another scheme", []string{"Basic " + token}, noCaller},
		{"tab", []string{"Bearer\t" + token}, noCaller},
		{"two tokens", []string{"Bearer " + token + ", Bearer " + token}, noCaller},
		{"two headers", []string{"Bearer " + token, "Bearer " + token}, noCaller},
		{"two headers, one empty", []string{"Bearer " + token, ""}, noCaller},
		{"forged", []string{"Bearer " + forged}, noCaller},
		{"too long", []string{"Bearer " + strings.Repeat(" ", maxTokenBytes) + token}, noCaller},
	} {
		if got := get(service.Authenticate(whoami), test.authorization...).Body.String(); got != test.want {
			t.Errorf("%s: Authenticate found %q, want %q", test.name, got, test.want)
		}
	}
}

func TestAuthenticate_IgnoresQuery(t *testing.T) {
	t.Parallel()
	service := newService(t)
	r := httptest.NewRequest(http.MethodGet, "/?access_token="+issue(t, service.tokens).AccessToken, nil)
	w := httptest.NewRecorder()
	service.Authenticate(whoami).ServeHTTP(w, r)
	if got := w.Body.String(); got != noCaller {
		t.Errorf("Authenticate found %q, want %q: logs contain query strings", got, noCaller)
	}
}

func TestRequire(t *testing.T) {
	t.Parallel()
	service := newService(t)
	valid := "Bearer " + issue(t, service.tokens).AccessToken
	const unauthorized, forbidden = `{"detail":"Could not validate credentials."}`, `{"detail":"Not enough permissions."}`
	for _, test := range []struct {
		name          string
		handler       http.Handler
		authorization string
		status        int
		challenge     string
		body          string
	}{
		{"caller, valid", RequireCaller(whoami), valid, 200, "", "ana"},
		{"caller, none", RequireCaller(whoami), "", 401, "Bearer", unauthorized},
		{"caller, forged", RequireCaller(whoami), valid + "x", 401, `Bearer error="invalid_token"`, unauthorized},
		{"scope, held", service.RequireScope(ScopeSupport, whoami), valid, 200, "", "ana"},
		{"scope, not held", service.RequireScope(ScopeAdmin, whoami), valid, 403, `Bearer error="insufficient_scope", scope="ADMIN"`, forbidden},
		{"scope, no caller", service.RequireScope(ScopeAdmin, whoami), "", 401, "Bearer", unauthorized},
	} {
		w := get(service.Authenticate(test.handler), test.authorization)
		if w.Code != test.status || w.Body.String() != test.body {
			t.Errorf("%s: answer = %d %s, want %d %s", test.name, w.Code, w.Body, test.status, test.body)
		}
		if got := w.Header().Get("WWW-Authenticate"); got != test.challenge {
			t.Errorf("%s: WWW-Authenticate = %q, want %q", test.name, got, test.challenge)
		}
		if w.Code == 200 {
			continue
		}
		got := []string{w.Header().Get("Content-Type"), w.Header().Get("Cache-Control")}
		if want := []string{"application/json; charset=utf-8", "no-store"}; !slices.Equal(got, want) {
			t.Errorf("%s: headers = %q, want %q", test.name, got, want)
		}
	}
}

func FuzzTokenFromHeader(f *testing.F) {
	f.Add("Bearer abc.def.ghi")
	f.Add("bearer  x")
	f.Add("Bearer")
	f.Add(" Bearer x")
	f.Fuzz(func(t *testing.T, value string) {
		token := tokenFromHeader(http.Header{"Authorization": {value}})
		switch {
		case token == "":
		case !strings.HasSuffix(value, " "+token), strings.HasPrefix(token, " "), len(value) > maxTokenBytes,
			!strings.EqualFold(value[:len("Bearer ")], "Bearer "):
			t.Errorf("tokenFromHeader(%q) = %q, want the text after the scheme and its spaces", value, token)
		}
	})
}

func Test15_Small_Challenge(t *testing.T) {
	t.Parallel()
	service := newService(t)
	valid := "Bearer " + issue(t, service.tokens).AccessToken
	for _, test := range []struct {
		name          string
		authorization []string
		want          string
	}{
		{"no token", nil, "Bearer"},
		{"another scheme", []string{"Basic x"}, "Bearer"},
		{"no token after the scheme", []string{"Bearer "}, "Bearer"},
		{"garbage", []string{"Bearer x"}, `Bearer error="invalid_token"`},
		{"two headers", []string{valid, valid}, `Bearer error="invalid_token"`},
	} {
		w := get(service.Authenticate(RequireCaller(whoami)), test.authorization...)
		if got := w.Header().Get("WWW-Authenticate"); w.Code != 401 || got != test.want {
			t.Errorf("%s: %d, WWW-Authenticate %s, want 401, %s", test.name, w.Code, got, test.want)
		}
	}
}
