package launch

import (
	"net"
	"time"
)

const dialInterval = 10 * time.Millisecond

// FreeAddress returns a host:port of loopback that nothing listens on. Another process may take it
// before the caller does.
func FreeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// announce stands in for the line of the log that names the address, once the process accepts
// connections there. It ends when the process exits or does not start in time.
func (l *processLog) announce(address string, exited <-chan struct{}) {
	for started := time.Now(); time.Since(started) < startTimeout; {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			_ = conn.Close() // it has served its purpose
			l.serve(address)
			return
		}
		select {
		case <-exited:
			return
		case <-time.After(dialInterval):
		}
	}
}
