package auth

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Test16_1_OneContextValue: the caller is put into the context of the request, which is not copied. A
// second handler that finds no token, or a bad one, takes the caller out again.
func Test16_1_OneContextValue(t *testing.T) {
	t.Parallel()
	service := newService(t)
	good := "Bearer " + loginAs(t, service, "ana")
	for name, ctx := range map[string]context.Context{
		"prepared": WithSource(t.Context(), Source{RequestID: "abc"}), "not prepared": t.Context(),
	} {
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
		for _, step := range []struct{ token, user, challenge string }{
			{good, "ana", "Bearer"}, {"", "", "Bearer"}, {good, "ana", "Bearer"}, {good + "x", "", `Bearer error="invalid_token"`},
		} {
			r.Header.Set("Authorization", step.token)
			service.Authenticate(http.HandlerFunc(func(_ http.ResponseWriter, got *http.Request) {
				user := ""
				if caller := FromContext(got.Context()); caller != nil {
					user = caller.Username
				}
				if challenge := Challenge(got.Context()); user != step.user || challenge != step.challenge {
					t.Errorf("%s, token %q: caller %q, challenge %s, want %q, %s", name, step.token, user, challenge, step.user, step.challenge)
				}
				if same := got == r; name == "prepared" && !same {
					t.Error("Authenticate copies a prepared request")
				}
			})).ServeHTTP(httptest.NewRecorder(), r)
		}
	}
	nested, cancel := context.WithCancel(NewContext(WithSource(t.Context(), Source{RequestID: "abc"}), &Caller{Username: "eva"}))
	defer cancel()
	if FromContext(nested).Username != "eva" || SourceFrom(nested).RequestID != "abc" {
		t.Errorf("a context within = %v, %v, want eva, abc", FromContext(nested), SourceFrom(nested))
	}
}
