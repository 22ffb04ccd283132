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

// query is a dashboard's list, with or without a search.
type query struct {
	search string
	body   []byte
}

func newQuery(search string) query {
	arguments := fmt.Sprintf("first: %d", pageSize)
	if search != "" {
		arguments += fmt.Sprintf(", search: %q", search)
	}
	document := "{ clients(" + arguments + ") { totalCount asOf nodes { serviceId name } } }"
	body, _ := json.Marshal(map[string]string{"query": document}) // a map of strings can always be marshaled
	return query{search: search, body: body}
}

// clientList is the part of an answer that is recorded.
type clientList struct {
	total int
	asOf  time.Time
}

// answer is the facade's answer to a query.
type answer struct {
	Data struct {
		Clients *struct {
			TotalCount int               `json:"totalCount"`
			AsOf       time.Time         `json:"asOf"`
			Nodes      []json.RawMessage `json:"nodes"`
		} `json:"clients"`
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
	return a.list()
}

// list returns the list in the answer, or an error when the answer is inconsistent.
func (a answer) list() (clientList, error) {
	if len(a.Errors) > 0 {
		return clientList{}, fmt.Errorf("%s: %s", a.Errors[0].Extensions.Code, a.Errors[0].Message)
	}
	clients := a.Data.Clients
	if clients == nil {
		return clientList{}, errors.New("the answer has neither data nor errors")
	}
	if len(clients.Nodes) != min(pageSize, clients.TotalCount) {
		return clientList{}, errors.New("the number of nodes does not match totalCount")
	}
	return clientList{total: clients.TotalCount, asOf: clients.AsOf}, nil
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
