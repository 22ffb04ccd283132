package isp

import (
	"errors"
	"fmt"
	"testing"
)

// What a write's answer says about the write.
var (
	// notReached says that WispHub was never reached, so that nothing was changed.
	notReached = []int{521, 523, 525, 526, 530}
	// mayBeDone says nothing about the write. Status 0 is silence.
	mayBeDone = []int{520, 522, 524, 500, 502, 503, 504, 0}
)

// wantFate checks the error of a write that WispHub answered with the status.
func wantFate(t *testing.T, what string, status int, err error, done bool) {
	t.Helper()
	want := ErrUpstreamUnavailable
	if done {
		want = ErrOutcomeUnknown
	}
	if !errors.Is(err, want) || errors.Is(err, ErrOutcomeUnknown) != done {
		t.Errorf("%s answered %d = %v, want %v", what, status, err, want)
	}
}

// eachFate runs a test for each status, with whether the write may have been carried out.
func eachFate(t *testing.T, name string, test func(t *testing.T, status int, done bool)) {
	t.Helper()
	for _, status := range notReached {
		bubbled(t, fmt.Sprint(name, " ", status), func(t *testing.T) { test(t, status, false) })
	}
	for _, status := range mayBeDone {
		bubbled(t, fmt.Sprint(name, " ", status), func(t *testing.T) { test(t, status, true) })
	}
}

// A write that never reached WispHub changed nothing. Of others the outcome is unknown. None is sent
// a second time.
func Test13_8_OutcomeByStatus(t *testing.T) {
	t.Parallel()
	for name, write := range refusable {
		eachFate(t, name, func(t *testing.T, status int, done bool) {
			upstream, provider, _ := newLiteral(t, func(*Config) {})
			upstream.set("GET /tickets/500/", canned{200, ticketJSON(`, "respuestas": []`)})
			upstream.set(write.call, canned{status, htmlPage})
			_, err := write.send(t.Context(), provider)
			wantFate(t, name, status, err, done)
			if got := upstream.count(write.call); got != 1 {
				t.Errorf("%s answered %d: sent %d times, want once", name, status, got)
			}
		})
	}
}

// The key of a write that never reached WispHub is free again: a second call sends. Otherwise the key
// remembers that the outcome is unknown.
func Test13_8_KeyIsFreeAgain(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"createTicket", "answerTicket"} {
		write := writesOfRecords[name]
		eachFate(t, name, func(t *testing.T, status int, done bool) {
			upstream, provider, _ := newLiteral(t, func(*Config) {})
			upstream.set(write.write, canned{status, htmlPage}, canned{201, ticketJSON("")})
			if done || write.before.status == 0 {
				upstream.set(write.read, canned{200, ticketJSON(`, "respuestas": []`)})
			} else {
				upstream.set(write.read, write.before, write.before, write.after)
			}
			_, err := write.send(t, provider)
			wantFate(t, name, status, err, done)
			wrong, err := write.send(t, provider)
			sent := 2
			if done {
				sent = 1
				wantFate(t, name+" again", status, err, true)
			} else if err != nil || len(wrong) > 0 {
				t.Errorf("%s again after %d = %v, %v, want success", name, status, wrong, err)
			}
			if got := upstream.count(write.write); got != sent {
				t.Errorf("%s answered %d: 2 calls with one key sent %d, want %d", name, status, got, sent)
			}
		})
	}
}

// The place in a zone is given back when the ticket never reached WispHub, and kept otherwise.
func Test13_8_PlaceInTheZone(t *testing.T) {
	t.Parallel()
	eachFate(t, "createTicket", func(t *testing.T, status int, done bool) {
		upstream, provider, _ := newLiteral(t, func(cfg *Config) { cfg.MaxActiveTicketsPerZone = 1 })
		upstream.set("POST /tickets/", canned{status, htmlPage}, canned{201, ticketJSON("")})
		upstream.set("GET /tickets/500/", canned{200, ticketJSON("")})
		input := CreateTicketInput{ServiceID: 26, Subject: "Internet Lento", Description: "x"}
		_, err := provider.Tickets.Create(t.Context(), input)
		wantFate(t, "createTicket", status, err, done)
		if quota, err := provider.Tickets.Quota(t.Context(), 2); err != nil || quota.Blocked != done {
			t.Errorf("Quota after %d = %+v, %v, want a full zone: %t", status, quota, err, done)
		}
		payload, err := provider.Tickets.Create(t.Context(), input)
		if err != nil {
			t.Fatal(err)
		}
		if done {
			wantUserErrors(t, "a second ticket", payload.UserErrors,
				"input.serviceId ZONE_TICKET_LIMIT_REACHED The zone already has its maximum of 1 active tickets.")
		} else {
			wantUserErrors(t, "a second ticket", payload.UserErrors)
		}
	})
}

// A page with a 4xx status comes from a proxy. Nothing was changed, and the key is free.
func Test13_8_PageOfAProxy(t *testing.T) {
	t.Parallel()
	for _, status := range []int{401, 403, 404} {
		bubbled(t, fmt.Sprint(status), func(t *testing.T) {
			upstream, provider, _ := newLiteral(t, func(*Config) {})
			write := writesOfRecords["createTicket"]
			upstream.set(write.write, canned{status, htmlPage}, canned{201, ticketJSON("")})
			upstream.set(write.read, write.after)
			_, err := write.send(t, provider)
			wantFate(t, "createTicket", status, err, false)
			if wrong, err := write.send(t, provider); err != nil || len(wrong) > 0 {
				t.Errorf("createTicket again = %v, %v, want success", wrong, err)
			}
		})
	}
}
