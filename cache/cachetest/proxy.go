package cachetest

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy stands between one replica and a [Server]. It is safe for concurrent use.
type Proxy struct {
	listener net.Listener
	server   string
	running  sync.WaitGroup

	mu     sync.Mutex // guards what follows
	cut    bool
	delay  time.Duration // of each chunk on its way to the server
	socket map[net.Conn]bool
}

// StartProxy forwards to the server until the end of the test.
func StartProxy(tb testing.TB, server *Server) *Proxy {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &Proxy{listener: listener, server: server.Address(), socket: map[net.Conn]bool{}}
	p.running.Go(p.accept)
	tb.Cleanup(func() {
		listener.Close()
		p.Cut()
		p.running.Wait()
	})
	return p
}

// URL returns the URL of the server behind the proxy.
func (p *Proxy) URL() string { return "redis://" + p.listener.Addr().String() }

// Cut closes all connections, and new ones at once, until [Proxy.Mend].
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
	for conn := range p.socket {
		conn.Close()
	}
}

// Mend ends a cut.
func (p *Proxy) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = false
}

// Delay makes each command take d longer, also those of open connections.
func (p *Proxy) Delay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.DialTimeout("tcp", p.server, time.Second)
		if err != nil || !p.add(client, server) {
			client.Close()
			if server != nil {
				server.Close()
			}
			continue
		}
		p.running.Go(func() { p.forward(client, server) })
	}
}

// add reports false during a cut.
func (p *Proxy) add(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		p.socket[conn] = true
	}
	if p.cut {
		for _, conn := range conns {
			delete(p.socket, conn)
		}
	}
	return !p.cut
}

// forward copies both ways until either side closes.
func (p *Proxy) forward(client, server net.Conn) {
	closeBoth := sync.OnceFunc(func() {
		client.Close()
		server.Close()
	})
	var copies sync.WaitGroup
	copies.Go(func() {
		defer closeBoth()
		p.copyLate(server, client)
	})
	copies.Go(func() {
		defer closeBoth()
		_, _ = io.Copy(client, server)
	})
	copies.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.socket, client)
	delete(p.socket, server)
}

// lateChunk is data that was read, and when to write it.
type lateChunk struct {
	data []byte
	due  time.Time
}

// copyLate copies with the delay and without a limit of throughput: chunks wait side by side.
func (p *Proxy) copyLate(to, from net.Conn) {
	chunks := make(chan lateChunk, 1024)
	var writer sync.WaitGroup
	writer.Go(func() {
		for chunk := range chunks {
			time.Sleep(time.Until(chunk.due))
			if _, err := to.Write(chunk.data); err != nil {
				from.Close()
			}
		}
	})
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			p.mu.Lock()
			due := time.Now().Add(p.delay)
			p.mu.Unlock()
			chunks <- lateChunk{append([]byte(nil), buffer[:n]...), due}
		}
		if err != nil {
			break
		}
	}
	close(chunks)
	writer.Wait()
}
