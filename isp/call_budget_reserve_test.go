package isp

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/ratelimit"
)

// restore adds calls of another process, two minutes ago.
func (b *bubble) restore(calls int) {
	spent := make([]ratelimit.Call, calls)
	for i := range spent {
		spent[i] = ratelimit.Call{ID: strconv.Itoa(i), At: time.Now().Add(-2 * time.Minute)}
	}
	b.api.Restore(spent)
}

// A first list of which the hour's other calls leave room is read at once. Polling for it leaves the
// calls that are reserved for look-ups.
func TestCallBudget_ColdListLeavesTheReserve(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, 60_000, func(*Config) {})
		b.restore(700)
		began := time.Now()
		var loadedAfter time.Duration
		polled := make(chan struct{})
		go func() {
			defer close(polled)
			b.poll(1, 65*time.Minute, func(_ *ClientConnection, _ time.Duration, err error) {
				if err == nil && loadedAfter == 0 {
					loadedAfter = time.Since(began)
				}
			})
		}()
		for id := 1; id <= 60; id++ {
			time.Sleep(time.Minute)
			if _, err := b.provider.Clients.Get(t.Context(), id); err != nil {
				t.Errorf("Get(%d) = %v after %v", id, err, time.Since(began))
			}
		}
		<-polled
		if loadedAfter == 0 {
			t.Error("the list was not loaded although the budget had room")
		}
		b.wantCallsAtMost(60 + 201 + 201) // the list is read at once, and once more within the hour
	})
}

// Constant refreshes of the list leave the reserve.
func TestCallBudget_RefreshesLeaveTheReserve(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, 3000, func(*Config) {})
		if err := b.provider.Clients.Warm(t.Context()); err != nil {
			t.Fatal(err)
		}
		refused := 0
		for range 340 {
			if err := b.provider.Refresh(t.Context(), ResourceClients); err != nil {
				wantErrorIs(t, "Refresh()", err, ErrRateLimited)
				refused++
			}
			time.Sleep(10 * time.Second)
		}
		if spent := b.api.Usage().LastHour; spent > 800 || refused == 0 {
			t.Errorf("%d calls in the last hour and %d refused refreshes, want at most 800 and some", spent, refused)
		}
	})
}
