package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"wisphub-graphql/background"
)

// maxBehind is how many requests may wait for a user's connection.
const maxBehind = 10_000

// window is the time in which requests arrive.
type window struct {
	ended chan struct{}
	end   time.Time // read it after ended is closed
}

// close ends the window now.
func (w *window) close() {
	w.end = time.Now()
	close(w.ended)
}

// has reports whether an instant is in the window, which may be open still.
func (w *window) has(at time.Time) bool {
	select {
	case <-w.ended:
		return !at.After(w.end)
	default:
		return true
	}
}

// open lets requests arrive at random instants of the window, however long the answers take. Latencies count from the instant at which a request was due, so that a server that stops
// for a second is charged for all requests of that second.
func (all crowd) open(ctx context.Context, rate int, during *window) error {
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
		if behind = arrive(ctx, queues, rate, during); behind != nil {
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
func arrive(ctx context.Context, queues []chan time.Time, rate int, during *window) error {
	defer func() {
		for _, queue := range queues {
			close(queue)
		}
	}()
	random := rand.New(rand.NewPCG(1, uint64(rate)))
	for at := time.Now(); ; {
		at = at.Add(time.Duration(random.ExpFloat64() * float64(time.Second) / float64(rate)))
		if background.Sleep(ctx, time.Until(at)) != nil || !during.has(at) {
			return nil
		}
		select {
		case queues[random.IntN(len(queues))] <- at:
		default:
			return fmt.Errorf("a user's connection is %d requests behind", maxBehind)
		}
	}
}
