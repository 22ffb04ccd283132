package isp

import (
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// A catalogue that is not whole leaves the old one in its place.
func Test13_1_OldCatalogueStays(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string]wisphubtest.Faults{
		"an empty page":       {EmptyPage: true},
		"no count":            {NoTotal: true},
		"a repeated last row": {RepeatLastRow: true},
		"two rows missing":    {WrongTotal: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			upstream, address := simulate(t, 1)
			synctest.Test(t, func(t *testing.T) {
				provider, log := connect(t, address)
				lists := map[string]func() (int, error){
					"zones":           func() (int, error) { return length(provider.Zones.List(t.Context())) },
					"plans":           func() (int, error) { return length(provider.Plans.List(t.Context(), nil)) },
					"routers":         func() (int, error) { return length(provider.Routers.List(t.Context())) },
					"staff":           func() (int, error) { return length(provider.Staff.List(t.Context())) },
					"payment methods": func() (int, error) { return length(provider.PaymentMethods.List(t.Context())) },
					"subjects":        func() (int, error) { return length(provider.Subjects.List(t.Context())) },
				}
				before := map[string]int{}
				for list, read := range lists {
					before[list], _ = read()
				}
				upstream.SetFaults(faults)
				for range 3 {
					time.Sleep(time.Hour)
					for list, read := range lists {
						if n, err := read(); err != nil || n != before[list] || n == 0 {
							t.Errorf("%s = %d rows, %v, want the old %d", list, n, err, before[list])
						}
					}
					synctest.Wait() // for the refreshes behind
				}
				if len(log.matching("refresh failed", "zones")) == 0 {
					t.Error("no failed refresh of zones was logged, want one")
				}
			})
		})
	}
}

func length[T any](rows []T, err error) (int, error) { return len(rows), err }
