package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wisphub-graphql/background"
	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/wisphub/wisphubtest"
)

const (
	stateKeys   = 5
	stateBudget = 60             // calls a minute
	placeText   = "un solo cupo" // the description of the tickets for one place
)

// keyText is the description of the tickets of a key.
func keyText(key int) string { return fmt.Sprintf("llave numero %d", key) }

// stateBed is a store in one state, and the replicas that share it.
type stateBed struct {
	t         *testing.T
	state     storeState
	store     *cachetest.Server
	proxies   [2]*cachetest.Proxy // of A and B
	simulator *wisphubtest.Server // of the writers
	spent     *wisphubtest.Server // of the spenders
	writers   [2]*site
	spenders  [2]*site
	ended     site  // at A, with the token that is logged out
	placeIDs  []int // clients of one zone, which has no tickets
	keyIDs    []int // clients without a zone, one for each key, and more

	armed      atomic.Bool // what triggers the state may happen
	probes     atomic.Int32
	mu         sync.Mutex // guards what follows
	calls      []time.Time
	slowest    time.Duration // of the writes with a key
	carriedOut string
}

func (b *stateBed) newUpstream(simulator **wisphubtest.Server, saw func(*http.Request)) string {
	*simulator = newSimulator(b.t, 120)
	handler := *simulator
	handler.SetFaults(wisphubtest.Faults{Latency: 20 * time.Millisecond})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		saw(r)
		handler.ServeHTTP(w, r)
	}))
	b.t.Cleanup(server.Close)
	return server.URL
}

// startPair starts A and B with their own proxies. The pair has a database of its own.
func (b *stateBed) startPair(host, database string, changes map[string]string) (pair [2]*site) {
	for i := range pair {
		environ := map[string]string{"WISPHUB_NET_HOST": host, "CACHE_URL": b.proxies[i].URL() + database}
		for name, value := range changes {
			environ[name] = value
		}
		replica, a := startLoggedIn(b.t, http.NotFoundHandler(), environ)
		poll(b.t, "the replica is connected", a.store.Up)
		pair[i] = replica
	}
	return pair
}

func (b *stateBed) sawWrite(r *http.Request) {
	if r.Method == http.MethodPost && r.URL.Path == "/api/tickets/" && b.state.sent != nil && b.armed.Load() {
		b.state.sent(b)
	}
}

func (b *stateBed) sawCall(*http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls = append(b.calls, time.Now())
}

// ask posts a document. It returns an empty body if the server does not answer.
func (b *stateBed) ask(replica *site, document string) (body string) {
	request, _ := json.Marshal(map[string]string{"query": document}) // cannot fail for strings
	ctx, cancel := context.WithTimeout(b.t.Context(), 30*time.Second)
	defer cancel()
	call, err := http.NewRequestWithContext(ctx, http.MethodPost, replica.url+"/graphql", bytes.NewReader(request))
	if err != nil {
		return ""
	}
	call.Header.Set("Content-Type", "application/json")
	call.Header.Set("Authorization", "Bearer "+replica.token)
	response, err := http.DefaultClient.Do(call)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	content, _ := io.ReadAll(response.Body)
	leaks.Check(string(content))
	return string(content)
}

// create opens a ticket. An empty key is none.
func (b *stateBed) create(replica *site, serviceID int, description, key string) (body string) {
	if key != "" {
		key = `, idempotencyKey: "` + key + `"`
	}
	return b.ask(replica, fmt.Sprintf(
		`mutation { createTicket(input: {serviceId: %d, subject: "Internet Lento", description: %q%s}) { ticket { ticketId } userErrors { code } } }`,
		serviceID, description, key))
}

// opened counts the tickets with a description at WispHub.
func (b *stateBed) opened(description string) (count int) {
	for _, id := range b.simulator.TicketIDs() {
		if strings.Contains(fmt.Sprint(b.simulator.Ticket(id)["descripcion"]), description) {
			count++
		}
	}
	return count
}

// untilWritable waits until both replicas carry out a write with a key.
func (b *stateBed) untilWritable(when string) bool {
	for i, replica := range b.writers {
		end := time.Now().Add(40 * time.Second)
		for {
			body := b.create(replica, b.keyIDs[stateKeys+i], "prueba", fmt.Sprint("probe-", b.probes.Add(1)))
			if strings.Contains(body, `"ticketId":`) {
				break
			}
			if time.Now().After(end) {
				b.t.Logf("%s, %s: replica %d answers %s", b.state.name, when, i, body)
				return false
			}
			_ = background.Sleep(b.t.Context(), 500*time.Millisecond)
		}
	}
	return true
}

// askForOnePlace asks for 50 tickets in a zone with one place, half at each replica.
func (b *stateBed) askForOnePlace() {
	var group sync.WaitGroup
	for i, id := range b.placeIDs {
		group.Go(func() { b.create(b.writers[i%2], id, placeText, "") })
	}
	group.Wait()
}

// askWithKeys gives each even key to both replicas at once, and half a second after the first
// answer again. It gives each odd key to A, and half a second after the answer to B.
func (b *stateBed) askWithKeys() {
	var group sync.WaitGroup
	for key := range stateKeys {
		group.Go(func() {
			answered := make(chan struct{}, 2)
			for _, replica := range b.writers[:2-key%2] {
				group.Go(func() {
					b.createWithKey(replica, key)
					answered <- struct{}{}
				})
			}
			<-answered
			if key%2 == 1 && b.state.answered != nil && b.armed.CompareAndSwap(true, false) {
				b.state.answered(b)
			}
			_ = background.Sleep(b.t.Context(), 500*time.Millisecond)
			for _, replica := range b.writers[key%2:] {
				group.Go(func() { b.createWithKey(replica, key) })
			}
		})
	}
	group.Wait()
}

func (b *stateBed) createWithKey(replica *site, key int) {
	start := time.Now()
	b.create(replica, b.keyIDs[key], keyText(key), fmt.Sprint("key-", key))
	b.mu.Lock()
	defer b.mu.Unlock()
	b.slowest = max(b.slowest, time.Since(start))
}

// accepts reports whether a replica accepts the token that is logged out at A.
func (b *stateBed) accepts(replica *site) bool {
	there := *replica
	there.token = b.ended.token
	return strings.Contains(b.ask(&there, viewerQuery), `"username":"ana"`)
}

// logOut logs out at A. It counts how often A accepts the token afterwards, and B once B has refused it.
func (b *stateBed) logOut(ctx context.Context) (wrong int) {
	if !b.accepts(b.writers[0]) || !b.accepts(b.writers[1]) {
		b.t.Errorf("%s: the token is not valid at both replicas", b.state.name)
	}
	b.ask(&b.ended, "mutation { logout }")
	known := [2]bool{true, false}
	for range 40 {
		for i, replica := range b.writers {
			accepted := b.accepts(replica)
			if known[i] && accepted {
				wrong++
			}
			known[i] = known[i] || !accepted
		}
		_ = background.Sleep(ctx, 200*time.Millisecond)
	}
	return wrong
}

// stillLoggedIn counts the replicas that accept the token although they can know of the logout:
// the store has been there for as long as a replica takes to publish again.
func (b *stateBed) stillLoggedIn() (wrong int) {
	for end := time.Now().Add(sessionsCheckInterval + 8*time.Second); time.Now().Before(end) && b.accepts(b.writers[1]); {
		_ = background.Sleep(b.t.Context(), 200*time.Millisecond)
	}
	for _, replica := range b.writers {
		if b.accepts(replica) {
			wrong++
		}
	}
	return wrong
}

// spend makes both spenders call WispHub, until ctx ends. Half of them write: reads do not spend
// the whole budget.
func (b *stateBed) spend(ctx context.Context) {
	var group sync.WaitGroup
	ids := b.spent.IDs()
	for i := 0; background.Sleep(ctx, 150*time.Millisecond) == nil; i++ {
		replica, id := b.spenders[i%2], ids[i%len(ids)]
		group.Go(func() {
			switch i / 2 % 4 {
			case 0:
				b.ask(replica, fmt.Sprintf(`{ client(by: {serviceId: %d}) { account { owed } } }`, id))
			case 1:
				b.ask(replica, fmt.Sprintf(`{ task(taskId: "%08x-0000-4000-8000-000000000000") { status } }`, i))
			default:
				b.create(replica, ids[0], "gasto", "") // without a zone, so that it needs no lock
			}
		})
	}
	group.Wait()
}

// overspent returns by how much the fullest minute exceeds the limit.
func (b *stateBed) overspent() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	first, fullest := 0, 0
	for i, at := range b.calls {
		for at.Sub(b.calls[first]) >= time.Minute {
			first++
		}
		fullest = max(fullest, i-first+1)
	}
	b.carriedOut += fmt.Sprintf(", %d calls in the fullest minute", fullest)
	return max(fullest-stateBudget, 0)
}
