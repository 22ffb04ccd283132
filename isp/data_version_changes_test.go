package isp

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/cache/cachetest"
)

// Whatever alters an answer alters the version, by whichever way it comes.
func Test16_2_DataVersion_EachWay(t *testing.T) {
	t.Parallel()
	rows := changesHere()
	maps.Copy(rows, changesElsewhere())
	for name, row := range rows {
		versionedTest(t, name, row.warm, func(t *testing.T, v *versioned) {
			if row.before != nil {
				row.before(v)
			}
			before, answer := v.DataVersion(), row.answer(v)
			row.change(v)
			after := v.DataVersion()
			if row.answer(v) == answer || after == before {
				t.Errorf("DataVersion() = %+v after %+v, and the answer %.200s", after, before, row.answer(v))
			}
		})
	}
}

// changesHere are writes and refreshes of this replica.
func changesHere() map[string]versionRow {
	return map[string]versionRow{
		"updateClient": {
			warm:   true,
			change: func(v *versioned) { setCity(v.t, v.Provider, v.upstream.IDs()[0], "Envigado") },
			answer: answerClients,
		},
		"createTicket": {
			warm: true,
			change: func(v *versioned) {
				payload, err := v.Tickets.Create(v.t.Context(), CreateTicketInput{ServiceID: v.upstream.IDs()[0], Subject: "Internet Lento", Description: "x"})
				if v.must(err); payload.Ticket == nil {
					v.t.Fatalf("Create() = %v", payload.UserErrors)
				}
			},
			answer: answerTickets,
		},
		"refresh of the clients":    {warm: true, change: refreshAll(ResourceClients), answer: answerClients},
		"refresh of the catalogues": {warm: true, change: refreshAll(ResourceCatalogues), answer: answerZones},
		"a refresh behind a stale list": {
			warm:   true,
			before: func(v *versioned) { v.rename(); time.Sleep(v.Clients.pacing.ttl) },
			change: func(v *versioned) {
				v.Clients.ListNow(v.t.Context(), ClientQuery{})
				time.Sleep(time.Minute) // the refresh is over
			},
			answer: func(v *versioned) string { return fmt.Sprint(v.Clients.current().byID(listedService).Name) },
		},
	}
}

// changesElsewhere come from other replicas, from disk, or from another data set.
func changesElsewhere() map[string]versionRow {
	return map[string]versionRow{
		"a client that another replica has written": {
			warm: true,
			change: func(v *versioned) {
				o := v.Clients.overrides
				message, err := o.encode([]*Client{withName(v.Clients.current().byID(listedService), "Other")}, time.Now())
				v.must(err)
				o.apply(string(message))
				synctest.Wait()
			},
			answer: answerClients,
		},
		"a ticket that another replica has written": {
			warm: true,
			change: func(v *versioned) {
				o := v.Tickets.overrides
				o.apply(ticketMessage(v.t, o, recentTicket, "Cerrado", daysAgo(1, 12, 0), time.Now()))
			},
			answer: answerTickets,
		},
		"zones that come from the clients": {
			before: func(v *versioned) {
				v.upstream.Forbid(zonesPath)
				v.must(v.Clients.Warm(v.t.Context()))
				v.must(ignoring(v.Zones.List(v.t.Context())))
			},
			change: func(v *versioned) {
				v.rename()
				v.must(ignoring(v.Clients.directory.Refresh(v.t.Context(), struct{}{})))
			},
			answer: answerZones,
		},
		"a restored folder": {
			change: func(v *versioned) {
				folder := openFolder(v.t)
				saved := &versioned{Provider: v.Provider, t: v.t, upstream: v.upstream}
				saved.Provider, _ = connect(v.t, serve(v.t, v.upstream))
				saved.warm()
				v.must(saved.Save(folder))
				v.must(ignoring(v.Restore(folder)))
			},
			answer: func(v *versioned) string { return answerClients(v) + answerZones(v) },
		},
	}
}

func answerClients(v *versioned) string {
	return v.answer(func(ctx context.Context) (any, bool) { return nowOf(v.Clients.ListNow(ctx, ClientQuery{})) })
}

func answerZones(v *versioned) string {
	return v.answer(func(ctx context.Context) (any, bool) { return nowOf(v.Zones.ListNow(ctx)) })
}

func refreshAll(resource Resource) func(v *versioned) {
	return func(v *versioned) { v.rename(); v.must(v.Refresh(v.t.Context(), resource)) }
}

// What another replica has published alters the version when it is taken into memory.
func Test16_2_DataVersion_Published(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	upstream, address := simulate(t, 5)
	join := func() *Provider {
		provider, _ := connectWith(t, address, func(cfg *Config) { cfg.Shared = cachetest.Join(t, server.Config()) })
		return provider
	}
	a, b := join(), join()
	if _, err := a.Zones.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := b.DataVersion()
	cachetest.Until(t, "the zones of the other replica are there", func() bool {
		b.LoadPublished(t.Context())
		_, known := b.Zones.ListNow(t.Context())
		return known
	})
	if b.DataVersion() == before || upstream.Total() != 1 {
		t.Errorf("DataVersion() is the same after LoadPublished, or there were %d calls", upstream.Total())
	}
}

// Every cache and every set of overrides is in the version, or is named here with its reason.
func Test16_2_DataVersion_KnowsEveryDataSet(t *testing.T) {
	t.Parallel()
	_, provider := open(t, 1)
	counted := map[uintptr]bool{
		reflect.ValueOf(provider.Clients.directory).Pointer():            true,
		reflect.ValueOf(&provider.Clients.overrides.overrides).Pointer(): true,
		reflect.ValueOf(provider.Tickets.overrides).Pointer():            true,
	}
	for _, set := range provider.versionedCaches() {
		counted[reflect.ValueOf(set).Pointer()] = true
	}
	for _, set := range provider.unversionedCaches() {
		counted[reflect.ValueOf(set).Pointer()] = true
	}
	uncounted := []string{"mutations.keys.records"} // results of writes, which no read shows
	found := 0
	walkFields(reflect.ValueOf(provider), "", map[place]bool{}, func(path string, value reflect.Value) {
		name := value.Type().Elem().Name()
		if strings.HasPrefix(name, "Cache[") || strings.HasPrefix(name, "overrides[") {
			found++
			if !counted[value.Pointer()] && !slices.ContainsFunc(uncounted, func(known string) bool { return strings.HasSuffix(path, known) }) {
				t.Errorf("%s is not in DataVersion: add it to versionedCaches, to unversionedCaches or here", path)
			}
		}
	})
	if want := len(provider.caches()) + 2; found < want {
		t.Errorf("found %d data sets, want at least %d", found, want)
	}
}

// place tells a struct from its first field.
type place struct {
	kind    reflect.Type
	address uintptr
}

// walkFields calls visit for each pointer to a struct of this module that is reachable.
func walkFields(value reflect.Value, path string, seen map[place]bool, visit func(path string, pointer reflect.Value)) {
	switch value.Kind() {
	case reflect.Interface:
		walkFields(value.Elem(), path, seen, visit)
	case reflect.Pointer:
		kind := value.Type().Elem()
		here := place{kind, value.Pointer()}
		if value.IsNil() || kind.Kind() != reflect.Struct || seen[here] || !strings.HasPrefix(kind.PkgPath(), "wisphub-graphql/") {
			return
		}
		seen[here] = true
		visit(path, value)
		walkFields(value.Elem(), path, seen, visit)
	case reflect.Struct:
		for i := range value.NumField() {
			field := value.Field(i)
			name := strings.TrimPrefix(path+"."+value.Type().Field(i).Name, ".")
			if field.Kind() == reflect.Struct && field.CanAddr() {
				field = field.Addr()
			}
			walkFields(field, name, seen, visit)
		}
	}
}

// The version is asked for twice for each answer.
func BenchmarkDataVersion(b *testing.B) {
	upstream, provider := open(b, 2_000)
	warm(b, upstream, provider)
	b.ReportAllocs()
	for b.Loop() {
		provider.DataVersion()
	}
}

// BenchmarkDataVersion_Yardstick reads the clock as often as a version does.
func BenchmarkDataVersion_Yardstick(b *testing.B) {
	for b.Loop() {
		_, _ = time.Now(), time.Now()
	}
}
