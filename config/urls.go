package config

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"wisphub-graphql/httpserver"
)

var (
	errUpstreamHost = problem{"must be a URL such as https://api.wisphub.net", "value_error.url"}
	errUpstreamHTTP = problem{"must be https; plain http only to loopback", "value_error.url.scheme"}
	errStoreURL     = problem{"must be a URL such as redis://host:6379/0, rediss://…, valkey://… or unix:///path", "value_error.url"}
	errAddress      = problem{"must be host:port, such as :8000", "value_error.address"}
	errOrigins      = problem{"must be exact origins such as https://panel.example.com, without path, default port or *", "value_error.origin"}
)

// upstreamHost returns the base URL without a trailing slash or /api.
func (r *report) upstreamHost(name, text string) string {
	base, err := url.Parse(text)
	if err != nil || base.User != nil || strings.ContainsAny(text, "?#") || !isHost(base) ||
		(base.Scheme != "https" && base.Scheme != "http") {
		r.fail(name, errUpstreamHost)
		return ""
	}
	r.require(name, base.Scheme == "https" || httpserver.IsLoopback(base.Hostname()), errUpstreamHTTP)
	path := strings.TrimSuffix(strings.TrimRight(base.EscapedPath(), "/"), "/api")
	return base.Scheme + "://" + base.Host + strings.TrimRight(path, "/")
}

// storeURL checks the scheme and the host. Package cache checks the rest when it connects.
func (r *report) storeURL(name string, text Secret) {
	if text.IsZero() {
		return
	}
	store, err := url.Parse(text.Reveal())
	if err != nil {
		r.fail(name, errStoreURL)
		return
	}
	switch store.Scheme {
	case "redis", "rediss", "valkey":
		r.require(name, isHost(store), errStoreURL)
	case "unix":
		r.require(name, strings.HasPrefix(store.Path, "/"), errStoreURL)
	default:
		r.fail(name, errStoreURL)
	}
}

// address requires an address for net.Listen with a numeric port.
func (r *report) address(name, text string) {
	_, port, err := net.SplitHostPort(text)
	r.require(name, err == nil && isPort(port), errAddress)
}

// origins returns the origins in lower case, as browsers send them. An origin in any other form
// would never match.
func (r *report) origins(name string, origins []string) []string {
	var exact []string
	for _, origin := range origins {
		origin = strings.ToLower(origin)
		r.require(name, isOrigin(origin), errOrigins)
		exact = append(exact, origin)
	}
	return exact
}

var defaultPorts = map[string]string{"http": "80", "https": "443"}

// isOrigin reports whether text is exactly a scheme and a host, without a default port.
func isOrigin(text string) bool {
	origin, err := url.Parse(text)
	return err == nil && isHost(origin) && origin.Scheme != "" && text == origin.Scheme+"://"+origin.Host &&
		!strings.Contains(origin.Host, "*") && (origin.Port() == "" || origin.Port() != defaultPorts[origin.Scheme])
}

// isHost reports whether the URL has a host and, if it has a port, a valid one.
func isHost(u *url.URL) bool {
	return u.Hostname() != "" && !strings.HasSuffix(u.Host, ":") && (u.Port() == "" || isPort(u.Port()))
}

func isPort(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return err == nil
}
