package main

import (
	"fmt"
	"net/http"
	"sync/atomic"
)

const (
	floodConnections = 32
	cacheDocuments   = 800 // more than the document cache may hold
)

func documentAttacks() []attack {
	return []attack{
		{
			name:  "refused documents",
			about: "32 connections of one user send documents that the limits refuse",
			start: func(s *assault) {
				bodies := refusedBodies(128 << 10)
				s.flood(floodConnections, attackerAddress(0), func(number int) string { return bodies[number%len(bodies)] })
			},
		},
		{
			name:  "accepted documents",
			about: "32 connections of one user at the callers' address send small documents that all differ",
			start: func(s *assault) {
				s.flood(floodConnections, callerAddress, func(number int) string {
					return graphqlBody(fmt.Sprintf("query Q%d{clients(first:1){totalCount}}", number))
				})
			},
		},
		{
			name:  "document cache",
			about: "one user sends 800 different documents of 11 kB again and again",
			start: func(s *assault) {
				s.flood(readers, attackerAddress(0), func(number int) string { return graphqlBody(largeDocument(number % cacheDocuments)) })
			},
		},
		{
			name:  "refused documents, WebSocket",
			about: "16 sockets of one user send documents that the limits refuse, without waiting for answers",
			start: func(s *assault) {
				bodies := refusedBodies(60 << 10)
				s.floodSockets(16, true, func(number int) []byte {
					return textFrame(subscribeMessage(number, bodies[number%len(bodies)]))
				})
			},
		},
		{
			name:  "accepted documents, WebSocket",
			about: "16 sockets of one user send subscriptions that all differ, without waiting for answers",
			start: func(s *assault) {
				s.floodSockets(16, true, func(number int) []byte {
					document := fmt.Sprintf(`subscription Q%d{taskUpdated(taskId:"%s"){status}}`, number, finishedTask)
					return textFrame(subscribeMessage(number, graphqlBody(document)))
				})
			},
		},
	}
}

// flood lets one user send GraphQL requests over n connections, as fast as they are answered. The
// number of a request differs from those of all others.
func (s *assault) flood(n int, source string, body func(number int) string) {
	var sent atomic.Int64
	token := s.attackerToken(0)
	s.connect(n, source, func(client *http.Client) bool {
		return s.post(client, token, body(int(sent.Add(1))))
	})
}

// connect lets n attackers repeat an attempt, each with a connection of its own.
func (s *assault) connect(n int, source string, attempt func(*http.Client) bool) {
	clients := make([]*http.Client, n)
	for i := range clients {
		clients[i] = newClient(source)
		s.atEnd(clients[i].CloseIdleConnections)
	}
	s.repeat(n, func(number int) bool { return attempt(clients[number]) })
}

// post sends a GraphQL request and counts the answer. It returns false without one.
func (s *assault) post(client *http.Client, token, body string) bool {
	request, err := newRequest(s.ctx, http.MethodPost, "http://"+s.Host+"/graphql", token, body)
	if err != nil {
		panic(err) // the address is valid
	}
	return s.send(client, request)
}

// send sends a request, reads the answer to its end and counts it. It returns false without one.
func (s *assault) send(client *http.Client, request *http.Request) bool {
	response, err := client.Do(request)
	status := 0
	if err == nil {
		status, err = discard(response)
	}
	s.countStatus(status, err)
	return err == nil
}
