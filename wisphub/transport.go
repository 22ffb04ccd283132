package wisphub

import (
	"net/http"

	"wisphub-graphql/wisphub/ratelimit"
)

// maxHeaderBytes bounds the header of an answer. Cloudflare's have about 1 kB.
const maxHeaderBytes = 256 << 10

// newTransport returns the transport of reads. There is no http.Client above it. WispHub answers
// 301 with an http:// address, and a client would follow it, with the key in clear text or to
// another host (wisphub-net-api §2.3, §2.4). Even a client that does not follow would quote the
// address, with the query, in an error when it cannot parse it.
func newTransport() *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxConnsPerHost = ratelimit.MaxConnections
	transport.MaxIdleConnsPerHost = ratelimit.MaxConnections
	transport.MaxResponseHeaderBytes = maxHeaderBytes
	return transport
}

// newWriteTransport returns the transport of writes. Each write has its own connection. On a
// reused one that the server is closing, it would be unclear whether the write arrived. Net/http
// also resends requests on reused connections and on HTTP/2.
func newWriteTransport(reads *http.Transport) *http.Transport {
	transport := reads.Clone()
	transport.DisableKeepAlives = true
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetHTTP1(true)
	if transport.TLSClientConfig != nil { // the clone would still offer HTTP/2
		transport.TLSClientConfig.NextProtos = nil
	}
	return transport
}
