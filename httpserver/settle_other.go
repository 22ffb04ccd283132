//go:build !linux

package httpserver

import "net"

// Settle does nothing here. A connection that begins while the listener closes may be reset.
func Settle(net.Listener) {}
