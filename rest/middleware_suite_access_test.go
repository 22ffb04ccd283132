package rest

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"wisphub-graphql/auth"
)

const (
	noCredentials = "Could not validate credentials."
	noPermission  = "Not enough permissions."
)

var notFoundReply = reply{404, envelopeJSON("error", "ERROR", "", "Not Found")}

// suiteRoutes are the routes of rest-v1.md that need a token, each with a request.
var suiteRoutes = []struct{ method, path, body, allow string }{
	{"GET", "/clients", "", "GET, HEAD"},
	{"GET", "/clients/search?q=ana", "", "GET, HEAD, PUT"}, // PUT /clients/{service_id}
	{"GET", "/clients/by-document/1000000001", "", "GET, HEAD"},
	{"GET", "/clients/by-phone/3000000001", "", "GET, HEAD"},
	{"GET", "/clients/by-service-id/26", "", "GET, HEAD"},
	{"POST", "/clients/resolve", threeClaims, "POST, PUT"}, // PUT /clients/{service_id}
	{"POST", "/clients/26/verify", threeClaims, "POST"},
	{"PUT", "/clients/26", `{"city":"Bello"}`, "PUT"},
	{"GET", "/internet-plans", "", "GET, HEAD"},
	{"GET", "/internet-plans/3", "", "GET, HEAD"},
	{"GET", "/payment-methods", "", "GET, HEAD"},
	{"POST", "/26/ping", `{"pings":4}`, "POST"},
	{"GET", "/ping/" + suiteTask, "", "GET, HEAD"},
	{"POST", "/tickets", newTicketBody, "POST"},
	{"GET", "/tickets/subjects", "", "GET, HEAD"},
	{"GET", "/tickets/zone-blocked/2", "", "GET, HEAD"},
	{"GET", "/tickets/500", "", "GET, HEAD"},
}

var accessCases = slices.Concat(routeAccessCases(), []suiteCase{
	get("another scheme", "/clients", detail(401, noCredentials)).as(noUser).withHeader("Authorization", "Basic YW5hOmFuYQ=="),
	get("no token after the scheme", "/clients", detail(401, noCredentials)).as(noUser).withHeader("Authorization", "Bearer"),
	get("an unsigned token", "/clients", detail(401, noCredentials)).as(noUser).
		withHeader("Authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbmEifQ."),
	get("READ is enough to read", "/clients/by-service-id/26", success("CLIENT_FOUND", anaJSON)).as("ben"),
	post("no token comes before a bad body", "/tickets", `[`, detail(401, noCredentials)).as(noUser),
	post("no scope comes before a bad body", "/tickets", `[`, detail(403, noPermission)).as("ben"),
	put("a balance without BILLING", "/clients/26", `{"balance":5}`, detail(403, noPermission)).as("leo").
		answering("WWW-Authenticate", `Bearer error="insufficient_scope", scope="BILLING"`),
	put("a null balance without BILLING", "/clients/26", `{"city":"Bello","balance":null}`, success("CLIENT_UPDATED", with(anaJSON, `"city":"Bello"`))).as("leo"),

	get("health", "/health", success("HEALTH_OK", `{"status":"ok","service":"wisphub-graphql"}`)).as(noUser),
	get("health with a bad token", "/health", success("HEALTH_OK", `{"status":"ok","service":"wisphub-graphql"}`)).as(noUser).
		withHeader("Authorization", "Bearer x"),
	post("wrong method of health", "/health", `{}`, reply{405, notAllowed}).as(noUser).answering("Allow", "GET, HEAD"),
	get("wrong method of the token", "/auth/token", reply{405, notAllowed}).as(noUser).answering("Allow", "POST"),

	get("unknown route", "/nothing", notFoundReply),
	get("unknown route without a token", "/nothing", notFoundReply).as(noUser),
	get("no route", "", notFoundReply),
	get("below a route", "/clients/by-phone/3000000001/more", notFoundReply),
	post("another version's route", "/client/resolve", threeClaims, notFoundReply),
	get("a route of no noun", "/26", notFoundReply),
})

func (c suiteCase) withHeader(name, value string) suiteCase {
	c.header = http.Header{name: {value}}
	return c
}

func (c suiteCase) answering(name, value string) suiteCase {
	c.headers = map[string]string{name: value}
	return c
}

// routeAccessCases are the cases that every route has: no token, a bad one, no scope, a wrong
// method.
func routeAccessCases() []suiteCase {
	var cases []suiteCase
	for _, r := range suiteRoutes {
		name := r.method + " " + r.path
		request := suiteCase{method: r.method, path: r.path, body: r.body, user: noUser, want: detail(401, noCredentials)}.
			answering("WWW-Authenticate", "Bearer")
		request.name = name + " without a token"
		garbage := request.withHeader("Authorization", "Bearer this.is.not.a.token").
			answering("WWW-Authenticate", `Bearer error="invalid_token"`)
		garbage.name = name + " with garbage for a token"
		wrong := suiteCase{name: "wrong method of " + r.path, method: "DELETE", path: r.path, want: reply{405, notAllowed}}.
			answering("Allow", r.allow)
		options := wrong
		options.name, options.method, options.user = "OPTIONS of "+r.path, "OPTIONS", noUser
		cases = append(cases, request, garbage, wrong, options)
		if r.method == "PUT" || r.path == "/tickets" || strings.HasSuffix(r.path, "/ping") {
			cases = append(cases, suiteCase{
				name: name + " without the scope", method: r.method, path: r.path, body: r.body, user: "ben", want: detail(403, noPermission),
			}.answering("WWW-Authenticate", `Bearer error="insufficient_scope", scope="SUPPORT"`))
		}
	}
	return cases
}

// A panic is 500, an envelope without detail. The middleware that recovers is the main package's.
func Test13_MiddlewareSuite_Panic(t *testing.T) {
	t.Parallel()
	for _, lowerCase := range []bool{false, true} {
		// Without a provider, every route that needs one panics.
		handler := New(Config{Auth: &fakeAuth{}, LowerCaseActions: lowerCase})
		base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				if recover() != nil {
					handler.AnswerPanic(w, r)
				}
			}()
			caller := &auth.Caller{Scopes: auth.AllScopes()}
			handler.ServeHTTP(w, r.WithContext(auth.NewContext(r.Context(), caller)))
		}))
		for _, r := range suiteRoutes {
			got := do(t, r.method, base+"/api/v1"+r.path, r.body, http.Header{"Content-Type": {"application/json"}})
			if want := (reply{500, envelopeJSON("error", "ERROR", "", "")}); !want.matches(t, got, lowerCase) {
				t.Errorf("%s %s that panics = %d %s, want %d %s", r.method, r.path, got.status, got.body, want.status, want.body)
			}
		}
	}
}
