package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/background"
	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/wisphub/wisphubtest"
)

// storeState is what happens to the store of two replicas, A and B. Each function may be nil.
type storeState struct {
	name     string
	before   func(b *stateBed)                      // before the callers ask
	during   func(ctx context.Context, b *stateBed) // beside them
	sent     func(b *stateBed)                      // when a ticket arrives at WispHub, until heal
	answered func(b *stateBed)                      // once, when A has answered a key that B gets next
	works    bool                                   // each write must be carried out
}

func storeStates() []storeState {
	slow := func(delay time.Duration) func(*stateBed) {
		return func(b *stateBed) {
			b.proxies[0].Delay(delay)
			b.proxies[1].Delay(delay)
		}
	}
	flush := func(b *stateBed) { _, _ = b.store.Do("FLUSHALL") }
	const midWrite = time.Second // WispHub's answer comes so long after the fault
	return []storeState{
		{name: "killed", before: func(b *stateBed) { b.store.Kill() }},
		{name: "restarted empty", before: func(b *stateBed) {
			b.store.Kill()
			b.store.Restart()
		}},
		{name: "stopped", before: func(b *stateBed) { b.store.Freeze() }},
		{name: "+200 ms", before: slow(200 * time.Millisecond), works: true},
		{name: "+300 ms", before: slow(300 * time.Millisecond), works: true},
		{name: "+500 ms", before: slow(500 * time.Millisecond), works: true},
		{name: "flushed once", answered: flush},
		{name: "flushed every 5 s", before: flush, during: func(ctx context.Context, b *stateBed) {
			for background.Sleep(ctx, 5*time.Second) == nil {
				flush(b)
			}
		}},
		{name: "A cut off before", before: func(b *stateBed) { b.proxies[0].Cut() }},
		{name: "A cut off during", sent: func(b *stateBed) {
			b.proxies[0].Cut()
			time.Sleep(midWrite)
		}},
		{name: "A flapping", during: func(ctx context.Context, b *stateBed) {
			for ctx.Err() == nil {
				b.proxies[0].Cut()
				_ = background.Sleep(ctx, 700*time.Millisecond)
				b.proxies[0].Mend()
				_ = background.Sleep(ctx, 1500*time.Millisecond)
			}
		}},
		{name: "flushed in mid-write", sent: func(b *stateBed) {
			flush(b)
			time.Sleep(midWrite)
		}},
	}
}

// heal ends what a state does to the store.
func (b *stateBed) heal() {
	if strings.Contains(b.state.name, "stopped") {
		b.store.Thaw()
	}
	if strings.Contains(b.state.name, "killed") {
		b.store.Restart()
	}
	for _, proxy := range b.proxies {
		proxy.Delay(0)
		proxy.Mend()
	}
}

// violations counts what must never be.
type violations struct {
	tickets int // opened in a zone, above its one place
	keys    int // tickets of a key, above the first
	logout  int // answers to a token after its end
	budget  int // calls in a minute, above the limit
}

// TestReplicas_StoreStates runs twelve states of the store at once, each with two pairs of
// replicas: one writes and logs out, one spends a small budget.
func TestReplicas_StoreStates(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: takes a minute")
	}
	t.Parallel()
	var group sync.WaitGroup
	beds, found := []*stateBed{}, make([]violations, len(storeStates()))
	for _, state := range storeStates() {
		beds = append(beds, newStateBed(t, state))
	}
	for i, b := range beds {
		group.Go(func() { found[i] = b.run() })
	}
	group.Wait()
	table := fmt.Sprintf("%-22s%9s%6s%8s%8s   %s\n", "state", "tickets", "keys", "logout", "budget", "carried out")
	for i, b := range beds {
		v := found[i]
		table += fmt.Sprintf("%-22s%9d%6d%8d%8d   %s\n", b.state.name, v.tickets, v.keys, v.logout, v.budget, b.carriedOut)
		if v != (violations{}) {
			t.Errorf("%s: %+v, want no violations", b.state.name, v)
		}
	}
	t.Log("violations by state of the store\n" + table)
}

// run returns the violations of one state.
func (b *stateBed) run() (found violations) {
	spending, stopSpending := context.WithCancel(b.t.Context())
	var spender sync.WaitGroup
	spender.Go(func() { b.spend(spending) })
	if !b.untilWritable("before the fault") {
		b.t.Errorf("%s: no write is carried out before the fault", b.state.name)
	}
	b.armed.Store(true)
	if b.state.before != nil {
		b.state.before(b)
	}
	asking, stopAsking := context.WithCancel(b.t.Context())
	var fault, columns sync.WaitGroup
	if b.state.during != nil {
		fault.Go(func() { b.state.during(asking, b) })
	}
	columns.Go(func() { b.askForOnePlace() })
	columns.Go(func() { b.askWithKeys() })
	columns.Go(func() { found.logout = b.logOut(asking) })
	columns.Wait()
	b.noteCarriedOut()
	b.armed.Store(false)
	stopAsking()
	fault.Wait()
	b.heal()
	if !b.untilWritable("after the fault") {
		b.t.Errorf("%s: no write is carried out after the fault", b.state.name)
	}
	b.askForOnePlace()
	b.askWithKeys()
	found.logout += b.stillLoggedIn()
	found.tickets = max(b.opened(placeText)-1, 0)
	for key := range stateKeys {
		found.keys += max(b.opened(keyText(key))-1, 0)
	}
	stopSpending()
	spender.Wait()
	found.budget = b.overspent()
	return found
}

// noteCarriedOut says how many of the writes were carried out during the fault.
func (b *stateBed) noteCarriedOut() {
	keys := 0
	for key := range stateKeys {
		keys += min(b.opened(keyText(key)), 1)
	}
	place := min(b.opened(placeText), 1)
	b.carriedOut = fmt.Sprintf("%d of 1 place, %d of %d keys, slowest %v", place, keys, stateKeys, b.slowest.Round(10*time.Millisecond))
	if b.state.works && place+keys < 1+stateKeys {
		b.t.Errorf("%s: %s, want all", b.state.name, b.carriedOut)
	}
}

// newStateBed starts a store, a proxy for each replica, and the replicas.
func newStateBed(t *testing.T, state storeState) *stateBed {
	t.Helper()
	b := &stateBed{t: t, state: state, store: cachetest.StartServer(t)}
	b.proxies = [2]*cachetest.Proxy{cachetest.StartProxy(t, b.store), cachetest.StartProxy(t, b.store)}
	b.writers = b.startPair(b.newUpstream(&b.simulator, b.sawWrite), "/0", map[string]string{
		"MAX_ACTIVE_TICKETS_PER_ZONE": "1", "UPSTREAM_MINUTE_LIMIT": "10000", "UPSTREAM_HOUR_LIMIT": "100000",
	})
	b.spenders = b.startPair(b.newUpstream(&b.spent, b.sawCall), "/1", map[string]string{
		"UPSTREAM_MINUTE_LIMIT": fmt.Sprint(stateBudget), "UPSTREAM_HOUR_LIMIT": "100000",
	})
	b.placeIDs = moveToZone(b.simulator, 77, 50)
	b.keyIDs = b.simulator.IDs()[50 : 50+stateKeys+2]
	for _, id := range b.keyIDs {
		leaveZone(b.simulator, id) // so that no full zone hides a second ticket
	}
	leaveZone(b.spent, b.spent.IDs()[0])
	b.ended = *b.writers[0]
	b.ended.login("ana", testPassword)
	for _, replica := range b.writers {
		replica.query(`{ clients { totalCount } tickets { totalCount } }`, nil)
	}
	return b
}

// leaveZone takes a client of the simulator out of its zone.
func leaveZone(simulator *wisphubtest.Server, id int) {
	row := simulator.Row(id)
	row["zona"] = nil
	simulator.PutRow(row)
}
