package wisphub

import (
	"context"
	"crypto/sha256"
	"net/http"
	"net/url"
	"strings"

	"wisphub-graphql/wisphub/ratelimit"
)

// idElement stands for an id in the pattern of a path.
const idElement = "{id}"

// call is one request. Errors name its method and route, but not its host, and not its query,
// which may hold personal data.
type call struct {
	method        string
	pattern       string // the path with {id} in place of an id, for example clientes/{id}/saldo
	id            string // "" if the path has none
	filter        string // the query without the page, which names a record or a part of a list
	user          string // for whom it is made; "" for the facade itself
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
	c.filter = filterOf(query)
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

// subject is the record, or the part of a list, that the call asks for; "" for a whole list.
func (c *call) subject() string {
	if c.filter == "" {
		return c.id
	}
	return c.id + "?" + c.filter
}

// filterOf returns a fixed-length stand-in for a query without its page; "" for none.
func filterOf(query url.Values) string {
	filter := url.Values{}
	for name, values := range query {
		if name != "limit" && name != "offset" {
			filter[name] = values
		}
	}
	if len(filter) == 0 {
		return ""
	}
	sum := sha256.Sum256([]byte(filter.Encode()))
	return string(sum[:])
}

// setUser notes for whom the call is made. A shared reading is the facade's
// own: any caller would have started it. So is one that several users wait for.
func (c *call) setUser(ctx context.Context) {
	c.user = ""
	if users := ratelimit.UsersFrom(ctx); len(users) == 1 {
		c.user = users[0]
	}
	switch ratelimit.PriorityFrom(ctx)() {
	case ratelimit.PriorityShared, ratelimit.PriorityBackground:
		c.user = ""
	}
}

// resource is the first element of the path.
func (c *call) resource() string {
	resource, _, _ := strings.Cut(c.pattern, "/")
	return resource
}

// invalidRead is the error of a read whose JSON lacks what it should carry.
func invalidRead(detail, pattern string, ids ...string) error {
	return namedCall(http.MethodGet, pattern, ids...).invalid(http.StatusOK, detail)
}
