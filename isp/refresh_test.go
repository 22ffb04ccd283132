package isp

import (
	"slices"
	"testing"
	"testing/synctest"

	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
)

// If the list changes during a crawl, the crawl starts again or fails, and the old directory
// stays.
func TestRefresh_IsCompleteOrFails(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		faults   wisphubtest.Faults
		complete bool
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
			before := loadedDirectory(t, provider)
			lists := [][]int{upstream.IDs()}
			upstream.SetFaults(test.faults)
			err := refresh(t, provider)
			after := loadedDirectory(t, provider)
			lists = append(lists, upstream.IDs())
			if test.complete {
				if err != nil || after == before || !slices.ContainsFunc(lists, func(ids []int) bool { return slices.Equal(ids, idsOf(after.clients)) }) {
					t.Errorf("refresh() = %v, %d clients, want the list before or after the change", err, len(after.clients))
				}
				return
			}
			wantErrorIs(t, "refresh()", err, wisphub.ErrListChanged)
			if after != before {
				t.Errorf("the directory of %v replaced that of %v, want the old one", after.asOf, before.asOf)
			}
		})
	}
}

// With many upstream faults, a crawl is complete or fails. After a failed crawl the old
// directory stays.
func TestRefresh_ManyFaults(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 700)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		upstream.SetFaults(wisphubtest.Faults{ErrorRate: 0.3, TruncateRate: 0.1, HTMLRate: 0.1, TooManyRate: 0.1})
		complete := 0
		for range 4 {
			before, _ := provider.Clients.directory.Peek(struct{}{})
			if err := refresh(t, provider); err != nil {
				if after, _ := provider.Clients.directory.Peek(struct{}{}); after.Value != before.Value {
					t.Errorf("a failed refresh (%v) replaced the directory, want the old one", err)
				}
				continue
			}
			complete++
			if got, want := idsOf(loadedDirectory(t, provider).clients), upstream.IDs(); !slices.Equal(got, want) {
				t.Errorf("the directory has %d clients, want the %d of upstream", len(got), len(want))
			}
		}
		if complete == 0 {
			t.Error("none of 4 crawls was complete, want most: failed pages are retried")
		}
	})
}

func TestRefresh_ForbiddenKeepsDirectory(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 400)
	before := loadedDirectory(t, provider)
	upstream.Reset()
	upstream.Forbid("/api/clientes/")
	wantErrorIs(t, "refresh()", refresh(t, provider), wisphub.ErrForbidden)
	wantCalls(t, upstream, 1)
	if after := loadedDirectory(t, provider); after != before {
		t.Error("a forbidden refresh replaced the directory, want the old one")
	}
}

// A provider without clients has an empty directory. That is not a failure.
func TestClients_ListOfNoClients(t *testing.T) {
	t.Parallel()
	provider, _ := connect(t, serve(t, respondJSON(`{"count":0,"next":null,"previous":null,"results":[]}`)))
	page, err := provider.Clients.List(t.Context(), ClientQuery{})
	if err != nil || page.TotalCount != 0 || len(page.Nodes) != 0 || page.Stats().TotalDebt.String() != "0.00" {
		t.Errorf("List() = %+v, %v, want an empty page", page, err)
	}
}
