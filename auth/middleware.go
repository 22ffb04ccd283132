package auth

import (
	"net/http"
	"strings"
)

// Authenticate reads who calls: it puts the [Caller] whom the request's bearer token names into the request's context.
// A request without a good token goes on with no caller; [RequireCaller] is what turns it away.
func (s *Service) Authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if caller, err := s.Verify(bearerToken(r.Header)); err == nil {
			r = r.WithContext(NewContext(r.Context(), caller))
		}
		next.ServeHTTP(w, r)
	})
}

// RequireCaller answers 401 to requests that no caller was found for.
func RequireCaller(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if FromContext(r.Context()) == nil {
			w.Header().Set("WWW-Authenticate", "Bearer")
			refuse(w, http.StatusUnauthorized, `{"detail":"Could not validate credentials."}`)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// RequireScope answers 403 to callers without the scope, and 401 to nobody, as [RequireCaller] does.
func RequireScope(scope Scope, next http.Handler) http.Handler {
	return RequireCaller(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !FromContext(r.Context()).Has(scope) {
			refuse(w, http.StatusForbidden, `{"detail":"Not enough permissions."}`)
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// bearerToken returns the token of the one Authorization header, "" when there is none of a sensible size. With two
// headers nobody could say which one a proxy in front has looked at.
func bearerToken(header http.Header) string {
	values := header.Values("Authorization")
	if len(values) != 1 || len(values[0]) > maxTokenBytes {
		return ""
	}
	token, _ := BearerToken(values[0])
	return token
}

// BearerToken returns the token in the value of an Authorization header, and false when the scheme is another.
func BearerToken(authorization string) (token string, ok bool) {
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return strings.TrimLeft(token, " "), true
}

func refuse(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // a caller who has gone away needs no answer
}
