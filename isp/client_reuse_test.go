package isp

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// refreshed returns the directory of newer rows after the previous one, as a crawl does.
func refreshed(tb testing.TB, previous *directory, rows ...map[string]any) *directory {
	tb.Helper()
	asOf := time.Now()
	convert := newConverterAfter(previous, previous.locale, asOf)
	var clients []*Client
	for _, row := range decodeRows(tb, rows...) {
		if row.ID > 0 {
			clients = append(clients, convert.client(&row))
		}
	}
	return buildAfter(previous, clients, previous.locale, asOf.In(previous.locale.zone), previous.version+1)
}

// Any sequence of refreshes gives the directories that are built without the previous ones.
func Test16_7_RefreshedDirectoryEqualsABuiltOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(drawEdgeRow), 0, 30).Draw(rt, "rows")
		current := directoryOf(t, rows...)
		for range rapid.IntRange(1, 4).Draw(rt, "refreshes") {
			rows = drawNextRows(rt, rows)
			want, next := directoryOf(t, rows...), (*directory)(nil)
			if rapid.Bool().Draw(rt, "another replica read it") {
				data, err := encodeDirectory(want)
				if err == nil {
					next, err = decodeDirectoryAfter(current, data, colombia, 2)
				}
				if err != nil {
					rt.Fatal(err)
				}
			} else {
				next = refreshed(t, current, rows...)
			}
			want.asOf = next.asOf
			confirm(want.clients, next.asOf)
			wantSameDirectory(rt, next, want)
			wantSameSharing(rt, next, want)
			wantSameAnswers(t, rt, next, buildDirectory(slices.Clone(next.clients), colombia, next.asOf, 1))
			current = next
		}
	})
}

// drawNextRows draws what has become of rows: some are gone, some have changed, some are new.
func drawNextRows(t *rapid.T, rows []map[string]any) []map[string]any {
	var next []map[string]any
	for _, row := range rows {
		switch rapid.SampledFrom([]string{"same", "same", "same", "same", "changed", "gone"}).Draw(t, "fate") {
		case "same":
			next = append(next, row)
		case "changed":
			changed := maps.Clone(row)
			key := rapid.SampledFrom(slices.Sorted(maps.Keys(row))).Draw(t, "key")
			changed[key] = drawEdgeRow(t)[key]
			next = append(next, changed)
		}
	}
	return append(next, rapid.SliceOfN(rapid.Custom(drawEdgeRow), 0, 2).Draw(t, "new")...)
}

// An unchanged client stays in memory, with the age of the new list. What has changed, or is gone,
// keeps its own age.
func Test16_7_RefreshKeepsUnchangedClients(t *testing.T) {
	t.Parallel()
	row := func(id int, name string) map[string]any {
		return map[string]any{"id_servicio": id, "nombre": name, "ciudad": "Bello", "saldo": "10.00", "zona": ref(4), "tecnico": ref(2)}
	}
	first := directoryOf(t, row(1, "Ana"), row(2, "Luz"), row(3, "Eva"), row(4, "Ida"))
	for name, rows := range map[string][]map[string]any{
		"nothing is gone": {row(1, "Ana"), row(2, "Zoe"), row(3, "Eva"), row(4, "Ida"), row(5, "Uma")},
		"one is gone":     {row(1, "Ana"), row(2, "Zoe"), row(3, "Eva"), row(5, "Uma")},
	} {
		began := first.asOf
		next := refreshed(t, first, rows...)
		if next.byID(1) != first.byID(1) || next.byID(2) == first.byID(2) || next.byID(2).Name != "Zoe" {
			t.Errorf("%s: clients 1 and 2 = %p, %+v, want the former and a new one", name, next.byID(1), next.byID(2))
		}
		for _, client := range next.clients {
			if !client.AsOf().Equal(next.asOf) {
				t.Errorf("%s: client %d as of %v, want %v", name, client.ServiceID, client.AsOf(), next.asOf)
			}
			if client.Zone != first.byID(1).Zone || client.Technician != first.byID(1).Technician || client.Balance != first.byID(1).Balance {
				t.Errorf("%s: client %d has a copy of a zone, technician or amount, want the shared one", name, client.ServiceID)
			}
		}
		if old := first.byID(2); !old.AsOf().Equal(began) {
			t.Errorf("%s: the former client 2 as of %v, want %v", name, old.AsOf(), began)
		}
	}
	if first.byID(4).AsOf().After(refreshed(t, first, row(1, "Ana")).asOf) {
		t.Error("client 4 is newer than the list that lacks it")
	}
}

// A list that is older than what is known does not make a client older.
func Test16_7_OlderListKeepsTheAge(t *testing.T) {
	t.Parallel()
	row := map[string]any{"id_servicio": 1, "nombre": "Ana"}
	d := directoryOf(t, row)
	client, asOf := d.byID(1), d.byID(1).AsOf()
	confirm(d.clients, asOf.Add(-time.Hour))
	if !client.AsOf().Equal(asOf) {
		t.Errorf("as of %v after an older list, want %v", client.AsOf(), asOf)
	}
	client.read.Store(&reading{time.Now().Add(time.Hour)}) // the clock was set back
	confirm(d.clients, asOf)
	if !client.AsOf().Equal(asOf) {
		t.Errorf("as of %v, want %v instead of a time in the future", client.AsOf(), asOf)
	}
}

// The provider keeps its clients over a refresh, and callers see its age.
func Test16_7_ProviderKeepsClients(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 30)
	warm(t, upstream, provider)
	before, _ := provider.Clients.held()
	if err := refresh(t, provider); err != nil {
		t.Fatal(err)
	}
	after, _ := provider.Clients.held()
	if before == after || !slices.Equal(before.clients, after.clients) {
		t.Fatal("a refresh made new clients, want the former ones in a new directory")
	}
	client, err := provider.Clients.Get(t.Context(), after.clients[0].ServiceID)
	if err != nil || !client.AsOf().Equal(after.asOf) || !after.asOf.After(before.asOf) {
		t.Errorf("client as of %v, %v, want %v", client.AsOf(), err, after.asOf)
	}
}

// A client without its plan would look as if it had none.
func Test16_7_DecodeRejectsListsBehindTheClients(t *testing.T) {
	t.Parallel()
	for _, list := range []string{"plans", "zones", "routers", "sectors", "staff"} {
		data := `{"asOf":[63913536000,0],"clients":[{"id":1}],"` + list + `":[]}`
		if decoded, err := decodeDirectory([]byte(data), colombia, 1); !errors.Is(err, errLateList) || decoded != nil {
			t.Errorf("decodeDirectory(%s) = %v, %v, want %v", data, decoded, err, errLateList)
		}
	}
}

// A block does not change the texts.
func Test16_7_TextBlock(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var block textBlock
		for range 2 {
			block.reset()
			want := rapid.SliceOf(rapid.StringOf(rapid.SampledFrom([]rune("ab1ñ ")))).Draw(rt, "texts")
			got := slices.Clone(want)
			for i := range got {
				block.add(&got[i])
			}
			block.finish()
			if !slices.Equal(got, want) {
				rt.Fatalf("texts %q, want %q", got, want)
			}
		}
	})
}
