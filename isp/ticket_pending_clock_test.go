package isp

import (
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
)

// Test14_15_PlaceOfAClockThatWasAhead expects a place in the store that a replica reserved while its
// clock was ahead to count no longer than any other.
func Test14_15_PlaceOfAClockThatWasAhead(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := openPendingAt(t, server.Config()), openPendingAt(t, server.Config())
	ahead := time.Now().Add(48 * time.Hour)
	batch := a.publish.batch()
	a.put(batch, 4, newPendingEntry(), pendingTicket{ServiceID: 30, Sent: ahead, Until: ahead.Add(pendingDoubt)})
	if err := batch.Send(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		read time.Duration // of the newest list
		want int
	}{{0, 1}, {pendingDoubt + time.Minute, 0}} {
		index := &ticketIndex{newest: time.Now().Add(c.read)}
		for range 2 {
			if got := b.count(t.Context(), 4, index); got != c.want {
				t.Errorf("count = %d with a list that is read %v later, want %d", got, c.read, c.want)
			}
		}
	}
}
