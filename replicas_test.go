package main

import (
	"context"
	"fmt"
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

// fleet is three processes on one store, and users who ask each of them all the time.
type fleet struct {
	t        *testing.T
	upstream *wisphubtest.Server
	store    *cachetest.Server
	replicas []*process

	mu       sync.Mutex
	arrivals []time.Time // of upstream calls
	crawls   []time.Time // their first pages
	crawling chan struct{}
	asOf     map[int]time.Time // what each replica served last
}

func newFleet(t *testing.T, changes map[string]string) *fleet {
	t.Helper()
	f := &fleet{t: t, store: cachetest.StartServer(t), crawling: make(chan struct{}, 1), asOf: map[int]time.Time{}}
	f.upstream = wisphubtest.New(wisphubtest.Config{Clients: replicaClients, Seed: 1})
	server := httptest.NewServer(http.HandlerFunc(f.arrive))
	t.Cleanup(server.Close)
	t.Cleanup(f.upstream.Close)
	f.upstream.SetFaults(wisphubtest.Faults{Latency: 20 * time.Millisecond})
	environ := map[string]string{
		"WISPHUB_NET_HOST": server.URL, "WISPHUB_NET_KEY": wisphubtest.Key, "CACHE_URL": f.store.URL(),
		"JWT_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz", "API_USERNAME": "ana", "API_PASSWORD_HASH": testHash,
		"CLIENTS_TTL": replicaTTL.String(), "UPSTREAM_HOUR_LIMIT": "100000", // so that the minute is what holds
	}
	maps.Copy(environ, changes)
	for range 3 {
		f.replicas = append(f.replicas, startProcess(t, environ))
	}
	return f
}

func (f *fleet) arrive(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.arrivals = append(f.arrivals, time.Now())
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

// ask polls a replica until ctx ends; once it has served a list it must go on doing so, whole, and never an older one.
func (f *fleet) ask(ctx context.Context, replica int, dead func() bool) {
	served := false
	for ctx.Err() == nil {
		total, asOf, ok := f.replicas[replica].list()
		switch {
		case ctx.Err() != nil || dead():
			return
		case !ok && !served:
		case !ok || total != replicaClients:
			f.t.Errorf("replica %d: %d clients, answered %t", replica, total, ok)
		default:
			served = true
			f.serve(replica, asOf)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (f *fleet) serve(replica int, asOf time.Time) {
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

// crawlsSince returns how many readings began since.
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

// wantRenewed waits until the replicas serve a list that was read after since.
func (f *fleet) wantRenewed(what string, within time.Duration, since time.Time, replicas ...int) {
	f.t.Helper()
	end := time.Now().Add(within)
	for _, replica := range replicas {
		for !f.served(replica).After(since) {
			if time.Now().After(end) {
				f.t.Errorf("%s: replica %d serves the list of %v, want one read after %v", what, replica, f.served(replica), since)
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// duringCrawl has the replica read the list again, slowly, and calls act in the middle of it.
func (f *fleet) duringCrawl(replica int, act func()) (began time.Time) {
	f.t.Helper()
	f.upstream.SetFaults(wisphubtest.Faults{Latency: 500 * time.Millisecond})
	select {
	case <-f.crawling: // of a reading that is over
	default:
	}
	began = time.Now()
	go f.replicas[replica].try("mutation { refresh(resource: CLIENTS) { version } }", nil)
	<-f.crawling
	act()
	f.upstream.SetFaults(wisphubtest.Faults{Latency: 20 * time.Millisecond})
	return began
}

// Three processes on one store crawl once an interval and stay within one budget; killing the one that crawls, or the store,
// in the middle of a crawl stops nobody and loses nothing.
func TestReplicas(t *testing.T) {
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
	users.Go(func() { f.ask(ctx, 0, dead) })
	users.Go(func() { f.ask(ctx, 1, alive) })
	users.Go(func() { f.ask(ctx, 2, alive) })

	began := time.Now()
	f.wantRenewed("at first", 10*time.Second, began.Add(-time.Minute), 0, 1, 2)
	time.Sleep(3 * replicaTTL)
	if got, most := f.crawlsSince(began), int(time.Since(began)/replicaTTL)+2; got > most {
		t.Errorf("%d crawls of three replicas in %v, want at most %d", got, time.Since(began), most)
	}

	killed := f.duringCrawl(0, func() {
		close(died)
		f.replicas[0].kill()
	})
	f.wantRenewed("the crawler was killed", 25*time.Second, killed, 1, 2) // its lease has to end

	lost := f.duringCrawl(1, f.store.Kill)
	f.wantRenewed("the store was killed", 20*time.Second, lost, 1, 2)
	f.store.Restart()
	back := time.Now()
	f.wantRenewed("the store is back", 30*time.Second, back.Add(6*time.Second), 1, 2) // both have settled
	again, before := time.Now(), f.crawlsSince(began)
	time.Sleep(3 * replicaTTL)
	if got, most := f.crawlsSince(began)-before, int(time.Since(again)/replicaTTL)+2; got > most {
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
	for i, at := range f.arrivals {
		for at.Sub(f.arrivals[first]) >= time.Minute {
			first++
		}
		fullest = max(fullest, i-first+1)
	}
	f.t.Logf("%d calls in %v, at most %d in a minute", len(f.arrivals), time.Since(f.arrivals[0]).Round(time.Second), fullest)
	if fullest > limit {
		f.t.Errorf("%d calls in a minute, want at most %d", fullest, limit)
	}
}

// Three processes spend one budget, to the last call; when the store is lost they go on knowing what was spent.
func TestReplicasShareOneBudget(t *testing.T) {
	t.Parallel()
	const limit = 30
	f := newFleet(t, map[string]string{"UPSTREAM_MINUTE_LIMIT": fmt.Sprint(limit), "CLIENTS_TTL": "1h"})
	f.askForTasks(6) // two each, by the fair share
	poll(t, "each replica knows of all calls", func() bool {
		for _, replica := range f.replicas {
			if replica.spent() != f.arrived() {
				return false
			}
		}
		return f.arrived() >= 6
	})
	poll(t, "the minute is spent", func() bool { // not before the replicas have settled
		f.askForTasks(limit)
		return f.arrived() >= limit
	})
	f.askForTasks(3 * limit)
	if got := f.arrived(); got != limit {
		t.Errorf("%d calls arrived, want the %d that a minute allows", got, limit)
	}
	for i, replica := range f.replicas {
		poll(t, fmt.Sprintf("replica %d shows all calls in the minute and no more", i), func() bool { return replica.spent() == limit })
	}
	f.store.Kill()
	f.askForTasks(limit)
	if got := f.arrived(); got != limit {
		t.Errorf("%d calls arrived once the store was lost, want no more than %d", got, limit)
	}
}

// spent returns how many calls the replica knows of in the last minute; -1 when it does not answer.
func (p *process) spent() int {
	var data struct {
		Facade struct{ RequestsLastMinute int }
	}
	if !p.try("{ facade { requestsLastMinute } }", &data) {
		return -1
	}
	return data.Facade.RequestsLastMinute
}

// askForTasks asks the replicas in turn for so many tasks that nobody has asked for, each at a call, all at once.
func (f *fleet) askForTasks(count int) {
	var group sync.WaitGroup
	for i := range count {
		group.Go(func() {
			id := fmt.Sprintf("%08x-0000-4000-8000-%012x", time.Now().UnixNano()&0xffffffff, i)
			f.replicas[i%len(f.replicas)].try(`{ task(taskId: "`+id+`") { status } }`, nil)
		})
	}
	group.Wait()
}

func (f *fleet) arrived() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.arrivals)
}
