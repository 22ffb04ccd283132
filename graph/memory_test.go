package graph

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/isp"
	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
)

// question is a field with its parent and arguments, and the resolver that answers it.
type question struct {
	field     string
	parent    any
	arguments map[string]any
	resolve   func(r *Resolver, ctx context.Context) (any, error)
}

func anyOf[T any](value T, err error) (any, error) { return value, err }

// questions are about clients of the fixture, and about records that do not exist.
func questions(client *isp.Client, ticket *isp.Ticket) (all []question) {
	ask := func(field string, parent any, arguments map[string]any, resolve func(r *Resolver, ctx context.Context) (any, error)) {
		all = append(all, question{field, parent, arguments, resolve})
	}
	unknownUser, document := "no such user", string(client.Document)
	for _, by := range []isp.ClientKey{{ServiceID: &client.ServiceID}, {ServiceID: new(999_999)}, {ServiceID: new(-1)}, {}, {Document: &document}, {Username: &unknownUser}} {
		ask("Query.client", nil, map[string]any{"by": by}, func(r *Resolver, ctx context.Context) (any, error) { return anyOf(r.Query().Client(ctx, by)) })
	}
	for _, first := range []*int{nil, new(3), new(0)} {
		filter, search := &isp.ClientFilter{Status: []isp.ClientStatus{isp.ClientActive}}, new("a")
		ask("Query.clients", nil, map[string]any{"filter": filter, "search": search, "first": first}, func(r *Resolver, ctx context.Context) (any, error) {
			return anyOf(r.Query().Clients(ctx, filter, search, nil, first, nil))
		})
		ask("Query.tickets", nil, map[string]any{"first": first}, func(r *Resolver, ctx context.Context) (any, error) {
			return anyOf(r.Query().Tickets(ctx, nil, first, nil))
		})
		states := []isp.TicketStatus{isp.TicketNew, isp.TicketClosed}
		ask("Client.tickets", client, map[string]any{"status": states, "first": first}, func(r *Resolver, ctx context.Context) (any, error) {
			return anyOf(r.Client().Tickets(ctx, client, states, first))
		})
	}
	for _, id := range []int{client.Plan.PlanID, ticket.TicketID, 999, 0, -1} {
		plan := &isp.Plan{PlanID: id}
		ask("Query.plan", nil, map[string]any{"planId": id}, func(r *Resolver, ctx context.Context) (any, error) { return anyOf(r.Query().Plan(ctx, id)) })
		ask("Query.zone", nil, map[string]any{"zoneId": id}, func(r *Resolver, ctx context.Context) (any, error) { return anyOf(r.Query().Zone(ctx, id)) })
		ask("Query.ticket", nil, map[string]any{"ticketId": id}, func(r *Resolver, ctx context.Context) (any, error) { return anyOf(r.Query().Ticket(ctx, id)) })
		ask("Plan.type", plan, nil, func(r *Resolver, ctx context.Context) (any, error) { return anyOf(r.Plan().Type(ctx, plan)) })
		ask("Plan.price", plan, nil, func(r *Resolver, ctx context.Context) (any, error) { return anyOf(r.Plan().Price(ctx, plan)) })
		ask("Plan.downloadSpeed", plan, nil, func(r *Resolver, ctx context.Context) (any, error) { return anyOf(r.Plan().DownloadSpeed(ctx, plan)) })
		ask("Plan.uploadSpeed", plan, nil, func(r *Resolver, ctx context.Context) (any, error) { return anyOf(r.Plan().UploadSpeed(ctx, plan)) })
		ask("Plan.downloadKbps", plan, nil, func(r *Resolver, ctx context.Context) (any, error) { return anyOf(r.Plan().DownloadKbps(ctx, plan)) })
		ask("Plan.uploadKbps", plan, nil, func(r *Resolver, ctx context.Context) (any, error) { return anyOf(r.Plan().UploadKbps(ctx, plan)) })
		ask("Plan.clientCount", plan, nil, func(r *Resolver, ctx context.Context) (any, error) { return anyOf(r.Plan().ClientCount(ctx, plan)) })
	}
	for _, types := range [][]isp.PlanType{nil, {isp.PlanPCQ}, {isp.PlanTypeUnknown}} {
		ask("Query.plans", nil, map[string]any{"type": types}, func(r *Resolver, ctx context.Context) (any, error) { return anyOf(r.Query().Plans(ctx, types)) })
	}
	ask("Query.zones", nil, nil, func(r *Resolver, ctx context.Context) (any, error) { return anyOf(r.Query().Zones(ctx)) })
	ask("Query.staff", nil, nil, func(r *Resolver, ctx context.Context) (any, error) { return anyOf(r.Query().Staff(ctx)) })
	ask("Query.paymentMethods", nil, nil, func(r *Resolver, ctx context.Context) (any, error) { return anyOf(r.Query().PaymentMethods(ctx)) })
	ask("Query.ticketSubjects", nil, nil, func(r *Resolver, ctx context.Context) (any, error) { return anyOf(r.Query().TicketSubjects(ctx)) })
	ask("Client.otherServices", client, nil, func(r *Resolver, ctx context.Context) (any, error) {
		return anyOf(r.Client().OtherServices(ctx, client))
	})
	for _, ticket := range []*isp.Ticket{ticket, {}, {ServiceID: 999_999}} {
		ask("Ticket.client", ticket, nil, func(r *Resolver, ctx context.Context) (any, error) { return anyOf(r.Ticket().Client(ctx, ticket)) })
	}
	for _, member := range []*isp.Staff{{StaffID: 1}, {StaffID: 999}, {}} {
		ask("Staff.username", member, nil, func(r *Resolver, ctx context.Context) (any, error) { return anyOf(r.Staff().Username(ctx, member)) })
		ask("Staff.email", member, nil, func(r *Resolver, ctx context.Context) (any, error) { return anyOf(r.Staff().Email(ctx, member)) })
	}
	return all
}

// memoryTest is a resolver over a simulated WispHub that can be switched off.
type memoryTest struct {
	t        *testing.T
	upstream *wisphubtest.Server
	down     atomic.Bool
	resolver *Resolver
	provider *isp.Provider
}

func newMemoryTest(t *testing.T, ttl time.Duration) *memoryTest {
	m := &memoryTest{t: t, upstream: wisphubtest.New(wisphubtest.Config{Clients: 40, Tickets: 28, Seed: 1})}
	t.Cleanup(m.upstream.Close)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if m.down.Load() {
			http.Error(w, "down", http.StatusInternalServerError)
			return
		}
		m.upstream.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	m.connect(server.URL, ttl)
	return m
}

func (m *memoryTest) connect(address string, ttl time.Duration) {
	api, err := wisphub.New(wisphub.Config{Host: address, Key: wisphubtest.Key})
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(api.Close)
	m.provider = isp.New(api, isp.Config{
		ClientsTTL: ttl, ClientTTL: time.Hour, PlansTTL: ttl, PlanTTL: ttl, TicketsTTL: ttl, StaleLimit: 24 * time.Hour,
		TicketsHorizon: 183 * 24 * time.Hour, ActiveTicketStates: []int{1}, MaxActiveTicketsPerZone: 3,
		TimeZone: time.UTC, PhoneCountryCode: "57", Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	m.t.Cleanup(m.provider.Close)
	m.resolver = newResolver(Config{Provider: m.provider, MaxCalls: 20})
}

// warm reads everything once, also a client and a plan that do not exist. Then WispHub is down.
func (m *memoryTest) warm() {
	ctx := m.t.Context()
	for _, q := range questions(&isp.Client{Plan: &isp.Plan{}}, &isp.Ticket{}) {
		switch q.field {
		case "Query.clients", "Query.tickets", "Query.plans", "Query.zones", "Query.staff", "Query.paymentMethods", "Query.ticketSubjects":
			_, _ = q.resolve(m.resolver, ctx)
		}
	}
	_, _ = m.provider.Clients.Get(ctx, 999_999)
	for id := range 12 {
		_, _ = m.provider.Plans.Details(ctx, id)
	}
	_, _ = m.provider.Plans.Details(ctx, 999)
	_, _ = m.provider.Tickets.Get(ctx, 999)
	m.down.Store(true)
}

// check asks each question of memory. What is known must be what the resolver returns. It returns how
// many questions of each field memory could answer.
func (m *memoryTest) check() map[string]int {
	m.t.Helper()
	ctx, known := m.t.Context(), map[string]int{}
	page := m.provider.Clients.InMemory(isp.ClientQuery{})
	client, ticket := &isp.Client{Plan: &isp.Plan{}}, &isp.Ticket{}
	if page != nil {
		client = page.Nodes[0]
	}
	if page, known := m.provider.Tickets.ListNow(ctx, isp.TicketQuery{}); known {
		ticket = page.Nodes[0]
	}
	memory := m.resolver.memory()
	for _, q := range questions(client, ticket) {
		if memory[q.field] == nil {
			m.t.Fatalf("memory has no %s", q.field)
		}
		value, ok := memory[q.field](ctx, q.parent, q.arguments)
		if !ok {
			continue
		}
		known[q.field]++
		want, err := q.resolve(m.resolver, ctx)
		got, _ := json.Marshal(value)
		text, _ := json.Marshal(want)
		if err != nil || string(got) != string(text) || reflect.TypeOf(value) != reflect.TypeOf(want) {
			m.t.Errorf("%s %v of %v = %T %.200s, want %T %.200s, %v", q.field, q.arguments, q.parent, value, got, want, text, err)
		}
	}
	return known
}

// What memory knows is what the resolver returns, and warm memory answers every field.
func Test16_3_Memory_IsWhatResolversReturn(t *testing.T) {
	t.Parallel()
	for name, ttl := range map[string]time.Duration{"fresh": time.Hour, "stale": time.Nanosecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMemoryTest(t, ttl)
			if known := m.check(); known["Query.clients"]+known["Query.zones"]+known["Plan.price"] > 0 {
				t.Errorf("a cold memory knows %v", known)
			}
			m.warm()
			m.wantAll()
			m.down.Store(false)
			city := "Envigado"
			payload, err := m.provider.Clients.Update(t.Context(), isp.UpdateClientInput{ServiceID: m.upstream.IDs()[0], City: &city})
			if err != nil || payload.Client == nil {
				t.Fatalf("Update() = %+v, %v", payload, err)
			}
			m.down.Store(true)
			m.wantAll()
		})
	}
}

func (m *memoryTest) wantAll() {
	m.t.Helper()
	known := m.check()
	for field := range m.resolver.memory() {
		if known[field] == 0 {
			m.t.Errorf("warm memory does not know %s", field)
		}
	}
}

// Memory that was restored answers, too.
func Test16_3_Memory_Restored(t *testing.T) {
	t.Parallel()
	m := newMemoryTest(t, time.Hour)
	m.warm()
	folder, err := cache.OpenFolder(t.TempDir(), "demo")
	if err == nil {
		err = m.provider.Save(folder)
	}
	if err != nil {
		t.Fatal(err)
	}
	m.connect("http://127.0.0.1:1", time.Hour)
	if _, err := m.provider.Restore(folder); err != nil {
		t.Fatal(err)
	}
	m.wantAll()
}
