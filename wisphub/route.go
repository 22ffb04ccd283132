package wisphub

import (
	"net/http"
	"net/url"
	"strings"
)

// idElement stands for an id in the pattern of a path.
const idElement = "{id}"

// call is one request. Errors name its method and route, but not its host, and not its query,
// which may hold personal data.
type call struct {
	method        string
	pattern       string // the path with {id} in place of an id, for example clientes/{id}/saldo
	id            string // "" if the path has none
	address       string
	key           string // with which it was sent; "" before
	*writeDetails        // nil for a read
}

// newCall returns a call of the path that pattern describes. Each {id} in it stands for the next
// id.
func (a *API) newCall(method string, query url.Values, pattern string, ids ...string) *call {
	c := namedCall(method, pattern, ids...)
	// Every documented path ends in a slash. Without it WispHub answers 301.
	address := a.base.JoinPath(expand(pattern, ids, url.PathEscape), "/")
	address.RawQuery = query.Encode()
	c.address = address.String()
	return c
}

// namedCall returns a call that is good for errors only: it has no address.
func namedCall(method, pattern string, ids ...string) *call {
	return &call{method: method, pattern: pattern, id: strings.Join(ids, "/")}
}

// expand puts ids, each written by write, into pattern.
func expand(pattern string, ids []string, write func(string) string) string {
	for _, id := range ids {
		pattern = strings.Replace(pattern, idElement, write(id), 1)
	}
	return pattern
}

func (c *call) String() string {
	return c.method + " " + strings.Replace(c.pattern, idElement, c.id, 1)
}

// route identifies what the breaker and the refusals distinguish. WispHub has permissions for
// reading and for writing the same path.
func (c *call) route() string { return c.method + " " + c.pattern }

// resource is the first element of the path.
func (c *call) resource() string {
	resource, _, _ := strings.Cut(c.pattern, "/")
	return resource
}

// invalidRead is the error of a read whose JSON lacks what it should carry.
func invalidRead(detail, pattern string, ids ...string) error {
	return namedCall(http.MethodGet, pattern, ids...).invalid(http.StatusOK, detail)
}
