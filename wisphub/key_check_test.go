package wisphub

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// Test14_8_DeadlineDuringTheCheck expects a write that waits for the check of a key to outlive the
// deadline of the caller that makes the check.
func Test14_8_DeadlineDuringTheCheck(t *testing.T) {
	t.Parallel()
	withCompany(t, func(t *testing.T, api *API, upstream *wisphubtest.Server, log *companyLog) {
		api.SetKey("k2")
		upstream.SetFaults(wisphubtest.Faults{Latency: time.Second})
		ctx, leave := context.WithTimeout(t.Context(), time.Second/2)
		defer leave()
		var callers sync.WaitGroup
		callers.Go(func() { _, _ = api.Zones.List(ctx) })
		synctest.Wait()
		callers.Go(func() {
			_, err := api.Clients.Ping(t.Context(), 26, PingRequest{Pings: 4})
			must(t, err)
		})
		callers.Wait()
		log.want(t, "k2/demo-isp")
	})
}
