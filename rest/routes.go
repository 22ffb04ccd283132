package rest

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"strings"

	"wisphub-graphql/auth"
)

// route is one line of the table.
type route struct {
	method string
	// path has no last slash: both spellings are served.
	path string
	// public routes need no token.
	public bool
	// scope is what the caller must hold, READ if nothing is said.
	scope  auth.Scope
	handle func(*api, http.ResponseWriter, *http.Request)
	// doc describes the route; one without is not in the description.
	doc *doc
}

var routes = []route{
	{method: http.MethodPost, path: "/api/v1/auth/token", public: true, handle: (*api).token, doc: &docToken},
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

// router answers with an envelope where a bare [http.ServeMux] answers with a line of text.
type router struct {
	api *api
	mux *http.ServeMux
}

func newRouter(a *api, table []route) *router {
	mux := http.NewServeMux()
	for _, r := range table {
		handler := a.handler(r)
		// "/{$}" makes the other spelling a route, so that nothing is redirected: a bot's POST would not survive it.
		mux.Handle(r.method+" "+r.path, handler)
		mux.Handle(r.method+" "+r.path+"/{$}", handler)
	}
	return &router{api: a, mux: mux}
}

// handler puts in front of a route's handler what its line in the table asks for.
func (a *api) handler(r route) http.Handler {
	handler := http.Handler(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.handle(a, w, req)
	}))
	if r.public {
		return handler
	}
	return a.auth.Authenticate(auth.RequireScope(cmp.Or(r.scope, auth.ScopeRead), a.admitted(handler)))
}

// admitted answers 503 where a request is one too many.
func (a *api) admitted(next http.Handler) http.Handler {
	if a.admit == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrive(r) // who sends a body slowly has no place meanwhile
		leave, ok := a.admit()
		if !ok {
			w.Header().Set("Retry-After", "1")
			detail(w, http.StatusServiceUnavailable, "Too many requests.")
			return
		}
		defer leave()
		next.ServeHTTP(w, r)
	})
}

// broken is a body that breaks off.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// arrive waits for the body, as much of it as any route reads. What went wrong on the way comes when it is read.
func arrive(r *http.Request) {
	content, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	r.Body = io.NopCloser(bytes.NewReader(content))
	if err != nil {
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(content), broken{err}))
	}
}

func (rt *router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, pattern := rt.mux.Handler(r); pattern != "" {
		rt.mux.ServeHTTP(w, r)
		return
	}
	if allowed := rt.allowed(r); allowed != nil {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		rt.api.fail(w, http.StatusMethodNotAllowed, actionError, "Method Not Allowed")
		return
	}
	rt.api.fail(w, http.StatusNotFound, actionError, "Not Found")
}

// allowed returns the methods that the request's path is served under. It asks the mux about each instead of registering
// the paths without a method, because routes such as /{service_id}/ping and /ping/{task_id} would then collide.
func (rt *router) allowed(r *http.Request) []string {
	var allowed []string
	for _, method := range []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	} {
		probe := r.WithContext(r.Context())
		probe.Method = method
		if _, pattern := rt.mux.Handler(probe); pattern != "" {
			allowed = append(allowed, method)
		}
	}
	return allowed
}
