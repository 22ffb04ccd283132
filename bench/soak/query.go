package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"wisphub-graphql/bench/launch"
)

const (
	// queryTimeout is longer than the facade's own timeout of an operation.
	queryTimeout = 20 * time.Second
	pageSize     = 50
)

// kind is what a query asks for.
type kind string

const (
	listKind    kind = "list"
	searchKind  kind = "search"
	clientKind  kind = "one client"
	ticketsKind kind = "tickets"
	plansKind   kind = "plans"
)

// fields are what a query of each kind selects, under the alias "answer".
var fields = map[kind]string{
	listKind:    "clients(first: %d) { totalCount asOf nodes { serviceId name } }",
	searchKind:  "clients(first: %d, search: %q) { totalCount asOf nodes { serviceId name } }",
	clientKind:  "client(by: {serviceId: %d}) { serviceId name plan { price } }",
	ticketsKind: "tickets(first: %d) { totalCount nodes { subject client { name } } }",
	plansKind:   "plans { name price clientCount }",
}

// query is a question of a dashboard.
type query struct {
	kind      kind
	serviceID int // of clientKind
	body      []byte
}

func newQuery(kind kind, arguments ...any) query {
	document := "{ answer: " + fmt.Sprintf(fields[kind], arguments...) + " }"
	body, _ := json.Marshal(map[string]string{"query": document}) // a map of strings can always be marshaled
	q := query{kind: kind, body: body}
	if kind == clientKind {
		q.serviceID = arguments[0].(int)
	}
	return q
}

// clientList is the part of an answer that is recorded. It is zero for the kinds without clients.
type clientList struct {
	total int
	asOf  time.Time
}

// answer is the facade's answer to a query.
type answer struct {
	Data struct {
		Answer json.RawMessage `json:"answer"`
	} `json:"data"`
	Errors []struct {
		Message    string `json:"message"`
		Extensions struct {
			Code string `json:"code"`
		} `json:"extensions"`
	} `json:"errors"`
}

func (q query) send(client *http.Client, address, token string) (clientList, error) {
	request, err := http.NewRequest(http.MethodPost, address+"/graphql", bytes.NewReader(q.body))
	if err != nil {
		return clientList{}, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	var a answer
	if err := launch.Do(client, request, &a); err != nil {
		return clientList{}, err
	}
	if len(a.Errors) > 0 {
		return clientList{}, fmt.Errorf("%s: %s: %s", q.kind, a.Errors[0].Extensions.Code, a.Errors[0].Message)
	}
	return q.check(a.Data.Answer)
}

// check returns the list in an answer, or an error when the answer is not what the query asked for.
func (q query) check(data json.RawMessage) (clientList, error) {
	switch q.kind {
	case plansKind:
		var plans []json.RawMessage
		if err := json.Unmarshal(data, &plans); err != nil || len(plans) == 0 {
			return clientList{}, errors.New("the answer has no plans")
		}
	case clientKind:
		var client struct{ ServiceID int }
		if err := json.Unmarshal(data, &client); err != nil || client.ServiceID != q.serviceID {
			return clientList{}, errors.New("the answer has not the client that was asked for")
		}
	default:
		return q.checkList(data)
	}
	return clientList{}, nil
}

func (q query) checkList(data json.RawMessage) (clientList, error) {
	var list *struct {
		TotalCount int
		AsOf       time.Time
		Nodes      []json.RawMessage
	}
	switch err := json.Unmarshal(data, &list); {
	case err != nil || list == nil:
		return clientList{}, errors.New("the answer has neither data nor errors")
	case len(list.Nodes) != min(pageSize, list.TotalCount):
		return clientList{}, errors.New("the number of nodes does not match totalCount")
	case q.kind == ticketsKind:
		return clientList{}, nil
	}
	return clientList{total: list.TotalCount, asOf: list.AsOf}, nil
}

// session is the token for a replica, which all users share.
type session struct {
	mu      sync.Mutex // guards the fields below; held while logging in, so that one user logs in
	token   string
	renewAt time.Time
}

// get returns the token. It logs in again when less than a fifth of the token's lifetime is left.
func (s *session) get(client *http.Client, address string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Now().Before(s.renewAt) {
		return s.token, nil
	}
	token, lifetime, err := launch.Login(client, address, username, password)
	if err != nil {
		return "", err
	}
	s.token = token
	s.renewAt = time.Now().Add(lifetime * 4 / 5)
	return s.token, nil
}
