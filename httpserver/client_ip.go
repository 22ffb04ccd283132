package httpserver

import (
	"iter"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

const forwardedHeader = "X-Forwarded-For"

// maxForwarded limits how many entries of the header are read. No real request passes more
// proxies.
const maxForwarded = 20

// ClientIP returns the IP address of the caller, or "" when the connection has none.
//
// Each proxy appends the address of its caller to X-Forwarded-For, and a caller can forge
// everything before that. ClientIP therefore reads the header from the right, and accepts an entry
// only if a proxy in the trusted networks has appended it. It stops at the first entry that is not
// an address.
func ClientIP(r *http.Request, trusted []netip.Prefix) string {
	addr, ok := parseAddr(r.RemoteAddr)
	if !ok {
		return ""
	}
	for entry := range forwarded(r.Header) {
		if !isTrusted(addr, trusted) {
			break
		}
		caller, ok := parseAddr(entry)
		if !ok {
			break
		}
		addr = caller
	}
	return addr.String()
}

func isTrusted(addr netip.Addr, trusted []netip.Prefix) bool {
	return slices.ContainsFunc(trusted, func(network netip.Prefix) bool { return network.Contains(addr) })
}

// forwarded yields the entries of X-Forwarded-For from right to left. Several header lines form
// one list.
func forwarded(header http.Header) iter.Seq[string] {
	return func(yield func(string) bool) {
		left := maxForwarded
		for _, line := range slices.Backward(header.Values(forwardedHeader)) {
			for comma := 0; comma >= 0; left-- {
				comma = strings.LastIndexByte(line, ',')
				if left == 0 || !yield(strings.Trim(line[comma+1:], " \t")) {
					return
				}
				line = line[:max(comma, 0)]
			}
		}
	}
}

// parseAddr parses an IP address with or without a port. It drops the zone, which is meaningful on
// one machine only, and converts IPv4-mapped IPv6 addresses to IPv4.
func parseAddr(text string) (netip.Addr, bool) {
	if strings.HasSuffix(text, "]") {
		text += ":0" // brackets without a port
	}
	var addr netip.Addr
	var err error
	if strings.HasPrefix(text, "[") || strings.Count(text, ":") == 1 {
		var withPort netip.AddrPort
		withPort, err = netip.ParseAddrPort(text)
		addr = withPort.Addr()
	} else {
		addr, err = netip.ParseAddr(text)
	}
	return addr.Unmap().WithZone(""), err == nil
}
