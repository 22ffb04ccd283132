package rest

import (
	"cmp"
	"net/http"
	"strings"

	"wisphub-graphql/auth"
)

// route is one entry of the table.
type route struct {
	method string
	// path has no trailing slash; the route is served with and without one.
	path string
	// public means that the route needs no token.
	public bool
	// scope is the scope that the caller must have; empty means READ.
	scope  auth.Scope
	handle func(*api, http.ResponseWriter, *http.Request)
	// doc describes the route; nil leaves it out of the OpenAPI description.
	doc *routeDoc
}

var routes = []route{
	{method: http.MethodPost, path: "/api/v1/auth/token", public: true, handle: (*api).createToken, doc: &docToken},
	{method: http.MethodGet, path: "/health", public: true, handle: (*api).health, doc: &docHealth},

	{method: http.MethodGet, path: "/api/v1/clients", handle: (*api).listClients, doc: &docListClients},
	{method: http.MethodGet, path: "/api/v1/clients/search", handle: (*api).searchClients, doc: &docSearchClients},
	{method: http.MethodGet, path: "/api/v1/clients/by-document/{document}", handle: (*api).clientByDocument, doc: &docByDocument},
	{method: http.MethodGet, path: "/api/v1/clients/by-phone/{phone}", handle: (*api).clientByPhone, doc: &docByPhone},
	{method: http.MethodGet, path: "/api/v1/clients/by-service-id/{service_id}", handle: (*api).clientByServiceID, doc: &docByServiceID},
	{method: http.MethodPost, path: "/api/v1/clients/resolve", handle: (*api).resolveClient, doc: &docResolve},
	{method: http.MethodPost, path: "/api/v1/clients/{service_id}/verify", handle: (*api).verifyClient, doc: &docVerify},
	{method: http.MethodPut, path: "/api/v1/clients/{service_id}", scope: auth.ScopeSupport, handle: (*api).updateClient, doc: &docUpdateClient},

	{method: http.MethodGet, path: "/api/v1/internet-plans", handle: (*api).listPlans, doc: &docListPlans},
	{method: http.MethodGet, path: "/api/v1/internet-plans/{plan_id}", handle: (*api).getPlan, doc: &docGetPlan},
	{method: http.MethodGet, path: "/api/v1/payment-methods", handle: (*api).listPaymentMethods, doc: &docPaymentMethods},

	{method: http.MethodPost, path: "/api/v1/{service_id}/ping", scope: auth.ScopeSupport, handle: (*api).createPing, doc: &docCreatePing},
	{method: http.MethodGet, path: "/api/v1/ping/{task_id}", handle: (*api).getPing, doc: &docGetPing},

	{method: http.MethodPost, path: "/api/v1/tickets", scope: auth.ScopeSupport, handle: (*api).createTicket, doc: &docCreateTicket},
	{method: http.MethodGet, path: "/api/v1/tickets/subjects", handle: (*api).listSubjects, doc: &docSubjects},
	{method: http.MethodGet, path: "/api/v1/tickets/zone-blocked/{zone_id}", handle: (*api).zoneBlocked, doc: &docZoneBlocked},
	{method: http.MethodGet, path: "/api/v1/tickets/{ticket_id}", handle: (*api).getTicket, doc: &docGetTicket},
}

// Handler serves the REST routes. It is safe for concurrent use.
type Handler struct {
	api *api
	mux *http.ServeMux
}

// newMux registers each route with and without a trailing slash. A redirect from one to the other
// would lose the body of a bot's POST.
func newMux(a *api, table []route) *http.ServeMux {
	mux := http.NewServeMux()
	for _, r := range table {
		handler := a.handler(r)
		mux.Handle(r.method+" "+r.path, handler)
		mux.Handle(r.method+" "+r.path+"/{$}", handler)
	}
	return mux
}

// handler wraps a route's handler with the checks that its table entry requires.
func (a *api) handler(r route) http.Handler {
	handler := http.Handler(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if caller := auth.FromContext(req.Context()); caller != nil && a.provider != nil {
			req = req.WithContext(a.provider.WithUser(req.Context(), caller.Username))
		}
		r.handle(a, w, req)
	}))
	if r.public {
		return handler
	}
	return a.auth.Authenticate(a.auth.RequireScope(cmp.Or(r.scope, auth.ScopeRead), a.limitInflight(handler)))
}

// ServeHTTP answers an unknown path or method with an envelope, where a bare [http.ServeMux] answers
// with plain text.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, pattern := h.mux.Handler(r); pattern != "" {
		h.mux.ServeHTTP(w, r)
		return
	}
	if allowed := h.allowedMethods(r); allowed != nil {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		h.api.fail(w, http.StatusMethodNotAllowed, actionError, "Method Not Allowed")
		return
	}
	h.api.fail(w, http.StatusNotFound, actionError, "Not Found")
}

// allowedMethods returns the methods of the request's path. It asks the mux about each one.
// Registering the paths without a method is impossible: /{service_id}/ping and /ping/{task_id}
// would collide.
func (h *Handler) allowedMethods(r *http.Request) []string {
	var allowed []string
	for _, method := range []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	} {
		probe := r.WithContext(r.Context())
		probe.Method = method
		if _, pattern := h.mux.Handler(probe); pattern != "" {
			allowed = append(allowed, method)
		}
	}
	return allowed
}
