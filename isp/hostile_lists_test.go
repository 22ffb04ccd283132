package isp

import (
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// Lists that became too large leave the old ones in their place, and the log says so. Rows with one
// overlong text stay, without the text.
func Test15_3_OldListStays(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 20)
	synctest.Test(t, func(t *testing.T) {
		provider, log := connect(t, address)
		clients := func() (int, error) {
			list, err := provider.Clients.List(t.Context(), ClientQuery{})
			if err != nil {
				return 0, err
			}
			return list.TotalCount, nil
		}
		zones := func() (int, error) { return length(provider.Zones.List(t.Context())) }
		wantClients, _ := clients()
		wantZones, _ := zones()
		for _, bloat := range []int{450_000, 20_000} {
			upstream.SetFaults(wisphubtest.Faults{BloatRows: bloat})
			for range 2 {
				time.Sleep(time.Hour)
				if n, err := clients(); err != nil || n != wantClients || n == 0 {
					t.Errorf("clients = %d, %v with rows of %d bytes, want %d", n, err, bloat, wantClients)
				}
				if n, err := zones(); err != nil || n != wantZones || n == 0 {
					t.Errorf("zones = %d, %v with rows of %d bytes, want %d", n, err, bloat, wantZones)
				}
				synctest.Wait() // for the refreshes behind
			}
		}
		if len(log.matching("refresh failed", "answer exceeds 8192 kB")) == 0 {
			t.Error("no failed refresh was logged, want one")
		}
		if len(log.matching("beyond the length of their field", `"comentarios":20`)) == 0 {
			t.Error("no overlong texts were logged, want a line")
		}
	})
}
