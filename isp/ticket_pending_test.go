package isp

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/ratelimit"
)

// remember has the hour begin with so many calls spent by another process, two minutes ago.
func (w *bubble) remember(calls int) {
	spent := make([]ratelimit.Call, calls)
	for i := range spent {
		spent[i] = ratelimit.Call{ID: strconv.Itoa(i), At: time.Now().Add(-2 * time.Minute)}
	}
	w.api.Restore(spent)
}

// A first list that the rest of the hour does not hold comes when there is room; who polls for it does not take from those
// who look up one client.
func TestColdListLeavesTheReserve(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newBubble(t, 60_000, func(*Config) {})
		w.remember(700)
		began := time.Now()
		var came time.Duration
		polled := make(chan struct{})
		go func() {
			defer close(polled)
			w.poll(1, 65*time.Minute, func(_ *ClientConnection, _ time.Duration, err error) {
				if err == nil && came == 0 {
					came = time.Since(began)
				}
			})
		}()
		for id := 1; id <= 60; id++ {
			time.Sleep(time.Minute)
			if _, err := w.provider.Clients.Get(t.Context(), id); err != nil {
				t.Errorf("Get(%d) = %v after %v", id, err, time.Since(began))
			}
		}
		<-polled
		if came == 0 {
			t.Error("the list did not come though there was room")
		}
		w.wantCallsAtMost(60 + 201 + 150)
	})
}

// Whoever refreshes the list all the time spends what is for that, and not the reserve.
func TestRefreshesLeaveTheReserve(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newBubble(t, 3000, func(*Config) {})
		if err := w.provider.Clients.Warm(t.Context()); err != nil {
			t.Fatal(err)
		}
		refused := 0
		for range 340 {
			if err := w.provider.Refresh(t.Context(), ResourceClients); err != nil {
				wantErrorIs(t, "Refresh()", err, ErrRateLimited)
				refused++
			}
			time.Sleep(10 * time.Second)
		}
		if spent := w.api.Usage().LastHour; spent > 800 || refused == 0 {
			t.Errorf("%d calls are spent and %d refreshes refused, want at most 800 and some", spent, refused)
		}
	})
}
