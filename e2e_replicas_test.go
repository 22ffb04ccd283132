package main

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/wisphub/wisphubtest"
)

const (
	replicaClients = 1500 // six pages
	replicaTTL     = 4 * time.Second
)

// fleet is three processes with one store, each queried continuously.
type fleet struct {
	t        *testing.T
	upstream *wisphubtest.Server
	store    *cachetest.Server
	replicas []*process
	tokens   []string // of users, for queryTasks

	mu       sync.Mutex
	calls    []time.Time // upstream calls
	crawls   []time.Time // calls for the first page of the client list
	crawling chan struct{}
	asOf     map[int]time.Time // of the list that each replica served last
}

func newFleet(t *testing.T, changes map[string]string) *fleet {
	t.Helper()
	f := &fleet{t: t, store: cachetest.StartServer(t), crawling: make(chan struct{}, 1), asOf: map[int]time.Time{}}
	f.upstream = wisphubtest.New(wisphubtest.Config{Clients: replicaClients, Seed: 1})
	server := httptest.NewServer(http.HandlerFunc(f.serveUpstream))
	t.Cleanup(server.Close)
	t.Cleanup(f.upstream.Close)
	f.upstream.SetFaults(wisphubtest.Faults{Latency: 20 * time.Millisecond})
	environ := map[string]string{
		"WISPHUB_NET_HOST": server.URL, "WISPHUB_NET_KEY": wisphubtest.Key, "CACHE_URL": f.store.URL(),
		"JWT_SECRET_KEY": testSigningKey, "API_USERNAME": "ana", "API_PASSWORD_HASH": testHash,
		"CLIENTS_TTL": replicaTTL.String(), "UPSTREAM_HOUR_LIMIT": "100000", // so that only the minute limit applies
	}
	maps.Copy(environ, changes)
	for range 3 {
		f.replicas = append(f.replicas, startProcess(t, environ))
	}
	return f
}

// serveUpstream records a call and answers it.
func (f *fleet) serveUpstream(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.calls = append(f.calls, time.Now())
	if r.URL.Path == "/api/clientes/" && r.URL.Query().Get("offset") == "" {
		f.crawls = append(f.crawls, time.Now())
	}
	if r.URL.Query().Get("offset") != "" {
		select {
		case f.crawling <- struct{}{}:
		default:
		}
	}
	f.mu.Unlock()
	f.upstream.ServeHTTP(w, r)
}

// query queries a replica until ctx ends. After the first list, each answer must be complete, and
// none may be older than the one before.
func (f *fleet) query(ctx context.Context, replica int, dead func() bool) {
	served := false
	for ctx.Err() == nil {
		total, asOf, ok := f.replicas[replica].clients()
		switch {
		case ctx.Err() != nil || dead():
			return
		case !ok && !served:
		case !ok || total != replicaClients:
			f.t.Errorf("replica %d: %d clients, answered %t, want all clients", replica, total, ok)
		default:
			served = true
			f.recordServed(replica, asOf)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (f *fleet) recordServed(replica int, asOf time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if asOf.Before(f.asOf[replica]) {
		f.t.Errorf("replica %d serves the list of %v after that of %v", replica, asOf, f.asOf[replica])
	}
	f.asOf[replica] = asOf
}

func (f *fleet) served(replica int) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asOf[replica]
}

// crawlsSince returns how many crawls start after since.
func (f *fleet) crawlsSince(since time.Time) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	count := 0
	for _, at := range f.crawls {
		if at.After(since) {
			count++
		}
	}
	return count
}

// wantRefreshed waits until the replicas serve a list that is newer than since.
func (f *fleet) wantRefreshed(what string, within time.Duration, since time.Time, replicas ...int) {
	f.t.Helper()
	end := time.Now().Add(within)
	for _, replica := range replicas {
		for !f.served(replica).After(since) {
			if time.Now().After(end) {
				f.t.Errorf("%s: replica %d serves the list of %v, want one after %v", what, replica, f.served(replica), since)
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// duringCrawl makes the replica refresh the list slowly, and calls act in the middle of the crawl.
func (f *fleet) duringCrawl(replica int, act func()) (start time.Time) {
	f.t.Helper()
	f.upstream.SetFaults(wisphubtest.Faults{Latency: 500 * time.Millisecond})
	select {
	case <-f.crawling: // of an earlier crawl
	default:
	}
	start = time.Now()
	go f.replicas[replica].tryQuery("mutation { refresh(resource: CLIENTS) { version } }", nil)
	<-f.crawling
	act()
	f.upstream.SetFaults(wisphubtest.Faults{Latency: 20 * time.Millisecond})
	return start
}

// TestReplicas_Failover expects three processes with one store to crawl once per interval within
// one budget. It kills the crawling process, and then the store, in the middle of a crawl: the
// others must keep serving.
func TestReplicas_Failover(t *testing.T) {
	t.Parallel()
	f := newFleet(t, nil)
	ctx, stop := context.WithCancel(t.Context())
	var users sync.WaitGroup
	died := make(chan struct{})
	alive := func() bool { return false }
	dead := func() bool {
		select {
		case <-died:
			return true
		default:
			return false
		}
	}
	users.Go(func() { f.query(ctx, 0, dead) })
	users.Go(func() { f.query(ctx, 1, alive) })
	users.Go(func() { f.query(ctx, 2, alive) })

	start := time.Now()
	f.wantRefreshed("after the start", 10*time.Second, start.Add(-time.Minute), 0, 1, 2)
	time.Sleep(3 * replicaTTL)
	if got, most := f.crawlsSince(start), int(time.Since(start)/replicaTTL)+2; got > most {
		t.Errorf("%d crawls of three replicas in %v, want at most %d", got, time.Since(start), most)
	}

	killed := f.duringCrawl(0, func() {
		close(died)
		f.replicas[0].kill()
	})
	f.wantRefreshed("the crawler was killed", 25*time.Second, killed, 1, 2) // after the lease has expired

	// The killed replica keeps its share of the minute, so that a refresh may wait for the next one.
	const nextMinute = 75 * time.Second
	lost := f.duringCrawl(1, f.store.Kill)
	f.wantRefreshed("the store was killed", nextMinute, lost, 1, 2)
	f.store.Restart()
	back := time.Now()
	f.wantRefreshed("the store is back", nextMinute, back.Add(6*time.Second), 1, 2) // both have reconnected
	again, before := time.Now(), f.crawlsSince(start)
	time.Sleep(3 * replicaTTL)
	if got, most := f.crawlsSince(start)-before, int(time.Since(again)/replicaTTL)+2; got > most {
		t.Errorf("%d crawls of two replicas in %v, want at most %d", got, time.Since(again), most)
	}
	stop()
	users.Wait()
	f.wantWithinTheMinute(100)
}

func (f *fleet) wantWithinTheMinute(limit int) {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	first, fullest := 0, 0
	for i, at := range f.calls {
		for at.Sub(f.calls[first]) >= time.Minute {
			first++
		}
		fullest = max(fullest, i-first+1)
	}
	f.t.Logf("%d calls in %v, at most %d in any minute", len(f.calls), time.Since(f.calls[0]).Round(time.Second), fullest)
	if fullest > limit {
		f.t.Errorf("%d calls in one minute, want at most %d", fullest, limit)
	}
}
