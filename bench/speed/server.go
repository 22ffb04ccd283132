package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"wisphub-graphql/background"
	"wisphub-graphql/bench/launch"
)

// server is one running server.
type server struct {
	name      string
	process   *launch.Process
	client    *http.Client // for all that is not measured
	host      string
	tokens    []string // of the users; without any, requests have no token
	admin     string   // token of a user with all scopes
	serviceID int      // of the client of the first work
	expected  map[int][]byte
	refreshed time.Time // when the last refresh on demand began
}

func newServer(name string, process *launch.Process) *server {
	return &server{
		name: name, process: process, host: strings.TrimPrefix(process.Address, "http://"), expected: map[int][]byte{},
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: burstSize}, Timeout: 2 * askTimeout},
	}
}

// stop kills the server: what matters has been measured.
func (s *server) stop() {
	s.client.CloseIdleConnections()
	_ = s.process.Kill()
}

// request returns the prepared request of a work, as a user sends it.
func (s *server) request(w work, user int) request {
	path, token := "/graphql", ""
	if s.name == bareServer {
		path = barePath(w.number)
	}
	if len(s.tokens) > 0 {
		token = s.tokens[user%len(s.tokens)]
	}
	return newRequest(token, path, w.body(s.serviceID, firstNumber))
}

// learn asks each work once and keeps the answers, with which all later ones are compared. The
// reference is another server with the same data, nil when there is none.
func (s *server) learn(works []work, reference *server) error {
	conn, err := dial(s.host)
	if err != nil {
		return err
	}
	defer conn.close()
	for _, w := range works {
		answer, err := conn.ask(s.request(w, 0).bytes)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", s.name, w.name, err)
		}
		data, err := w.check(answer, s.serviceID)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if reference != nil {
			if err := w.equalData(data, dataOf(reference.expected[w.number])); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
		s.expected[w.number] = bytes.Clone(answer)
	}
	return nil
}

// dataOf returns the data of an answer that was checked.
func dataOf(answer []byte) []byte {
	var decoded graphqlAnswer
	_ = json.Unmarshal(answer, &decoded) // it was checked
	return decoded.Data
}

// queryRetries is how often a query tries again, a second after the last time.
const queryRetries = 20

// query sends a document as an administrator and decodes the data into out. While the server is
// busy, it tries again.
func (s *server) query(ctx context.Context, document string, out any) error {
	for try := 1; ; try++ {
		err := s.queryOnce(ctx, document, out)
		if !errors.Is(err, errRefused) || try == queryRetries {
			return err
		}
		if err := background.Sleep(ctx, time.Second); err != nil {
			return err
		}
	}
}

func (s *server) queryOnce(ctx context.Context, document string, out any) error {
	body, err := json.Marshal(map[string]string{"query": document})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.process.Address+"/graphql", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if s.admin != "" {
		request.Header.Set("Authorization", "Bearer "+s.admin)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	defer response.Body.Close()
	var answer graphqlAnswer // errors have statuses of their own
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s: HTTP status %s: %w", s.name, response.Status, err)
	}
	if len(answer.Errors) == 0 {
		return json.Unmarshal(answer.Data, out)
	}
	err = fmt.Errorf("%s: %s", s.name, answer.Errors[0])
	if bytes.Contains(answer.Errors[0], []byte(`"RATE_LIMITED"`)) {
		err = fmt.Errorf("%w: %w", errRefused, err)
	}
	return err
}

// serviceIDs returns the ids of the first clients.
func (s *server) serviceIDs(ctx context.Context, count int) ([]int, error) {
	var data struct {
		Clients struct{ Nodes []struct{ ServiceID int } }
	}
	if err := s.query(ctx, fmt.Sprintf("{clients(first:%d){nodes{serviceId}}}", count), &data); err != nil {
		return nil, err
	}
	var ids []int
	for _, node := range data.Clients.Nodes {
		ids = append(ids, node.ServiceID)
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("%w: %s has no clients", errWrong, s.name)
	}
	return ids, nil
}
