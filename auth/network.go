package auth

import "net/netip"

// Network returns the network that counts as one caller's address: an IPv4 address alone, the /64 of an IPv6 address,
// because one subscriber has a whole /64. It is the zero Prefix for the zero Addr.
func Network(address netip.Addr) netip.Prefix {
	address = address.Unmap().WithZone("")
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	network, _ := address.Prefix(bits) // fails of the zero Addr alone
	return network
}

// networkOf is Network as text, "" for text that is no address.
func networkOf(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	if network := Network(ip); network.IsSingleIP() {
		return network.Addr().String()
	}
	return Network(ip).String()
}
