package httpserver

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

var testProxies = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8"), netip.MustParsePrefix("fe80::1/128"),
}

func TestClientIP(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, peer string
		lines      []string
		want       string
	}{
		{"no header", "192.0.2.1:1234", nil, "192.0.2.1"},
		{"untrusted peer", "192.0.2.1:1234", []string{"198.51.100.7"}, "192.0.2.1"},
		{"untrusted peer that names a proxy", "192.0.2.1:1234", []string{"198.51.100.7, 10.0.0.1"}, "192.0.2.1"},
		{"peer without a port", "192.0.2.1", nil, "192.0.2.1"},
		{"IPv6 peer", "[2001:db8::1]:1234", nil, "2001:db8::1"},
		{"no IP connection", "@", []string{"198.51.100.7"}, ""},
		{"no peer", "", []string{"198.51.100.7"}, ""},

		{"trusted peer without the header", "10.0.0.1:1234", nil, "10.0.0.1"},
		{"trusted peer", "10.0.0.1:1234", []string{"198.51.100.7"}, "198.51.100.7"},
		{"a forged address", "10.0.0.1:1234", []string{"203.0.113.1, 198.51.100.7"}, "198.51.100.7"},
		{"a forged proxy", "10.0.0.1:1234", []string{"203.0.113.1, 10.9.9.9, 198.51.100.7"}, "198.51.100.7"},
		{"several proxies", "10.0.0.1:1234", []string{"198.51.100.7,10.0.0.3 ,\t10.0.0.2"}, "198.51.100.7"},
		{"only proxies", "10.0.0.1:1234", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"several lines", "10.0.0.1:1234", []string{"203.0.113.1", "198.51.100.7, 10.0.0.3", "10.0.0.2"}, "198.51.100.7"},

		{"not an address", "10.0.0.1:1234", []string{"198.51.100.7, unknown"}, "10.0.0.1"},
		{"not an address behind proxies", "10.0.0.1:1234", []string{"198.51.100.7, _hidden, 10.0.0.2"}, "10.0.0.2"},
		{"an empty entry", "10.0.0.1:1234", []string{"198.51.100.7, , 10.0.0.2"}, "10.0.0.2"},
		{"an empty line", "10.0.0.1:1234", []string{"198.51.100.7", "", "10.0.0.2"}, "10.0.0.2"},
		{"only a comma", "10.0.0.1:1234", []string{","}, "10.0.0.1"},
		{"one bracket", "10.0.0.1:1234", []string{"[2001:db8::7"}, "10.0.0.1"},
		{"IPv4 in brackets", "10.0.0.1:1234", []string{"[198.51.100.7]"}, "10.0.0.1"},

		{"a port", "10.0.0.1:1234", []string{"198.51.100.7:567"}, "198.51.100.7"},
		{"a proxy's port", "10.0.0.1:1234", []string{"198.51.100.7:567, 10.0.0.2:80"}, "198.51.100.7"},
		{"IPv6", "10.0.0.1:1234", []string{"2001:db8::7"}, "2001:db8::7"},
		{"IPv6 and a port", "10.0.0.1:1234", []string{"[2001:db8::7]:5"}, "2001:db8::7"},
		{"IPv6 in brackets", "10.0.0.1:1234", []string{"[2001:DB8:0::7]"}, "2001:db8::7"},
		{"IPv6 peer that is trusted", "[fd00::1]:1234", []string{"198.51.100.7"}, "198.51.100.7"},
		{"a zone", "10.0.0.1:1234", []string{"fe80::7%eth0"}, "fe80::7"},
		{"a proxy's zone", "[fe80::1%eth0]:1234", []string{"198.51.100.7"}, "198.51.100.7"},
		{"mapped IPv4", "10.0.0.1:1234", []string{"::ffff:198.51.100.7"}, "198.51.100.7"},
		{"a proxy's mapped IPv4", "[::ffff:10.0.0.1]:1234", []string{"198.51.100.7"}, "198.51.100.7"},
	} {
		r := &http.Request{RemoteAddr: test.peer, Header: http.Header{"X-Forwarded-For": test.lines}}
		if got := ClientIP(r, testProxies); got != test.want {
			t.Errorf("%s: ClientIP(%s, %q) = %q, want %q", test.name, test.peer, test.lines, got, test.want)
		}
		if got := ClientIP(r, nil); strings.HasPrefix(got, "198.") {
			t.Errorf("%s: ClientIP = %q without trusted proxies", test.name, got)
		}
	}
}

// TestClientIP_LimitsTheEntries sends more proxies than it accepts, in one line and in many.
func TestClientIP_LimitsTheEntries(t *testing.T) {
	t.Parallel()
	var entries []string
	for i := range maxForwarded + 5 {
		entries = append(entries, fmt.Sprintf("10.1.0.%d", i))
	}
	for _, lines := range [][]string{{strings.Join(entries, ", ")}, entries} {
		r := &http.Request{RemoteAddr: "10.0.0.1:1234", Header: http.Header{"X-Forwarded-For": lines}}
		if got := ClientIP(r, testProxies); got != "10.1.0.5" {
			t.Errorf("ClientIP(%d lines) = %q, want 10.1.0.5, the last entry that it reads", len(lines), got)
		}
	}
}

func FuzzClientIP(f *testing.F) {
	f.Add("10.0.0.1:1234", "203.0.113.1, 198.51.100.7", "10.0.0.2")
	f.Add("[fe80::1%eth0]:1", "[2001:db8::7]:5,\t,", "::ffff:10.0.0.2:80")
	f.Add("192.0.2.1:1234", "unknown", "]")
	f.Fuzz(func(t *testing.T, peer, line, last string) {
		r := &http.Request{RemoteAddr: peer, Header: http.Header{"X-Forwarded-For": {line, last}}}
		got := ClientIP(r, testProxies)
		direct, ok := parseAddr(peer)
		if !ok {
			if got != "" {
				t.Fatalf("ClientIP from %q = %q, want nothing", peer, got)
			}
			return
		}
		address, err := netip.ParseAddr(got)
		if err != nil || address.Zone() != "" || address.Is4In6() || address.String() != got {
			t.Fatalf("ClientIP(%q, %q, %q) = %q, want an IP address in its usual form: %v", peer, line, last, got, err)
		}
		if !isTrusted(direct, testProxies) && got != direct.String() {
			t.Fatalf("ClientIP(%q, %q, %q) = %q, want the peer, which is not trusted", peer, line, last, got)
		}
		r.Header.Add("X-Forwarded-For", "198.51.100.7")
		if got := ClientIP(r, testProxies); isTrusted(direct, testProxies) && got != "198.51.100.7" {
			t.Fatalf("ClientIP(%q, %q, %q) = %q, want the address that the proxy added", peer, line, last, got)
		}
	})
}

// Test16_1_AddressForms compares parseAddr, which tries one form only, with trying all of them.
func Test16_1_AddressForms(t *testing.T) {
	t.Parallel()
	parse := func(text string) (netip.Addr, bool) {
		if addr, err := netip.ParseAddr(text); err == nil {
			return addr.Unmap().WithZone(""), true
		}
		if strings.HasSuffix(text, "]") {
			text += ":0"
		}
		withPort, err := netip.ParseAddrPort(text)
		return withPort.Addr().Unmap().WithZone(""), err == nil
	}
	parts := []string{"", "192.0.2.7", "::1", "2001:db8::7", "::ffff:192.0.2.7", "fe80::1%eth0", "fe80::1%a]", "[", "]", ":", ":80", ":x", "%a"}
	for _, first := range parts {
		for _, second := range parts {
			for _, third := range parts {
				for _, text := range []string{first + second + third, "[" + first + second + "]" + third} {
					want, ok := parse(text)
					if got, gotOK := parseAddr(text); got != want || gotOK != ok {
						t.Errorf("parseAddr(%q) = %v, %t, want %v, %t", text, got, gotOK, want, ok)
					}
				}
			}
		}
	}
}
