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

// PipeServer serves HTTP over in-memory connections. Create it with [Pipe]. It is safe for
// concurrent use.
type PipeServer struct {
	listener  *pipeListener
	server    *http.Server
	accepted  chan struct{}  // closed when Serve has returned
	openConns sync.WaitGroup // one for each open connection
}

// Pipe serves handler over in-memory connections, for tests in a synctest bubble. A goroutine that
// waits for a socket stops the bubble's clock; one that waits for such a connection does not.
//
// Call Pipe inside the bubble, and pass Dial to the transport. The client's URL must begin with
// http:// and may have any host. Close must be called before the bubble ends.
func Pipe(handler http.Handler) *PipeServer {
	p := &PipeServer{
		listener: &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})},
		accepted: make(chan struct{}),
	}
	p.server = &http.Server{
		Handler:   handler,
		ConnState: p.trackConn,
		ErrorLog:  log.New(io.Discard, "", 0), // some tests abort calls on purpose
	}
	go func() {
		defer close(p.accepted)
		_ = p.server.Serve(p.listener) // it returns ErrClosed once the listener is closed
	}()
	return p
}

// Dial connects to the server, whatever the address. Use it as [http.Transport.DialContext]. It
// fails with ECONNREFUSED after Close.
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

// dialError wraps err like the net package does. Callers conclude from it that nothing was sent.
func (p *PipeServer) dialError(network string, err error) error {
	return &net.OpError{Op: "dial", Net: network, Addr: p.listener.Addr(), Err: err}
}

// Close closes all connections, which cancels the contexts of their requests, and waits for the
// handlers. It may be called twice.
func (p *PipeServer) Close() {
	// Close the listener first: a connection that Serve has accepted but not yet tracked would
	// outlive the server's Close.
	_ = p.listener.Close()
	<-p.accepted
	_ = p.server.Close() // in-memory connections close without error
	p.openConns.Wait()
}

// trackConn counts connections. StateHijacked is handled for completeness: WispHub speaks only
// HTTP.
func (p *PipeServer) trackConn(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		p.openConns.Add(1)
	case http.StateClosed, http.StateHijacked:
		p.openConns.Done()
	}
}

// pipeListener passes the server's ends of the pipes to Accept.
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
