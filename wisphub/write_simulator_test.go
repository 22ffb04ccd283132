package wisphub

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"wisphub-graphql/wisphub/wisphubtest"
)

// simulated returns a simulated WispHub with 20 clients, and an API that calls it.
func simulated(t *testing.T) (*wisphubtest.Server, *API) {
	t.Helper()
	upstream := wisphubtest.New(wisphubtest.Config{Clients: 20, Tickets: -1, Seed: 1})
	server := httptest.NewServer(upstream)
	t.Cleanup(server.Close)
	t.Cleanup(upstream.Close) // runs first, because the server waits for calls that hang
	api, err := New(Config{Host: server.URL, Key: wisphubtest.Key, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	return upstream, api
}

func TestSimulator_WritesAreReadBack(t *testing.T) {
	t.Parallel()
	upstream, api := simulated(t)
	ctx := t.Context()
	must(t, api.Clients.UpdateProfile(ctx, 26, ProfileUpdate{
		Name: Some("Luz"), LastName: Some("Gil Ñáñez"), Phone: Some(""), Balance: Some(decimal.RequireFromString("-1200.5")),
	}))
	page, err := api.Clients.List(ctx, ClientListOptions{ServiceID: 26})
	must(t, err)
	row := page.Rows[0]
	if row.Name != "Luz Gil Ñáñez" || row.Phone != "" || row.Balance.Amount.String() != "-1200.5" {
		t.Errorf("Clients.List = %+v, want the written values", row)
	}

	change, err := api.Clients.Deactivate(ctx, []int{26, 999})
	must(t, err)
	if len(change.UnknownIDs) != 1 || change.UnknownIDs[0] != 999 {
		t.Errorf("Deactivate = %+v, want 999 unknown", change)
	}
	if result := taskResult(t, api, change.TaskID); result != "" || upstream.Row(26)["estado"] != "Suspendido" {
		t.Errorf("Deactivate has the result %q and estado %v, want none and Suspendido", result, upstream.Row(26)["estado"])
	}
	ping, err := api.Clients.Ping(ctx, 26, PingRequest{Pings: 3})
	must(t, err)
	if result := taskResult(t, api, string(ping.ID)); !strings.Contains(result, `"ping-exitoso":"0 de 3"`) {
		t.Errorf("Ping of a suspended client = %s, want three timeouts", result)
	}

	request := newTicket()
	request.Subject, request.CustomSubject = "Pregunta por factura", true
	created, err := api.Tickets.Create(ctx, request)
	must(t, err)
	id := int(created.ID)
	if err := api.Tickets.Update(ctx, id, UpdateTicketRequest{State: TicketInProgress}); !errors.Is(err, ErrRefused) {
		t.Errorf("Update without the custom subject = %v, want %v", err, ErrRefused)
	}
	must(t, api.Tickets.Update(ctx, id, UpdateTicketRequest{State: TicketInProgress, CustomSubject: request.Subject}))
	must(t, api.Tickets.Answer(ctx, id, AnswerRequest{Text: "Listo", State: TicketClosed}))
	ticket, err := api.Tickets.Get(ctx, id)
	must(t, err)
	closed := ticket.State == "Cerrado" && len(ticket.Answers) == 1
	if !closed || ticket.Subject != "Pregunta por factura" || ticket.Service.Value.ID != 26 {
		t.Errorf("Tickets.Get = %+v, want it closed with one answer", ticket)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// taskResult polls a task until it has finished and returns its result, "" for null.
func taskResult(t *testing.T, api *API, id string) string {
	t.Helper()
	for range 5 {
		task, err := api.Tasks.Get(t.Context(), id)
		must(t, err)
		if ParseTaskState(string(task.Status)) == TaskSuccess {
			return strings.TrimPrefix(string(task.Result), "null")
		}
	}
	t.Fatalf("task %s has not finished after 5 polls", id)
	return ""
}

// The ticket exists once, though its creation was never answered.
func TestSimulator_HangAfterWriteIsUnknown(t *testing.T) {
	t.Parallel()
	upstream, api := simulated(t)
	upstream.SetFaults(wisphubtest.Faults{HangAfterWrite: "/api/tickets/"})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second) // enough for the write even on a slow machine
	defer cancel()
	checkOutcome(t, createTicket(ctx, api), ErrTimeout, true)
	if got := len(upstream.TicketsOf(26)); got != 1 || upstream.Requests()["POST /api/tickets/"] != 1 {
		t.Errorf("%d tickets exist after %v, want one after one request", got, upstream.Requests())
	}
}

// A fault before the write leaves no ticket. Only a 4xx answer tells the caller so.
func TestSimulator_Faults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		faults  wisphubtest.Faults
		kind    error
		unknown bool
		tickets int
	}{
		"limited":   {wisphubtest.Faults{TooManyRate: 1}, ErrRateLimited, false, 0},
		"down":      {wisphubtest.Faults{Down: true}, ErrUnavailable, true, 0},
		"errors":    {wisphubtest.Faults{ErrorRate: 1}, ErrUnavailable, true, 0},
		"HTML":      {wisphubtest.Faults{HTMLRate: 1}, ErrInvalidResponse, true, 0},
		"hangs":     {wisphubtest.Faults{HangRate: 1}, ErrTimeout, true, 0},
		"truncated": {wisphubtest.Faults{TruncateRate: 1}, ErrUnavailable, true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			upstream, api := simulated(t)
			upstream.SetFaults(test.faults)
			ctx, cancel := t.Context(), context.CancelFunc(func() {})
			if test.kind == ErrTimeout {
				ctx, cancel = context.WithTimeout(ctx, 500*time.Millisecond)
			}
			defer cancel()
			checkOutcome(t, createTicket(ctx, api), test.kind, test.unknown)
			if got := len(upstream.TicketsOf(26)); got != test.tickets || upstream.Total() != 1 {
				t.Errorf("%d tickets exist after %d requests, want %d after one", got, upstream.Total(), test.tickets)
			}
		})
	}
}
