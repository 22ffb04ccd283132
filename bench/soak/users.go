package main

import (
	"context"
	"sync"
	"time"

	"wisphub-graphql/background"
)

// searchWords are what every fourth user searches for: a frequent word, a rare one, two words, and
// one that no client has.
var searchWords = []string{"maria", "rodriguez", "carlos gomez", "zzz"}

// user polls as a dashboard does.
type user struct {
	number  int
	soak    *soak
	queries sync.WaitGroup
}

func (s *soak) newUser(number int) *user { return &user{number: number, soak: s} }

// query returns the n-th question of the user. Every fourth user searches. With -mix, each user
// turns from lists to single clients, tickets and plans.
func (u *user) query(n int) query {
	if u.soak.options.mix {
		switch n % 5 {
		case 1, 2:
			ids := u.soak.upstream.ServiceIDs
			return newQuery(clientKind, ids[(u.number*7919+n*104729)%len(ids)]) // primes, so that the ids vary
		case 3:
			return newQuery(ticketsKind, pageSize)
		case 4:
			return newQuery(plansKind)
		}
	}
	if u.number%4 == 3 {
		return newQuery(searchKind, pageSize, searchWords[u.number/4%len(searchWords)])
	}
	return newQuery(listKind, pageSize)
}

// poll sends queries at fixed times until ctx ends, then waits for the answers. A slow answer does
// not delay the next query, because that would hide slow answers from the results.
func (u *user) poll(ctx context.Context) {
	defer u.queries.Wait()
	// Stagger the users over the interval.
	delay := u.soak.options.every * time.Duration(u.number) / time.Duration(u.soak.options.users)
	if background.Sleep(ctx, delay) != nil {
		return
	}
	ticker := time.NewTicker(u.soak.options.every)
	defer ticker.Stop()
	for n := 0; ; n++ {
		u.queries.Go(func() { u.sendQuery(n) })
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// sendQuery sends one query to the next running replica and records the result.
func (u *user) sendQuery(n int) {
	r, p := u.soak.pick(u.number + n)
	if p == nil {
		u.soak.recorder.addUnsent()
		return
	}
	// Read this before sending: a query that waits for the first directory is not warm.
	warm := p.warm.Load()
	token, err := r.session.get(u.soak.client, p.Address)
	query := u.query(n)
	start := time.Now()
	result := sample{warm: warm, kind: query.kind, err: err}
	if err == nil {
		result.list, result.err = query.send(u.soak.client, p.Address, token)
	}
	result.latency = time.Since(start)
	if !result.list.asOf.IsZero() {
		result.age = time.Since(result.list.asOf)
	}
	result.killed = result.err != nil && p.Stopping()
	if result.err == nil && query.kind == listKind && p.warm.CompareAndSwap(false, true) {
		u.soak.recorder.addWarmUp(r.number, time.Since(p.Started))
	}
	u.soak.recorder.add(result)
}

// pick returns the n-th replica in turn, or the next running one. Both are nil when none is
// running.
func (s *soak) pick(n int) (*replica, *process) {
	for i := range s.replicas {
		r := s.replicas[(n+i)%len(s.replicas)]
		if p := r.current(); p != nil {
			return r, p
		}
	}
	return nil, nil
}

// sample is the result of one query.
type sample struct {
	kind    kind
	latency time.Duration
	age     time.Duration // age of the list when it arrived
	list    clientList    // zero after an error
	err     error
	warm    bool // the process had answered a list before
	killed  bool // failed because the process was told to end, which is not the facade's fault
}

// recorder collects samples. The zero value is ready; it is safe for concurrent use.
type recorder struct {
	mu      sync.Mutex // guards the fields below
	samples []sample
	unsent  int // queries without a running replica
	warmUps []warmUp
}

// warmUp is the time from a replica's start to its first list.
type warmUp struct {
	replica  int
	duration time.Duration
}

func (r *recorder) add(s sample) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.samples = append(r.samples, s)
}

func (r *recorder) addUnsent() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unsent++
}

func (r *recorder) addWarmUp(replica int, duration time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.warmUps = append(r.warmUps, warmUp{replica, duration})
}
