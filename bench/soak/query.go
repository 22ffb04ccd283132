package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"
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
	if err := do(client, request, &a); err != nil {
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

// do decodes the answer into out. Its errors omit the URL, so that equal failures have equal texts.
func do(client *http.Client, request *http.Request, out any) error {
	response, err := client.Do(request)
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		return wrapped.Err
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP status %s", response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(out); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
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
	form := url.Values{"username": {username}, "password": {password}}
	request, err := http.NewRequest(http.MethodPost, address+"/api/v1/auth/token", bytes.NewBufferString(form.Encode()))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var answer struct {
		Token     string `json:"access_token"`
		ExpiresIn int    `json:"expires_in"`
	}
	if err := do(client, request, &answer); err != nil {
		return "", fmt.Errorf("token: %w", err)
	}
	s.token = answer.Token
	s.renewAt = time.Now().Add(time.Duration(answer.ExpiresIn) * time.Second * 4 / 5)
	return s.token, nil
}
