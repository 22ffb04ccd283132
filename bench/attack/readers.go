package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// pause is how long a reader looks at an answer.
const pause = 5 * time.Millisecond

// page is what a dashboard asks for.
const page = `{"query":"{ clients(first: 50) { totalCount nodes { serviceId name status balance plan { name } zone { name } } } }"}`

// latencies are those of good reads.
type latencies struct {
	all    []time.Duration
	failed int
}

func (l *latencies) add(other latencies) {
	l.all = append(l.all, other.all...)
	l.failed += other.failed
	slices.Sort(l.all)
}

// at returns the latency that so large a part of the reads stays below.
func (l latencies) at(part float64) time.Duration {
	if len(l.all) == 0 {
		return 0
	}
	return l.all[min(int(part*float64(len(l.all))), len(l.all)-1)]
}

func (l latencies) String() string {
	round := func(part float64) time.Duration { return l.at(part).Round(10 * time.Microsecond) }
	return fmt.Sprintf("%d reads, %d failed, p50 %v, p99 %v, slowest %v", len(l.all), l.failed, round(0.5), round(0.99), round(1))
}

// newClient has connections of its own.
func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}, Timeout: time.Minute}
}

// read asks for the page again and again until ctx ends.
func read(ctx context.Context, base, token string) (l latencies) {
	client := newClient()
	defer client.CloseIdleConnections()
	for ctx.Err() == nil {
		began := time.Now()
		status, body := send(ctx, client, base+"/graphql", token, []byte(page))
		switch {
		case ctx.Err() != nil:
		case status != http.StatusOK || bytes.Contains(body, []byte(`"errors"`)):
			l.failed++
		default:
			l.all = append(l.all, time.Since(began))
		}
		time.Sleep(pause)
	}
	return l
}

// send returns the status and the body of an answer, 0 for none.
func send(ctx context.Context, client *http.Client, address, token string, body []byte) (int, []byte) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, nil
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, nil
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, nil
	}
	return response.StatusCode, content
}

// login returns a token of the demo's user.
func login(base string) (string, error) {
	response, err := http.PostForm(base+"/api/v1/auth/token", url.Values{"username": {"demo"}, "password": {"demo"}})
	if err != nil {
		return "", fmt.Errorf("attack: is the demo running? %w", err)
	}
	defer response.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.AccessToken == "" {
		return "", fmt.Errorf("attack: no token, status %d", response.StatusCode)
	}
	return answer.AccessToken, nil
}
