package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"wisphub-graphql/graph/document/documenttest"
)

func requestAttacks() []attack {
	return []attack{
		{
			name:  "mix",
			about: "32 connections send oversized documents, bad tokens, password guesses and slow bodies",
			start: (*assault).mix,
		},
		{
			name:  "greedy readers",
			about: "4 connections of one user at the callers' address ask for ten lists of 2,000 clients, and for the largest list that is allowed",
			start: func(s *assault) { s.greed(1) },
		},
		{
			name:  "greedy users",
			about: "4 connections of each of 4 users do the same",
			start: func(s *assault) { s.greed(4) },
		},
		{
			name:  "budget drain",
			about: "one user asks for clients, tickets and tasks that do not exist, and for accounts, as fast as they are answered",
			start: (*assault).drain,
			after: stillServed,
		},
		{
			name:    "failing id",
			about:   "one user asks for the account of the one client for whom WispHub fails",
			prepare: failForOneID, start: (*assault).failOneID,
			after: stillServed,
		},
	}
}

// mix sends eight kinds of harmful requests over four connections each.
func (s *assault) mix() {
	token, source := s.attackerToken(0), attackerAddress(0)
	bodies := []string{
		graphqlBody(doublingFragments(100)),
		graphqlBody("{" + strings.Repeat("__typename ", 10_000) + "}"),
		graphqlBody("{" + strings.Repeat("...{__typename}", 7_000) + "}"),
		graphqlBody(strings.Repeat("{node", 5_000) + strings.Repeat("}", 5_000)),
		graphqlBody("{" + documenttest.Numbered("a%d:clients{totalCount}", 3_000) + "}"),
	}
	for _, body := range bodies {
		s.connect(4, source, func(client *http.Client) bool { return s.post(client, token, body) })
	}
	s.connect(4, source, func(client *http.Client) bool {
		return s.post(client, strings.Repeat("x.", 900), graphqlBody(listDocument))
	})
	s.connect(4, source, s.guessPassword)
	s.repeat(4, func(int) bool {
		return s.trickle(source, rawRequest(http.MethodPost, "/graphql", "", "", 1000, ""))
	})
}

// guessPassword tries to log in as a legitimate user.
func (s *assault) guessPassword(client *http.Client) bool {
	form := url.Values{"username": {readerUser}, "password": {"guess"}}.Encode()
	request, err := http.NewRequestWithContext(s.ctx, http.MethodPost, "http://"+s.Host+"/api/v1/auth/token", strings.NewReader(form))
	if err != nil {
		panic(err) // the address is valid
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.send(client, request)
}

// greed lets users read the largest answers over four connections each.
func (s *assault) greed(users int) {
	bodies := []string{graphqlBody(greedyQuery(10, 2000)), graphqlBody(s.Largest)}
	for user := range users {
		var sent atomic.Int64
		token := s.attackerToken(user)
		s.connect(4, callerAddress, func(client *http.Client) bool {
			return s.post(client, token, bodies[int(sent.Add(1))%len(bodies)])
		})
	}
}

// drain asks for what costs an upstream call each, ten times in one operation.
func (s *assault) drain() {
	ids := s.ServiceIDs
	s.flood(4, callerAddress, func(number int) string {
		var document strings.Builder
		for i := range 10 {
			n := number*10 + i
			switch i % 4 {
			case 0:
				fmt.Fprintf(&document, "a%d:client(by:{serviceId:%d}){name}", i, 10_000_000+n)
			case 1:
				fmt.Fprintf(&document, "a%d:ticket(ticketId:%d){subject}", i, 10_000_000+n)
			case 2:
				fmt.Fprintf(&document, "a%d:task(taskId:\"00000000-0000-4000-9000-%012d\"){status}", i, n)
			default:
				fmt.Fprintf(&document, "a%d:client(by:{serviceId:%d}){account{owed}}", i, ids[len(ids)-1-n%len(ids)])
			}
		}
		return graphqlBody("{" + document.String() + "}")
	})
}

// failingID is the client for whom failOneID asks.
func failingID(ids []int) int { return ids[len(ids)-1] }

// failForOneID makes the provider fail for one client.
func failForOneID(t *target) {
	t.upstream.Fail(fmt.Sprintf("/api/clientes/%d/saldo/", failingID(t.upstream.ServiceIDs)))
}

// failOneID asks for that client again and again.
func (s *assault) failOneID() {
	id := failingID(s.ServiceIDs)
	s.flood(4, callerAddress, func(int) string { return graphqlBody(fmt.Sprintf("{client(by:{serviceId:%d}){account{owed}}}", id)) })
}

// stillServed checks that a ping and a look-up that costs an upstream call succeed.
func stillServed(ctx context.Context, t *target) error {
	client := newClient(callerAddress)
	defer client.CloseIdleConnections()
	if err := t.ping(ctx, client); err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	if err := t.account(ctx, client); err != nil {
		return fmt.Errorf("account: %w", err)
	}
	return nil
}

// doublingFragments returns a document that expands to 2^n fields.
func doublingFragments(n int) string {
	var document strings.Builder
	document.WriteString("{...f0}")
	for i := range n {
		fmt.Fprintf(&document, " fragment f%d on Query{...f%d ...f%[2]d}", i, i+1)
	}
	fmt.Fprintf(&document, " fragment f%d on Query{__typename}", n)
	return document.String()
}
