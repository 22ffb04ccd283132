package isp

import (
	"slices"
	"testing"
	"testing/synctest"

	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
)

// A list that changes while it is read is read anew, or the old one stays as it was.
func TestRefreshIsWholeOrOld(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		faults wisphubtest.Faults
		whole  bool
	}{
		{"a client appears once", wisphubtest.Faults{AppearBetweenPages: true, ChangeOnce: true}, true},
		{"a client vanishes once", wisphubtest.Faults{VanishBetweenPages: true, ChangeOnce: true}, true},
		{"one appears and one vanishes", wisphubtest.Faults{AppearBetweenPages: true, VanishBetweenPages: true, ChangeOnce: true}, true},
		{"clients appear each time", wisphubtest.Faults{AppearBetweenPages: true}, false},
		{"clients vanish each time", wisphubtest.Faults{VanishBetweenPages: true}, false},
		{"the count is wrong", wisphubtest.Faults{WrongTotal: 2}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			upstream, provider := open(t, 400)
			before := lookAt(t, provider)
			list := [][]int{upstream.IDs()}
			upstream.SetFaults(test.faults)
			err := refresh(t, provider)
			after := lookAt(t, provider)
			list = append(list, upstream.IDs())
			if test.whole {
				if err != nil || after == before || !slices.ContainsFunc(list, func(ids []int) bool { return slices.Equal(ids, idsOf(after.clients)) }) {
					t.Errorf("refresh = %v, %d clients, want a list that upstream had", err, len(after.clients))
				}
				return
			}
			wantErrorIs(t, "refresh", err, wisphub.ErrListChanged)
			if after != before {
				t.Errorf("the directory of %v gave way to that of %v, want the old one", before.asOf, after.asOf)
			}
		})
	}
}

// On a bad day a reading is whole or fails, and one that fails leaves the last good one in its place.
func TestRefreshOnABadDay(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 700)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		upstream.SetFaults(wisphubtest.Faults{ErrorRate: 0.3, TruncateRate: 0.1, HTMLRate: 0.1, TooManyRate: 0.1})
		good := 0
		for range 4 {
			before, _ := provider.Clients.directory.Peek(struct{}{})
			if err := refresh(t, provider); err != nil {
				if after, _ := provider.Clients.directory.Peek(struct{}{}); after.Value != before.Value {
					t.Errorf("a refresh that failed (%v) replaced the directory", err)
				}
				continue
			}
			good++
			if got, want := idsOf(lookAt(t, provider).clients), upstream.IDs(); !slices.Equal(got, want) {
				t.Errorf("the directory holds %d clients, want the %d of upstream", len(got), len(want))
			}
		}
		if good == 0 {
			t.Error("none of 4 readings was whole, want most: failed pages are asked again")
		}
	})
}

func TestRefreshRefusedKeepsTheOld(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 400)
	before := lookAt(t, provider)
	upstream.Reset()
	upstream.Forbid("/api/clientes/")
	wantErrorIs(t, "refresh", refresh(t, provider), wisphub.ErrForbidden)
	wantCalls(t, upstream, 1)
	if after := lookAt(t, provider); after != before {
		t.Error("a refused refresh replaced the directory")
	}
}

// A provider that has no clients has an empty directory, which is not a failure.
func TestCrawlOfNobody(t *testing.T) {
	t.Parallel()
	provider, _ := connect(t, host(t, literal(`{"count":0,"next":null,"previous":null,"results":[]}`)))
	page, err := provider.Clients.List(t.Context(), ClientQuery{})
	if err != nil || page.TotalCount != 0 || len(page.Nodes) != 0 || page.Stats().TotalDebt.String() != "0.00" {
		t.Errorf("List() = %+v, %v, want an empty page", page, err)
	}
}
