package wisphub

import (
	"net/http"

	"wisphub-graphql/wisphub/ratelimit"
)

// newTransport returns what calls go through, without an http.Client above it. WispHub answers 301 with an http:// address:
// a client would follow it, with the key in clear or to another host (wisphub-net-api §2.3, §2.4), and even one told not to
// puts the address, and so the query, in its error when it cannot parse it.
func newTransport() *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxConnsPerHost = ratelimit.MaxConnections
	transport.MaxIdleConnsPerHost = ratelimit.MaxConnections
	return transport
}

// writeTransport is the transport of writes. Each has a connection of its own, because of one on a kept connection that
// the other side is just closing nobody could tell whether it arrived; and none is sent again, which net/http does on kept
// connections and HTTP/2.
func writeTransport(reads *http.Transport) *http.Transport {
	transport := reads.Clone()
	transport.DisableKeepAlives = true
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetHTTP1(true)
	if transport.TLSClientConfig != nil { // a clone goes on offering what its original spoke
		transport.TLSClientConfig.NextProtos = nil
	}
	return transport
}
