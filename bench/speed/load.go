package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// numbers makes each request of a fresh lane differ from all others of the run.
var numbers atomic.Int64

// caller asks one work on one connection.
type caller struct {
	server    *server
	work      work
	fresh     bool
	conn      *connection
	request   request
	latencies []time.Duration
	refused   int
}

func newCaller(s *server, w work, fresh bool, user int) (*caller, error) {
	conn, err := dial(s.host)
	if err != nil {
		return nil, err
	}
	return &caller{server: s, work: w, fresh: fresh, conn: conn, request: s.request(w, user)}, nil
}

// ask asks once and compares the answer. The latency counts from the given instant. A refusal is
// counted and is no error.
func (c *caller) ask(from time.Time) error {
	if c.fresh {
		c.request.set(firstNumber + int(numbers.Add(1)))
	}
	answer, err := c.conn.ask(c.request.bytes)
	if errors.Is(err, errRefused) {
		c.refused++
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %s: %w", c.server.name, c.work.name, err)
	}
	c.latencies = append(c.latencies, time.Since(from))
	if !bytes.Equal(answer, c.server.expected[c.work.number]) {
		return fmt.Errorf("%s: %w", c.server.name, c.explain(answer))
	}
	return nil
}

// explain says what is wrong with an answer that differs from the first one.
func (c *caller) explain(answer []byte) error {
	data, err := c.work.check(answer, c.server.serviceID)
	if err != nil {
		return err
	}
	if err := c.work.equalData(data, dataOf(c.server.expected[c.work.number])); err != nil {
		return err
	}
	return fmt.Errorf("%w: %s: the bytes beside the data changed", errWrong, c.work.name)
}

// crowd is callers that ask at the same time.
type crowd []*caller

func newCrowd(s *server, w work, fresh bool, size int) (crowd, error) {
	var all crowd
	for user := range size {
		c, err := newCaller(s, w, fresh, user)
		if err != nil {
			all.close()
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

func (all crowd) close() {
	for _, c := range all {
		c.conn.close()
	}
}

// run lets each caller do its part. It returns the first error, which stops the others.
func (all crowd) run(ctx context.Context, part func(ctx context.Context, c *caller) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var group sync.WaitGroup
	for _, c := range all {
		group.Go(func() {
			if err := part(ctx, c); err != nil {
				cancel(err)
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}

// closed lets each caller ask again as soon as it has an answer.
func (all crowd) closed(ctx context.Context, duration time.Duration) error {
	end := time.Now().Add(duration)
	return all.run(ctx, func(ctx context.Context, c *caller) error {
		for now := time.Now(); now.Before(end) && ctx.Err() == nil; now = time.Now() {
			if err := c.ask(now); err != nil {
				return err
			}
		}
		return nil
	})
}

// greet asks once with each caller. The facade closes new connections that stay silent, but waits
// longer for the next request of one that it knows.
func (all crowd) greet(ctx context.Context) error {
	return all.run(ctx, func(_ context.Context, c *caller) error { return c.ask(time.Now()) })
}

// take returns the latencies so far, sorted, and how many requests were refused, and forgets both.
func (all crowd) take() (latencies []time.Duration, refused int) {
	for _, c := range all {
		latencies = append(latencies, c.latencies...)
		refused += c.refused
		c.latencies, c.refused = c.latencies[:0], 0
	}
	slices.Sort(latencies)
	return latencies, refused
}
