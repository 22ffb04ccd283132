package auth

import "net/netip"

// Network returns the network that counts as one caller's address: a single IPv4 address, or the
// /64 of an IPv6 address, because one subscriber gets a whole /64. It is the zero Prefix for the
// zero Addr.
func Network(address netip.Addr) netip.Prefix {
	address = address.Unmap().WithZone("")
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	network, _ := address.Prefix(bits) // fails only for the zero Addr
	return network
}

// networkOf returns Network as text, or "" if the text is not an address.
func networkOf(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	network := Network(ip)
	if network.IsSingleIP() {
		return network.Addr().String()
	}
	return network.String()
}
