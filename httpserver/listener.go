package httpserver

import (
	"context"
	"net"
)

// Listen listens on a TCP address.
func Listen(address string) (net.Listener, error) {
	var config net.ListenConfig
	config.SetMultipathTCP(false) // Linux has no packet filters for it, see refuseNew
	return config.Listen(context.Background(), "tcp", address)
}
