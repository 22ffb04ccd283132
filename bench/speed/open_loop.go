package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// maxBehind is how many requests may wait for a user's connection.
const maxBehind = 10_000

// open lets requests arrive at random instants, however long the answers take, until ended is
// closed. Latencies count from the instant at which a request was due, so that a server that stops
// for a second is charged for all requests of that second.
func (all crowd) open(ctx context.Context, rate int, ended <-chan struct{}) error {
	ctx, cancel := context.WithCancel(ctx)
	queues := make([]chan time.Time, len(all))
	queueOf := map[*caller]chan time.Time{}
	for i, c := range all {
		queues[i] = make(chan time.Time, maxBehind)
		queueOf[c] = queues[i]
	}
	var behind error
	var group sync.WaitGroup
	group.Go(func() {
		if behind = arrive(ctx, queues, rate, ended); behind != nil {
			cancel()
		}
	})
	err := all.run(ctx, func(ctx context.Context, c *caller) error { return c.serve(ctx, queueOf[c]) })
	cancel()
	group.Wait()
	if behind != nil {
		return behind
	}
	return err
}

// serve asks for each instant of a queue, until the queue is closed and empty.
func (c *caller) serve(ctx context.Context, due <-chan time.Time) error {
	for {
		select {
		case at, ok := <-due:
			if !ok {
				return nil
			}
			if err := c.ask(at); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// arrive puts instants into the queues of random users, with gaps as independent users leave them
// (a Poisson process). It closes the queues at the end.
func arrive(ctx context.Context, queues []chan time.Time, rate int, ended <-chan struct{}) error {
	defer func() {
		for _, queue := range queues {
			close(queue)
		}
	}()
	random := rand.New(rand.NewPCG(1, uint64(rate)))
	for at := time.Now(); ; {
		at = at.Add(time.Duration(random.ExpFloat64() * float64(time.Second) / float64(rate)))
		pauseUntil(at)
		select {
		case <-ended:
			return nil
		case <-ctx.Done():
			return nil
		default:
		}
		select {
		case queues[random.IntN(len(queues))] <- at:
		default:
			return fmt.Errorf("a user's connection is %d requests behind", maxBehind)
		}
	}
}
