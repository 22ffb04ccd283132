package main

import (
	"context"
	"sync"
	"time"
)

// searchWords are looked for by every fourth user: frequent, rare, two words, none.
var searchWords = []string{"maria", "rodriguez", "carlos gomez", "zzz"}

// user polls as one dashboard does.
type user struct {
	number  int
	soak    *soak
	query   query
	queries sync.WaitGroup
}

func (s *soak) newUser(number int) *user {
	u := &user{number: number, soak: s, query: newQuery("")}
	if number%4 == 3 {
		u.query = newQuery(searchWords[number/4%len(searchWords)])
	}
	return u
}

// poll asks at fixed times until ctx ends and waits for the answers. A slow answer does not put off the next query: users
// who wait would hide from the figures how long.
func (u *user) poll(ctx context.Context) {
	defer u.queries.Wait()
	// Spread over the interval: all at once is not how users come.
	delay := u.soak.options.every * time.Duration(u.number) / time.Duration(u.soak.options.users)
	if !sleep(ctx, delay) {
		return
	}
	ticker := time.NewTicker(u.soak.options.every)
	defer ticker.Stop()
	for n := 0; ; n++ {
		u.queries.Go(func() { u.ask(n) })
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// ask sends one query to the next replica that is up and records what came of it.
func (u *user) ask(n int) {
	r, p := u.soak.pick(u.number + n)
	if p == nil {
		u.soak.recorder.unsent()
		return
	}
	// Of the process and not of the answer: a query that waits for the first reading is not a warm one.
	warm := p.warm.Load()
	token, err := r.session.get(u.soak.client, p.address)
	began := time.Now()
	seen := sample{warm: warm, searched: u.query.search != "", err: err}
	if err == nil {
		seen.list, seen.err = u.query.send(u.soak.client, p.address, token)
	}
	seen.took = time.Since(began)
	seen.age = time.Since(seen.list.asOf)
	seen.cut = seen.err != nil && p.asked.Load()
	if seen.err == nil && p.warm.CompareAndSwap(false, true) {
		u.soak.recorder.warmed(r.number, time.Since(p.began))
	}
	u.soak.recorder.add(seen)
}

// pick returns the n-th replica in turn, or the next that is up. Both are nil when none is.
func (s *soak) pick(n int) (*replica, *process) {
	for i := range s.replicas {
		r := s.replicas[(n+i)%len(s.replicas)]
		if p := r.current(); p != nil {
			return r, p
		}
	}
	return nil, nil
}

// sample is what came of one query.
type sample struct {
	took     time.Duration
	age      time.Duration // of the list, when it arrived
	list     clientList    // zero after an error
	err      error
	warm     bool // the process had answered a list before
	searched bool
	cut      bool // by the kill, which is no mistake of the facade
}

// recorder collects samples. The zero value is ready; it is safe for concurrent use.
type recorder struct {
	mu      sync.Mutex // guards what follows
	samples []sample
	skipped int // queries that no replica was there for
	warmUps []warmUp
}

// warmUp is how long a replica took from its start to its first list.
type warmUp struct {
	replica int
	took    time.Duration
}

func (r *recorder) add(s sample) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.samples = append(r.samples, s)
}

func (r *recorder) unsent() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.skipped++
}

func (r *recorder) warmed(replica int, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.warmUps = append(r.warmUps, warmUp{replica, took})
}
