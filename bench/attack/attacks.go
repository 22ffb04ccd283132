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

	"wisphub-graphql/background"
)

// attack is one kind of harmful request and the answers to it.
type attack struct {
	name string
	// send makes one request and returns the status of the answer, 0 when there is none.
	send func(ctx context.Context, client *http.Client) (status int)

	mu       sync.Mutex
	statuses map[int]int // number of answers by status; guarded by mu
}

func newAttacks(base, token string) []*attack {
	graphql := func(document string) func(context.Context, *http.Client) int {
		body, err := json.Marshal(map[string]string{"query": document})
		if err != nil {
			panic(err) // a map of strings can always be marshaled
		}
		return func(ctx context.Context, client *http.Client) int {
			status, _ := post(ctx, client, base+"/graphql", token, body)
			return status
		}
	}
	attacks := []*attack{
		{name: "doubling fragments", send: graphql(doublingFragments(100))},
		{name: "repeated field", send: graphql("{" + strings.Repeat("__typename ", 10_000) + "}")},
		{name: "inline fragments", send: graphql("{" + strings.Repeat("...{__typename}", 7_000) + "}")},
		{name: "deep selections", send: graphql(strings.Repeat("{node", 5_000) + strings.Repeat("}", 5_000))},
		{name: "aliases", send: graphql(aliases(3_000))},
		{name: "bad tokens", send: func(ctx context.Context, client *http.Client) int {
			status, _ := post(ctx, client, base+"/graphql", strings.Repeat("x.", 900), []byte(listQuery))
			return status
		}},
		{name: "logins", send: func(ctx context.Context, client *http.Client) int { return guessPassword(ctx, client, base) }},
		{name: "slow bodies", send: func(ctx context.Context, _ *http.Client) int { return slowBody(ctx, base) }},
	}
	for _, a := range attacks {
		a.statuses = map[int]int{}
	}
	return attacks
}

// run repeats the attack until ctx ends.
func (a *attack) run(ctx context.Context) {
	client := newClient()
	defer client.CloseIdleConnections()
	for ctx.Err() == nil {
		status := a.send(ctx, client)
		a.mu.Lock()
		a.statuses[status]++
		a.mu.Unlock()
	}
}

// answers counts the requests that were answered. Call it when run has returned.
func (a *attack) answers() (total int) {
	for status, count := range a.statuses {
		if status != 0 {
			total += count
		}
	}
	return total
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

// aliases returns a document that selects one field under n aliases.
func aliases(n int) string {
	var document strings.Builder
	document.WriteString("{")
	for i := range n {
		fmt.Fprintf(&document, "a%d:clients{totalCount}", i)
	}
	document.WriteString("}")
	return document.String()
}

// guessPassword tries to log in with a wrong password.
func guessPassword(ctx context.Context, client *http.Client, base string) int {
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

// slowBody sends one byte of a body each second, until the server closes the connection.
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
		_ = background.Sleep(ctx, time.Second) // the loop checks ctx
	}
	return 0
}
