package isp

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// renaming is a WispHub in which everything can get another name.
type renaming struct {
	*wisphubtest.Server
	renamed atomic.Bool
}

func (r *renaming) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	recorder := httptest.NewRecorder()
	r.Server.ServeHTTP(recorder, request)
	body := recorder.Body.Bytes()
	if r.renamed.Load() {
		body = bytes.ReplaceAll(body, []byte(`"nombre":"`), []byte(`"nombre":"New `))
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.Header().Set("Content-Type", recorder.Header().Get("Content-Type"))
	w.WriteHeader(recorder.Code)
	_, _ = w.Write(body)
}

const (
	newService     = 900_001 // that WispHub has, and the directory lacks
	listedService  = 26
	recentTicket   = 700
	oldTicket      = 701 // in an older window
	horizonTicket  = 702 // before the horizon
	unlistedTicket = 703 // that is put after the first reading
)

// versioned is a provider whose data can be changed, a part at a time.
type versioned struct {
	*Provider
	t        *testing.T
	upstream *renaming
}

// versionedTest runs a subtest in a bubble. Warm data has everything but single records.
func versionedTest(t *testing.T, name string, warm bool, test func(t *testing.T, v *versioned)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		upstream := &renaming{Server: wisphubtest.New(wisphubtest.Config{Clients: 30, Tickets: -1, Seed: 1})}
		t.Cleanup(upstream.Close)
		address := serve(t, upstream)
		synctest.Test(t, func(t *testing.T) {
			v := &versioned{t: t, upstream: upstream}
			v.Provider, _ = connect(t, address)
			putTicket(upstream.Server, recentTicket, daysAgo(1, 12, 0), "Nuevo")
			putTicket(upstream.Server, oldTicket, daysAgo(100, 12, 0), "Nuevo")
			putTicket(upstream.Server, horizonTicket, daysAgo(300, 12, 0), "Nuevo")
			if warm {
				v.warm()
			}
			time.Sleep(2 * time.Second)
			test(t, v)
		})
	})
}

func (v *versioned) warm() {
	ctx := v.t.Context()
	listTickets(v.t, v.Provider, TicketQuery{})
	v.must(v.Clients.Warm(ctx))
	for _, list := range []func(context.Context) error{
		errorOf(v.Zones.List), errorOf(v.Routers.List), errorOf(v.Staff.List),
		errorOf(v.PaymentMethods.List), errorOf(v.Subjects.List), errorOf(v.Plans.all),
	} {
		v.must(list(ctx))
	}
	row := v.upstream.Row(v.upstream.IDs()[0])
	row["id_servicio"], row["nombre"] = newService, "Ana"
	v.upstream.PutRow(row)
}

func (v *versioned) must(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

func errorOf[T any](read func(context.Context) (T, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := read(ctx)
		return err
	}
}

// rename gives everything in WispHub another name.
func (v *versioned) rename() { v.upstream.renamed.Store(true) }

// answer returns what a reader sees, as text.
func (v *versioned) answer(read func(ctx context.Context) (any, bool)) string {
	value, known := read(v.t.Context())
	return fmt.Sprint(mustJSON(v.t, value), known)
}

// catalogueRow renames the records of a catalogue, and refreshes it.
func catalogueRow[T any](part int, of func(*Provider) *catalogue[T]) versionRow {
	return versionRow{
		warm:   true,
		part:   setPart(part),
		change: func(v *versioned) { v.rename(); v.must(of(v.Provider).refresh(v.t.Context())) },
		answer: func(v *versioned) string {
			return v.answer(func(ctx context.Context) (any, bool) { return nowOf(of(v.Provider).ListNow(ctx)) })
		},
	}
}

func nowOf[T any](value T, known bool) (any, bool) { return value, known }

type versionRow struct {
	warm   bool
	before func(v *versioned)
	change func(v *versioned)
	answer func(v *versioned) string // nil for a change that only starts a refresh
	// part returns the part of the version that the change must alter, and no other.
	part func(version *DataVersion) any
}

func (r versionRow) answerOf(v *versioned) string {
	if r.answer == nil {
		return ""
	}
	return r.answer(v)
}

func setPart(i int) func(*DataVersion) any {
	return func(version *DataVersion) any { return &version.sets[i] }
}

// withName returns a changed copy of a client.
func withName(client *Client, name string) *Client {
	changed := *client
	changed.Name = name
	return &changed
}

// Each part of the version is needed: there is a change of an answer that alters this part alone.
// So a version without the part, or a part that is not counted, fails its row.
func Test16_2_DataVersion_EachPartAlone(t *testing.T) {
	t.Parallel()
	client := func(id int) func(v *versioned) string {
		return func(v *versioned) string {
			return v.answer(func(ctx context.Context) (any, bool) { return nowOf(v.Clients.FindNow(ctx, byID(id))) })
		}
	}
	ticket := func(id int) func(v *versioned) string {
		return func(v *versioned) string {
			return v.answer(func(ctx context.Context) (any, bool) { return nowOf(v.Tickets.GetNow(ctx, id)) })
		}
	}
	ticketPage := func(v *versioned) string {
		return v.answer(func(ctx context.Context) (any, bool) { return nowOf(v.Tickets.ListNow(ctx, TicketQuery{})) })
	}
	find := func(v *versioned) {
		_, err := v.Clients.Get(v.t.Context(), newService)
		v.must(err)
	}
	override := func(id int) func(v *versioned) {
		return func(v *versioned) {
			found, _ := v.Clients.FindNow(v.t.Context(), byID(id))
			v.Clients.overrides.set([]*Client{withName(found, "Other")}, time.Now(), true)
		}
	}
	refreshTickets := func(part ticketPart) func(v *versioned) {
		return func(v *versioned) {
			created := daysAgo(2, 12, 0)
			if part.window > 0 {
				created = daysAgo(100, 12, 0)
			}
			putTicket(v.upstream.Server, unlistedTicket, created, "Nuevo")
			_, err := v.Tickets.cacheOf(part).Refresh(v.t.Context(), part)
			v.must(err)
		}
	}
	planID := func(v *versioned) int { return loadedDirectory(v.t, v.Provider).clients[0].planID() }
	rows := map[string]versionRow{
		"a refresh of the directory": {
			warm:   true,
			change: func(v *versioned) { v.rename(); v.must(refresh(v.t, v.Provider)) },
			answer: client(listedService),
			part:   func(version *DataVersion) any { return &version.directory },
		},
		"a write comes into the directory": {
			warm:   true,
			before: override(listedService),
			change: func(v *versioned) { v.Clients.overrides.applied(nil) },
			answer: client(listedService),
			part:   func(version *DataVersion) any { return &version.directory },
		},
		"a write of a service that the directory lacks": {
			warm:   true,
			before: find,
			change: override(newService),
			answer: client(newService),
			part:   func(version *DataVersion) any { return &version.writes[0] },
		},
		"a write of a ticket": {
			warm: true,
			change: func(v *versioned) {
				found, _ := v.Tickets.GetNow(v.t.Context(), recentTicket)
				changed := *found
				changed.Subject = "Other"
				v.Tickets.overrides.set([]*Ticket{&changed}, time.Now(), true)
			},
			answer: ticket(recentTicket),
			part:   func(version *DataVersion) any { return &version.writes[1] },
		},
		"a page of the first crawl": {
			change: func(v *versioned) {
				v.Clients.progress.add(v.Clients.progress.begin(), 0, progressPage(1, listedService))
			},
			answer: func(v *versioned) string {
				return fmt.Sprint(len(v.Clients.onPages(lookup{field: byServiceID, id: listedService})))
			},
			part: func(version *DataVersion) any { return &version.pages },
		},
		"midnight": {
			warm: true,
			change: func(v *versioned) {
				year, month, day := time.Now().In(bogota).Date()
				time.Sleep(time.Until(time.Date(year, month, day+1, 0, 0, 0, 0, bogota)))
			},
			answer: ticketPage,
			part:   func(version *DataVersion) any { return &version.day },
		},
		"a client that is looked up": {warm: true, change: find, answer: client(newService), part: setPart(0)},
		"plans": {
			warm:   true,
			change: func(v *versioned) { v.rename(); v.must(ignoring(v.Plans.list.Refresh(v.t.Context(), struct{}{}))) },
			answer: func(v *versioned) string {
				return v.answer(func(ctx context.Context) (any, bool) { return nowOf(v.Plans.ListNow(ctx, nil)) })
			},
			part: setPart(1),
		},
		"details of a plan": {
			warm:   true,
			change: func(v *versioned) { v.must(ignoring(v.Plans.Details(v.t.Context(), planID(v)))) },
			answer: func(v *versioned) string {
				return v.answer(func(ctx context.Context) (any, bool) { return nowOf(v.Plans.KnownDetails(ctx, planID(v))) })
			},
			part: setPart(2),
		},
		"zones":               catalogueRow(3, func(p *Provider) *catalogue[Zone] { return p.Zones.catalogue }),
		"routers":             catalogueRow(4, func(p *Provider) *catalogue[Router] { return p.Routers.catalogue }),
		"staff":               catalogueRow(5, func(p *Provider) *catalogue[Staff] { return p.Staff.catalogue }),
		"payment methods":     catalogueRow(6, func(p *Provider) *catalogue[PaymentMethod] { return p.PaymentMethods.catalogue }),
		"recent tickets":      {warm: true, change: refreshTickets(ticketPart{}), answer: ticketPage, part: setPart(7)},
		"older tickets":       {warm: true, change: refreshTickets(ticketPart{window: 1}), answer: ticketPage, part: setPart(8)},
		"a ticket of any age": {warm: true, change: func(v *versioned) { v.must(ignoring(v.Tickets.Get(v.t.Context(), horizonTicket))) }, answer: ticket(horizonTicket), part: setPart(9)},
		"subjects":            catalogueRow(10, func(p *Provider) *catalogue[TicketSubject] { return p.Subjects.catalogue }),
		"details that are expired": {
			warm:   true,
			before: func(v *versioned) { v.must(ignoring(v.Plans.Details(v.t.Context(), planID(v)))) },
			change: func(v *versioned) { v.Plans.details.Expire() },
			part:   setPart(2),
		},
	}
	for name, row := range rows {
		versionedTest(t, name, row.warm, func(t *testing.T, v *versioned) {
			if row.before != nil {
				row.before(v)
				time.Sleep(time.Second)
			}
			before, answer := v.DataVersion(), row.answerOf(v)
			if again := v.DataVersion(); again != before {
				t.Errorf("DataVersion() = %+v after a read, want %+v", again, before)
			}
			row.change(v)
			after := v.DataVersion()
			if changed := row.answerOf(v); changed == answer && row.answer != nil {
				t.Errorf("the answer is still %.200s", answer)
			}
			if after == before {
				t.Fatal("DataVersion() is the same")
			}
			for _, version := range []*DataVersion{&before, &after} {
				switch part := row.part(version).(type) {
				case *uint64:
					*part = 0
				case *int64:
					*part = 0
				}
			}
			if after != before {
				t.Errorf("DataVersion() = %+v, want only one part to differ from %+v", after, before)
			}
		})
	}
}

func ignoring[T any](_ T, err error) error { return err }
