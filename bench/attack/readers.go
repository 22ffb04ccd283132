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

// readPause is how long a reader waits between two reads.
const readPause = 5 * time.Millisecond

// listQuery is the query of a dashboard's list.
const listQuery = `{"query":"{ clients(first: 50) { totalCount nodes { serviceId name status balance plan { name } zone { name } } } }"}`

// latencies are the durations of successful reads, sorted by add.
type latencies struct {
	all    []time.Duration
	failed int
}

func (l *latencies) add(other latencies) {
	l.all = append(l.all, other.all...)
	l.failed += other.failed
	slices.Sort(l.all)
}

// percentile returns the latency that the given share of the reads stays below, 0 without reads.
func (l latencies) percentile(share float64) time.Duration {
	if len(l.all) == 0 {
		return 0
	}
	return l.all[min(int(share*float64(len(l.all))), len(l.all)-1)]
}

func (l latencies) String() string {
	rounded := func(share float64) time.Duration { return l.percentile(share).Round(10 * time.Microsecond) }
	return fmt.Sprintf("%d reads, %d failed, p50 %v, p99 %v, slowest %v",
		len(l.all), l.failed, rounded(0.5), rounded(0.99), rounded(1))
}

// newClient returns a client that shares no connections with others.
func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}, Timeout: time.Minute}
}

// read sends listQuery repeatedly until ctx ends.
func read(ctx context.Context, base, token string) (l latencies) {
	client := newClient()
	defer client.CloseIdleConnections()
	for ctx.Err() == nil {
		start := time.Now()
		status, body := post(ctx, client, base+"/graphql", token, []byte(listQuery))
		switch {
		case ctx.Err() != nil:
		case status != http.StatusOK || bytes.Contains(body, []byte(`"errors"`)):
			l.failed++
		default:
			l.all = append(l.all, time.Since(start))
		}
		time.Sleep(readPause)
	}
	return l
}

// post returns the status and body of the answer. The status is 0 when there is none.
func post(ctx context.Context, client *http.Client, url, token string, body []byte) (int, []byte) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
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
		return "", fmt.Errorf("attack: login failed, is the demo running? %w", err)
	}
	defer response.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.AccessToken == "" {
		return "", fmt.Errorf("attack: login returned no token, HTTP status %d", response.StatusCode)
	}
	return answer.AccessToken, nil
}
