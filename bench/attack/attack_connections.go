package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"time"

	"wisphub-graphql/background"
)

const (
	heldConnections = 2000 // as many as the facade accepts by default
	heldAddresses   = 5    // one address may hold 500
	// holdTime is how long a slow reader holds its connection. The facade must have given up before.
	holdTime = 12 * time.Second
	// answerRoom is more than the kernel takes of answers that are not read. Slow readers send so
	// many requests at once that the answers are larger in all.
	answerRoom = 6 << 20
)

func connectionAttacks() []attack {
	return []attack{
		{
			name:  "slow readers, 60",
			about: "60 connections of one user ask several times for the largest answer and never read it",
			start: func(s *assault) { s.slowReaders(60, 1, s.Largest) },
		},
		{
			name:  "slow readers, 250",
			about: "250 connections of 4 users ask for ten lists of 2,000 clients or the largest answer and never read it",
			start: func(s *assault) {
				s.slowReaders(125, 4, s.Largest)
				s.slowReaders(125, 4, greedyQuery(10, 2000))
			},
		},
		{
			name:  "slow readers, REST",
			about: "520 connections of one user ask several times for /api/v1/clients/ and never read it",
			start: func(s *assault) { s.slowREST("", 400) },
		},
		{
			name:  "slow readers, REST, gzip",
			about: "the same with Accept-Encoding: gzip",
			start: func(s *assault) { s.slowREST("Accept-Encoding: gzip\r\n", 60) },
		},
		{
			name:  "slow bodies",
			about: "500 connections of one user send all but the end of a body of 128 kB",
			start: func(s *assault) {
				request := rawRequest(http.MethodPost, "/graphql", s.attackerToken(0), "", 128<<10, string(bytes.Repeat([]byte(" "), 127<<10)))
				s.repeat(500, func(number int) bool { return s.trickle(attackerAddress(number%2), request) })
			},
		},
		{
			name:  "known connections",
			about: "2,000 connections from 5 addresses send a bad token to /health, then a body that never ends",
			start: func(s *assault) {
				s.repeat(heldConnections, func(number int) bool { return s.holdKnown(attackerAddress(number % heldAddresses)) })
			},
		},
		{
			name:  "silent connections",
			about: "2,000 connections from 5 addresses send nothing",
			start: func(s *assault) {
				s.repeat(heldConnections, func(number int) bool { return s.hold(attackerAddress(number % heldAddresses)) })
			},
		},
	}
}

// dial connects and closes the connection at the end of the attack. It counts a failure and returns
// nil. The caller must call the function.
func (s *assault) dial(source string) (net.Conn, func()) {
	return s.dialWith(newDialer(source))
}

func (s *assault) dialWith(dialer *net.Dialer) (net.Conn, func()) {
	conn, err := dialer.DialContext(s.ctx, "tcp", s.Host)
	if err != nil {
		if s.ctx.Err() == nil {
			s.count(noConnection)
		}
		return nil, func() {}
	}
	stop := context.AfterFunc(s.ctx, func() { _ = conn.Close() })
	return conn, func() {
		stop()
		_ = conn.Close()
	}
}

// hold sends nothing and holds the connection until the facade closes it.
func (s *assault) hold(source string) bool {
	conn, end := s.dial(source)
	defer end()
	if conn == nil {
		return false
	}
	_, _ = io.Copy(io.Discard, conn) // either way it is closed
	s.countClosed()
	return false
}

// countClosed counts a connection that the facade closed, or that the attack held until its end.
func (s *assault) countClosed() {
	if s.ctx.Err() == nil {
		s.count(closed)
	} else {
		s.count(held)
	}
}

// trickle sends bytes and then one more each second, until the facade answers or closes.
func (s *assault) trickle(source string, request []byte) bool {
	conn, end := s.dial(source)
	defer end()
	if conn != nil {
		s.trickleOver(conn, request)
	}
	return false
}

func (s *assault) trickleOver(conn net.Conn, request []byte) {
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		s.countAnswer(bufio.NewReader(conn))
		_ = conn.Close() // ends the writes below
	}()
	_, err := conn.Write(request)
	for err == nil && background.Sleep(s.ctx, time.Second) == nil {
		_, err = conn.Write([]byte(" "))
	}
	<-answered
}

// countAnswer reads the head of an answer and counts it. It returns the status, 0 without one.
func (s *assault) countAnswer(from *bufio.Reader) int {
	response, err := http.ReadResponse(from, nil)
	if err != nil {
		s.countStatus(0, err)
		return 0
	}
	s.countStatus(response.StatusCode, nil)
	return response.StatusCode
}

// holdKnown sends a request with a token that is none, and holds the connection with another that
// never ends.
func (s *assault) holdKnown(source string) bool {
	conn, end := s.dial(source)
	defer end()
	if conn == nil {
		return false
	}
	if _, err := conn.Write(rawRequest(http.MethodGet, "/health", "", "Authorization: x\r\n", 0, "")); err != nil {
		s.countClosed()
		return false
	}
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		s.countClosed()
		return false
	}
	if _, err := discard(response); err == nil {
		s.trickleOver(conn, rawRequest(http.MethodPost, "/graphql", "", "", 1000, ""))
	}
	return false
}

// slowReaders ask for an answer and do not read it.
func (s *assault) slowReaders(n, users int, document string) {
	const rowBytes = 500
	rows := min(len(s.ServiceIDs), 500) // the largest answer has at least so many
	body := graphqlBody(document)
	s.repeat(n, func(number int) bool {
		request := rawRequest(http.MethodPost, "/graphql", s.attackerToken(number%users), "", len(body), body)
		return s.readSlowly(attackerAddress(number%2), fill(request, rows*rowBytes))
	})
}

// slowREST asks for the list of all clients and does not read it.
func (s *assault) slowREST(headers string, rowBytes int) {
	request := rawRequest(http.MethodGet, "/api/v1/clients/", s.attackerToken(0), headers, 0, "")
	request = fill(request, len(s.ServiceIDs)*rowBytes)
	s.repeat(520, func(number int) bool { return s.readSlowly(attackerAddress(number%2), request) })
}

// fill repeats a request with an answer of this size until the answers fill the kernel's buffers.
func fill(request []byte, answerBytes int) []byte {
	const maxRepeats = 100
	return bytes.Repeat(request, min(answerRoom/answerBytes+1, maxRepeats))
}

// readSlowly reads the first bytes of an answer and then holds the connection, unless the request
// was refused.
func (s *assault) readSlowly(source string, request []byte) bool {
	dialer := newDialer(source)
	dialer.Control = smallWindow
	conn, end := s.dialWith(dialer)
	defer end()
	if conn == nil {
		return false
	}
	if _, err := conn.Write(request); err != nil {
		s.countClosed()
		return false
	}
	const statusLine = len("HTTP/1.1 200")
	if s.countAnswer(bufio.NewReaderSize(io.LimitReader(conn, 2<<10), statusLine)) == http.StatusOK {
		_ = background.Sleep(s.ctx, holdTime) // nothing depends on why it ended
	}
	return false
}
