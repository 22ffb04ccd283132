package wisphubtest

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"syscall"
)

// PipeServer is an HTTP server without a network. Create it with [Pipe]; it is safe for concurrent use.
type PipeServer struct {
	listener  *pipeListener
	server    *http.Server
	accepted  chan struct{}  // closed when no more connections come
	openConns sync.WaitGroup // of the connections
}

// Pipe serves handler over connections in memory, so that it can live in a synctest bubble: whoever waits for a socket
// stops the bubble's clock, whoever waits for such a connection does not. Call it in the bubble, and give Dial to the
// transport there. The client's URL must begin with http://; any host will do.
//
// Close must be called before the bubble ends.
func Pipe(handler http.Handler) *PipeServer {
	p := &PipeServer{
		listener: &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})},
		accepted: make(chan struct{}),
	}
	p.server = &http.Server{
		Handler:   handler,
		ConnState: p.trackConn,
		ErrorLog:  log.New(io.Discard, "", 0), // a caller that leaves in the middle is what some tests want
	}
	go func() {
		defer close(p.accepted)
		_ = p.server.Serve(p.listener) // it ends with the listener, which is no error
	}()
	return p
}

// Dial connects to the server, whatever the address. It is made for [http.Transport.DialContext]. After Close the
// connection is refused.
func (p *PipeServer) Dial(ctx context.Context, network, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.listener.conns <- server:
		return client, nil
	case <-p.listener.closed:
		return nil, p.dialError(network, syscall.ECONNREFUSED)
	case <-ctx.Done():
		return nil, p.dialError(network, ctx.Err())
	}
}

// undialled is an error in the form of the net package's: callers learn from it that nothing was sent.
func (p *PipeServer) dialError(network string, err error) error {
	return &net.OpError{Op: "dial", Net: network, Addr: p.listener.Addr(), Err: err}
}

// Close ends the connections, with them the contexts of the requests under way, and waits for the handlers. It may be
// called again.
func (p *PipeServer) Close() {
	// The listener first: a connection that the server has accepted and not yet noted would outlive its Close.
	_ = p.listener.Close()
	<-p.accepted
	_ = p.server.Close() // connections in memory close without error
	p.openConns.Wait()
}

// follow counts connections. None is hijacked: WispHub knows no other protocol.
func (p *PipeServer) trackConn(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		p.openConns.Add(1)
	case http.StateClosed, http.StateHijacked:
		p.openConns.Done()
	}
}

// pipeListener hands the server's ends of the pipes to whoever accepts.
type pipeListener struct {
	conns     chan net.Conn
	closed    chan struct{}
	closeOnce sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.closeOnce.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
