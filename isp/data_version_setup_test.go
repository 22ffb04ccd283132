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

func answerClient(id int) func(v *versioned) string {
	return func(v *versioned) string {
		return v.answer(func(ctx context.Context) (any, bool) { return nowOf(v.Clients.FindNow(ctx, byID(id))) })
	}
}

func answerTicket(id int) func(v *versioned) string {
	return func(v *versioned) string {
		return v.answer(func(ctx context.Context) (any, bool) { return nowOf(v.Tickets.GetNow(ctx, id)) })
	}
}

func answerTickets(v *versioned) string {
	return v.answer(func(ctx context.Context) (any, bool) { return nowOf(v.Tickets.ListNow(ctx, TicketQuery{})) })
}

func findNew(v *versioned) {
	_, err := v.Clients.Get(v.t.Context(), newService)
	v.must(err)
}

func overrideName(id int) func(v *versioned) {
	return func(v *versioned) {
		found, _ := v.Clients.FindNow(v.t.Context(), byID(id))
		v.Clients.overrides.set([]*Client{withName(found, "Other")}, time.Now(), true)
	}
}

func putAndRefresh(part ticketPart) func(v *versioned) {
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

func anyPlan(v *versioned) int { return loadedDirectory(v.t, v.Provider).clients[0].planID() }

func ignoring[T any](_ T, err error) error { return err }
