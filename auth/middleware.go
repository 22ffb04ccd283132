package auth

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// Authenticate puts the [Caller] of the request's bearer token into the request's context. It
// passes requests without a valid token on without a caller: [RequireCaller] rejects those. Bad
// tokens are audited.
func (s *Service) Authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, bad := s.authenticate(r)
		next.ServeHTTP(w, authenticated(r, caller, bad))
	})
}

// authenticate returns the caller of a request, or nil, and whether it sent a bad token.
func (s *Service) authenticate(r *http.Request) (caller *Caller, bad bool) {
	if !sendsToken(r.Header) {
		return nil, false
	}
	caller, err := s.Verify(tokenFromHeader(r.Header))
	if err != nil {
		s.auditBadToken(r.Context(), err)
		return nil, true
	}
	reportVerified(r.Context(), caller)
	return caller, false
}

// authenticated returns the request with its caller. It is a copy only if [WithSource] has not
// prepared the context.
func authenticated(r *http.Request, caller *Caller, bad bool) *http.Request {
	if request, ok := r.Context().(*requestState); ok {
		request.caller, request.badToken = caller, bad
		return r
	}
	ctx := r.Context()
	if bad {
		ctx = context.WithValue(ctx, badTokenKey{}, true)
	}
	if caller != nil {
		ctx = NewContext(ctx, caller)
	}
	if ctx == r.Context() {
		return r
	}
	return r.WithContext(ctx)
}

// CallerOf returns the caller of a token that did not come in a header, as [Service.Verify] does. A
// bad token is audited, for the context's [Source]; "" stands for no token and is not.
func (s *Service) CallerOf(ctx context.Context, raw string) (*Caller, error) {
	caller, err := s.Verify(raw)
	if err != nil && raw != "" {
		s.auditBadToken(ctx, err)
	}
	return caller, err
}

// auditBadToken audits an error of [Service.Verify]. The user is known only if the token was valid
// once.
func (s *Service) auditBadToken(ctx context.Context, err error) {
	event := Event{Action: "authenticate", User: unknownUser, Outcome: outcomeBadToken}
	if revoked := (*revokedError)(nil); errors.As(err, &revoked) {
		event.User, event.Outcome = revoked.username, outcomeRevokedToken
	} else if errors.Is(err, jwt.ErrTokenExpired) {
		event.Outcome = outcomeExpiredToken
	}
	s.audit.Record(ctx, event)
}

type badTokenKey struct{}

// Challenge returns the WWW-Authenticate header of an answer 401. It has an error only if the
// request sent a token, see [Service.Authenticate] (RFC 6750, section 3.1).
func Challenge(ctx context.Context) string {
	if bad, _ := ctx.Value(badTokenKey{}).(bool); bad {
		return `Bearer error="invalid_token"`
	}
	return "Bearer"
}

// RequireCaller answers 401 to requests without a caller in their context.
func RequireCaller(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if FromContext(r.Context()) == nil {
			w.Header().Set("WWW-Authenticate", Challenge(r.Context()))
			refuse(w, http.StatusUnauthorized, `{"detail":"Could not validate credentials."}`)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// RequireScope answers 403 to callers without the scope, and audits that. Like [RequireCaller], it
// answers 401 to requests without a caller. The action in the audit is the route's pattern.
func (s *Service) RequireScope(scope Scope, next http.Handler) http.Handler {
	return RequireCaller(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !FromContext(r.Context()).Has(scope) {
			s.AuditForbidden(r.Context(), strings.TrimSuffix(r.Pattern, "/{$}"))
			RefuseScope(w, scope)
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// RefuseScope answers 403 because the caller lacks the scope (RFC 6750, section 3.1).
func RefuseScope(w http.ResponseWriter, scope Scope) {
	w.Header().Set("WWW-Authenticate", `Bearer error="insufficient_scope", scope="`+string(scope)+`"`)
	refuse(w, http.StatusForbidden, `{"detail":"Not enough permissions."}`)
}

// AuditForbidden audits that the context's [Caller] lacks the scope of an action.
func (s *Service) AuditForbidden(ctx context.Context, action string) {
	s.audit.Record(ctx, Event{Action: action, Outcome: OutcomeForbidden})
}

// sendsToken reports whether a header brings a bearer token, valid or not.
func sendsToken(header http.Header) bool {
	return slices.ContainsFunc(header.Values("Authorization"), func(value string) bool {
		token, bearer := BearerToken(value)
		return bearer && token != ""
	})
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
