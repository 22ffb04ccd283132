package wisphubtest

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

const apiRoot = "/api/"

// call is one request with the quirks and faults in force when it arrived.
type call struct {
	request *http.Request
	path    string // with {id} in place of an id
	id      string // "" if the path has no id
	query   url.Values
	body    []byte
	bodyErr error // the error of reading the body
	quirks  Quirks
	faults  Faults
}

type handler func(*Server, *call) *response

// routes lists everything that the Server serves.
var routes = routesByPath([]route{
	{"GET", "/api/clientes/", (*Server).listClients},
	{"GET", "/api/clientes/{id}/", (*Server).getClient},
	{"PUT", "/api/clientes/{id}/", (*Server).putClient},
	{"PATCH", "/api/clientes/{id}/", (*Server).patchClient},
	{"GET", "/api/clientes/{id}/perfil/", (*Server).getProfile},
	{"PUT", "/api/clientes/{id}/perfil/", (*Server).putProfile},
	{"PATCH", "/api/clientes/{id}/perfil/", (*Server).putProfile},
	{"GET", "/api/clientes/{id}/saldo/", (*Server).getBalance},
	{"POST", "/api/clientes/{id}/ping/", (*Server).pingClient},
	{"POST", "/api/clientes/activar/", (*Server).activateClients},
	{"POST", "/api/clientes/desactivar/", (*Server).suspendClients},
	{"GET", "/api/plan-internet/", (*Server).listPlans},
	{"GET", "/api/plan-internet/pppoe/{id}/", (*Server).getPPPoEPlan},
	{"GET", "/api/plan-internet/queue/{id}/", (*Server).getQueuePlan},
	{"GET", "/api/zonas/", (*Server).listZones},
	{"GET", "/api/router/", (*Server).listRouters},
	{"GET", "/api/sectorial/", (*Server).listSectors},
	{"GET", "/api/staff/", (*Server).listStaff},
	{"GET", "/api/formas-de-pago/", (*Server).listPaymentMethods},
	{"GET", "/api/tickets/", (*Server).listTickets},
	{"POST", "/api/tickets/", (*Server).createTicket},
	{"GET", "/api/tickets/{id}/", (*Server).getTicket},
	{"PUT", "/api/tickets/{id}/", (*Server).putTicket},
	{"PATCH", "/api/tickets/{id}/", (*Server).patchTicket},
	{"POST", "/api/tickets/{id}/respuesta/", (*Server).answerTicket},
	{"GET", "/api/tickets/asuntos-tickets/", (*Server).listSubjects},
	{"GET", "/api/tasks/{id}/", (*Server).getTask},
})

type route struct {
	method, path string
	handler      handler
}

func routesByPath(list []route) map[string]map[string]handler {
	paths := make(map[string]map[string]handler)
	for _, r := range list {
		if paths[r.path] == nil {
			paths[r.path] = make(map[string]handler)
		}
		paths[r.path][r.method] = r.handler
	}
	return paths
}

// idPattern matches a path element that names a record: a number, or the UUID of a task.
var idPattern = regexp.MustCompile(`/([0-9]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(/|$)`)

// splitPath replaces the id in a path by {id} and returns both. No WispHub path has two ids.
func splitPath(path string) (pattern, id string) {
	at := idPattern.FindStringSubmatchIndex(path)
	if at == nil {
		return path, ""
	}
	return path[:at[2]] + "{id}" + path[at[3]:], path[at[2]:at[3]]
}

// idNumber returns the path's id, 0 if there is none or it overflows.
func (c *call) idNumber() int {
	n, err := strconv.Atoi(c.id)
	if err != nil {
		return 0
	}
	return n
}

// routeName names the call in the request counts. Unknown paths share one name, because their
// number is unlimited.
func (c *call) routeName() string {
	_, known := routes[strings.TrimSuffix(c.path, "/")+"/"]
	if known || c.path == apiRoot {
		return c.path
	}
	return "(unknown)"
}

// route rejects in WispHub's order: proxy, path, key, method.
func (s *Server) route(c *call) *response {
	if c.path == apiRoot || c.quirks.RefuseWrongHost && isWrongHost(c.request.Host) {
		return c.forbiddenByProxy()
	}
	methods, known := routes[c.path]
	if !known {
		methods, known = routes[c.path+"/"]
		if known && c.quirks.RedirectMissingSlash {
			return redirect(c.request.URL)
		}
	}
	if !known {
		return c.unknownRoute()
	}
	if rejection := s.checkAccess(c); rejection != nil {
		return rejection
	}
	handle, ok := methods[c.request.Method]
	if !ok {
		return methodNotAllowed(c.request.Method, methods)
	}
	if rejection := c.checkBody(); rejection != nil {
		return rejection
	}
	return handle(s, c)
}

func isWrongHost(host string) bool {
	return strings.HasPrefix(host, "www.") || strings.HasPrefix(host, "app.")
}
