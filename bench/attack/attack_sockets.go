package main

import (
	"fmt"
	"sync/atomic"
)

func socketAttacks() []attack {
	ping := func(n int, withToken bool, name, about string) attack {
		return attack{name: name, about: about, start: func(s *assault) { s.pingFlood(n, withToken) }}
	}
	return []attack{
		ping(1, false, "ping flood, 1 socket", "one socket without a token sends pings, in turn as messages and as frames"),
		ping(100, false, "ping flood, 100 sockets", "100 sockets without a token do the same"),
		ping(100, true, "ping flood, 100 with a token", "100 sockets of one user do the same"),
		{
			name:  "silent sockets",
			about: "500 sockets from 2 addresses send nothing, and are opened again when they are closed",
			start: func(s *assault) {
				s.repeat(500, func(number int) bool {
					socket, end := s.openSocket(attackerAddress(number%2), "")
					defer end()
					if socket != nil {
						s.countClose(socket)
					}
					return false
				})
			},
		},
	}
}

// pingFlood sends pings as fast as they are taken. Every second socket sends them as frames.
func (s *assault) pingFlood(n int, withToken bool) {
	var opened atomic.Int64
	batches := [][]byte{repeatFrame(textFrame(`{"type":"ping"}`)), repeatFrame(frame(opPing, nil))}
	s.repeat(n, func(number int) bool {
		batch := batches[int(opened.Add(1))%len(batches)]
		return s.floodSocket(number, withToken, func() []byte { return batch })
	})
}

// floodSockets sends frames over n sockets as fast as they are taken. The number of a frame differs
// from those of all others.
func (s *assault) floodSockets(n int, withToken bool, next func(number int) []byte) {
	var sent atomic.Int64
	s.repeat(n, func(number int) bool {
		return s.floodSocket(number, withToken, func() []byte { return next(int(sent.Add(1))) })
	})
}

func (s *assault) floodSocket(number int, withToken bool, next func() []byte) bool {
	token := ""
	if withToken {
		token = s.attackerToken(0)
	}
	socket, end := s.openSocket(attackerAddress(number%2), token)
	defer end()
	if socket == nil {
		return false
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.countClose(socket)
		_ = socket.Close() // ends the writes below
	}()
	for {
		if _, err := socket.Write(next()); err != nil {
			break
		}
	}
	<-ended
	return false
}

// countClose reads until the facade closes the socket, and counts the reason. It counts the errors
// that it reads, too.
func (s *assault) countClose(socket *rawSocket) {
	for {
		opcode, payload, err := socket.readFrame()
		switch {
		case err != nil:
			s.countClosed()
			return
		case opcode == opClose && len(payload) >= 2:
			s.count(fmt.Sprintf("closed with %d", int(payload[0])<<8|int(payload[1])))
			return
		case opcode == opText:
			s.count(messageType(payload))
		}
	}
}
