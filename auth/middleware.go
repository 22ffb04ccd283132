package auth

import (
	"net/http"
	"strings"
)

// Authenticate puts the [Caller] of the request's bearer token into the request's context. It
// passes requests without a valid token on without a caller: [RequireCaller] rejects those.
func (s *Service) Authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if caller, err := s.Verify(tokenFromHeader(r.Header)); err == nil {
			reportVerified(r.Context(), caller)
			r = r.WithContext(NewContext(r.Context(), caller))
		}
		next.ServeHTTP(w, r)
	})
}

// RequireCaller answers 401 to requests without a caller in their context.
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

// RequireScope answers 403 to callers without the scope. Like [RequireCaller], it answers 401 to
// requests without a caller.
func RequireScope(scope Scope, next http.Handler) http.Handler {
	return RequireCaller(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !FromContext(r.Context()).Has(scope) {
			refuse(w, http.StatusForbidden, `{"detail":"Not enough permissions."}`)
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// tokenFromHeader returns the token of the Authorization header, or "" if it is missing or too
// long. Two headers count as none: a proxy in front may have checked either of them.
func tokenFromHeader(header http.Header) string {
	values := header.Values("Authorization")
	if len(values) != 1 || len(values[0]) > maxTokenBytes {
		return ""
	}
	token, _ := BearerToken(values[0])
	return token
}

// BearerToken returns the token in the value of an Authorization header. It returns false if the
// scheme is not Bearer.
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
	_, _ = w.Write([]byte(body)) // an error means that the caller has disconnected
}
