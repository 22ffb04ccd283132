package main

import (
	"iter"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

const forwardedHeader = "X-Forwarded-For"

// maxForwarded bounds how much of the header is looked at: nobody stands behind more proxies than that.
const maxForwarded = 20

// clientAddress returns the IP address of whoever made the request, "" when the connection has none. Each proxy adds whom
// it was called by to the right end of X-Forwarded-For, and anybody can make up what stands before that. So the header is
// read from the right, and an entry counts only if a trusted proxy has added it. One that is no address ends the reading.
func clientAddress(r *http.Request, trusted []netip.Prefix) string {
	address, ok := parseAddress(r.RemoteAddr)
	if !ok {
		return ""
	}
	for entry := range forwarded(r.Header) {
		if !isTrusted(address, trusted) {
			break
		}
		before, ok := parseAddress(entry)
		if !ok {
			break
		}
		address = before
	}
	return address.String()
}

func isTrusted(address netip.Addr, trusted []netip.Prefix) bool {
	return slices.ContainsFunc(trusted, func(network netip.Prefix) bool { return network.Contains(address) })
}

// forwarded yields the entries of X-Forwarded-For, whose lines are one list, from the right.
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

// parseAddress reads an IP address, with or without a port. The zone is dropped, because it says something on one machine
// alone, and an IPv4 address that is spelled as IPv6 becomes what it is.
func parseAddress(text string) (netip.Addr, bool) {
	address, err := netip.ParseAddr(text)
	if err != nil {
		if strings.HasSuffix(text, "]") {
			text += ":0" // brackets, but no port
		}
		var withPort netip.AddrPort
		withPort, err = netip.ParseAddrPort(text)
		address = withPort.Addr()
	}
	return address.Unmap().WithZone(""), err == nil
}
