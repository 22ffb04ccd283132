package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"wisphub-graphql/bench/launch"
)

const (
	readers = 4
	// readPause is how long a reader waits between two reads.
	readPause = 5 * time.Millisecond
	// callerTimeout is how long a legitimate caller waits before the request counts as failed.
	callerTimeout = 10 * time.Second
	maxAnswer     = 4 << 20
)

// listDocument is the query of a dashboard's list.
const listDocument = `{ clients(first: 50) { totalCount nodes { serviceId name status balance plan { name } zone { name } } } }`

// caller is one kind of legitimate caller.
type caller struct {
	kind string
	// every is the time between two requests. A slow answer does not delay the next request,
	// because that would hide slow answers. Zero sends the next one after the answer and readPause.
	every time.Duration
	// send makes one request. It returns an error when the answer is not the wanted one.
	send func(ctx context.Context) error
	// close ends what the caller keeps open; nil for nothing.
	close func()
}

// callers returns the legitimate callers of one phase.
func (t *target) callers() []caller {
	bot, support, account := newClient(callerAddress), newClient(callerAddress), newClient(callerAddress)
	all := []caller{
		{kind: "newcomer", every: 25 * time.Millisecond, send: t.newcomer},
		{kind: "subscriber", every: 500 * time.Millisecond, send: t.subscribe},
		{kind: "bot", every: 25 * time.Millisecond, send: func(ctx context.Context) error { return t.lookUp(ctx, bot) },
			close: bot.CloseIdleConnections},
		{kind: "login", every: 2 * time.Second, send: t.logIn},
		{kind: "support", every: 5 * time.Second, send: func(ctx context.Context) error { return t.ping(ctx, support) },
			close: support.CloseIdleConnections},
		{kind: "account", every: 2 * time.Second, send: func(ctx context.Context) error { return t.account(ctx, account) },
			close: account.CloseIdleConnections},
	}
	for range readers {
		client := newClient(callerAddress)
		all = append(all, caller{
			kind:  "reader",
			send:  func(ctx context.Context) error { return t.query(ctx, client, readerUser, listDocument) },
			close: client.CloseIdleConnections,
		})
	}
	return all
}

// newcomer asks over a new connection.
func (t *target) newcomer(ctx context.Context) error {
	client := newClient(callerAddress)
	defer client.CloseIdleConnections()
	return t.query(ctx, client, newcomerUser, listDocument)
}

// lookUp finds a client by document over REST, as bots do. Memory answers.
func (t *target) lookUp(ctx context.Context, client *http.Client) error {
	var document any = ""
	for document == nil || document == "" { // some clients have none
		document = t.upstream.Simulator.Row(t.nextID())["cedula"]
	}
	path := fmt.Sprintf("/api/v1/clients/by-document/%v", document)
	return t.expect(ctx, client, http.MethodGet, path, t.tokens[readerUser], "", `"ok":true`)
}

// logIn logs in from an address of its own.
func (t *target) logIn(context.Context) error {
	client := newClient(loginAddress)
	defer client.CloseIdleConnections()
	client.Timeout = callerTimeout
	_, _, err := launch.Login(client, t.process.Address, readerUser, password)
	return err
}

// ping pings a subscriber's antenna, which costs an upstream call.
func (t *target) ping(ctx context.Context, client *http.Client) error {
	document := fmt.Sprintf("mutation { pingClient(serviceId: %d) { task { taskId } userErrors { message } } }", t.nextID())
	return t.ask(ctx, client, t.tokens[supportUser], document, `"taskId"`)
}

// account asks what a client owes, which costs an upstream call.
func (t *target) account(ctx context.Context, client *http.Client) error {
	document := fmt.Sprintf("{ client(by: {serviceId: %d}) { account { owed } } }", t.nextID())
	return t.ask(ctx, client, t.tokens[readerUser], document, `"owed"`)
}

// query sends a document and expects data without errors.
func (t *target) query(ctx context.Context, client *http.Client, user, document string) error {
	return t.ask(ctx, client, t.tokens[user], document, `"data"`)
}

// ask sends a document and expects a part of the answer, and no errors.
func (t *target) ask(ctx context.Context, client *http.Client, token, document, want string) error {
	return t.expect(ctx, client, http.MethodPost, "/graphql", token, graphqlBody(document), want)
}

// expect sends a request and expects status 200 and a part of the answer, without GraphQL errors.
func (t *target) expect(ctx context.Context, client *http.Client, method, path, token, body, want string) error {
	request, err := newRequest(ctx, method, t.process.Address+path, token, body)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return withoutAddress(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	switch text := string(content); {
	case err != nil:
		return withoutAddress(err)
	case response.StatusCode != http.StatusOK || strings.Contains(text, `"errors":[`) || !strings.Contains(text, want):
		return fmt.Errorf("status %d: %.120s", response.StatusCode, strings.TrimSpace(text))
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

// withoutAddress drops the addresses in an error, so that equal failures have equal texts.
func withoutAddress(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err
}
