package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"wisphub-graphql/background"
)

// beside is what happens to the facade during an open loop.
type beside struct {
	name string
	// ready waits until act may be called. It is nil when there is nothing to wait for.
	ready func(ctx context.Context, s *server) error
	// act is called once a second. Nil does nothing.
	act func(ctx context.Context, s *server) error
	// once ends the loop when act has returned, but after a second at the earliest. What follows
	// would dilute the latencies.
	once bool
}

var besides = []beside{
	{name: "nothing"},
	{name: "a refresh of all clients", ready: awaitRefresh, act: refresh, once: true},
	{name: "50 writes in a burst", act: writeBurst},
}

// refreshGap is a bit longer than the facade refuses another refresh.
const refreshGap = 10*time.Second + 500*time.Millisecond

func awaitRefresh(ctx context.Context, s *server) error {
	return background.Sleep(ctx, time.Until(s.refreshed.Add(refreshGap)))
}

// refreshWait is a bit shorter than the facade waits for a refresh before it answers.
const refreshWait = 9 * time.Second

// refresh reads all clients again, and returns when the new list is there. The age of the list has
// whole seconds, so that it tells of long refreshes only.
func refresh(ctx context.Context, s *server) error {
	before, err := s.asOf(ctx)
	if err != nil {
		return err
	}
	s.refreshed = time.Now()
	if err := s.query(ctx, "mutation{refresh(resource:CLIENTS){upstreamHealthy}}", new(any)); err != nil {
		return err
	}
	for time.Since(s.refreshed) > refreshWait {
		after, err := s.asOf(ctx)
		if err != nil || after.After(before) {
			return err
		}
		if time.Since(s.refreshed) > askTimeout {
			return fmt.Errorf("the refresh takes longer than %v", askTimeout)
		}
		if err := background.Sleep(ctx, 20*time.Millisecond); err != nil { // it goes on in the background
			return err
		}
	}
	return nil
}

// asOf returns how old the list of clients is.
func (s *server) asOf(ctx context.Context) (time.Time, error) {
	var data struct{ Clients struct{ AsOf time.Time } }
	err := s.query(ctx, "{clients(first:1){asOf}}", &data)
	return data.Clients.AsOf, err
}

const burstSize = 50

// writeBurst changes clients at once, and then expects their new values. It changes a field that the
// works of the open loop do not select, so that their answers stay the same.
func writeBurst(ctx context.Context, s *server) error {
	ids, err := s.serviceIDs(ctx, 2000)
	if err != nil {
		return err
	}
	number := numbers.Add(1)
	locality := func(id int) string { return fmt.Sprintf("Barrio %d de %d", number, id) }
	written := make([]int, burstSize)
	errs := make([]error, burstSize)
	var group sync.WaitGroup
	for i := range written {
		written[i] = ids[i*len(ids)/burstSize]
		group.Go(func() { errs[i] = s.write(ctx, written[i], locality(written[i])) })
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return s.expectLocalities(ctx, written, locality)
}

func (s *server) write(ctx context.Context, id int, locality string) error {
	var data struct {
		UpdateClient struct {
			Client     *struct{ Locality string }
			UserErrors []json.RawMessage
		}
	}
	document := fmt.Sprintf("mutation{updateClient(input:{serviceId:%d,locality:%q}){client{locality} userErrors{message}}}", id, locality)
	if err := s.query(ctx, document, &data); err != nil {
		return err
	}
	if got := data.UpdateClient.Client; got == nil || got.Locality != locality {
		return fmt.Errorf("%w: updateClient of %d: %v %s, want %q", errWrong, id, got, data.UpdateClient.UserErrors, locality)
	}
	return nil
}

// maxRoots is how many root fields the facade allows.
const maxRoots = 10

// expectLocalities asks for all written clients with the same documents each time, so that an answer
// from before the writes would be noticed.
func (s *server) expectLocalities(ctx context.Context, ids []int, locality func(id int) string) error {
	for some := range slices.Chunk(ids, maxRoots) {
		var document strings.Builder
		for _, id := range some {
			fmt.Fprintf(&document, "c%d:client(by:{serviceId:%d}){locality} ", id, id)
		}
		var data map[string]struct{ Locality string }
		if err := s.query(ctx, "{"+document.String()+"}", &data); err != nil {
			return err
		}
		for _, id := range some {
			if got := data[fmt.Sprint("c", id)].Locality; got != locality(id) {
				return fmt.Errorf("%w: client %d has the locality %q after its write, want %q", errWrong, id, got, locality(id))
			}
		}
	}
	return nil
}
