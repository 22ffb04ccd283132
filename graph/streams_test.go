package graph_test

import (
	"strings"
	"testing"

	"wisphub-graphql/isp"
	"wisphub-graphql/wisphub/wisphubtest"
)

// TestStreams_FailureIsSent checks that a stream that fails sends the error: as a last event, or as
// the message error on a WebSocket, which stays open.
func TestStreams_FailureIsSent(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		end           func(*fixture, *isp.Provider)
		code, message string
	}{
		"the upstream forgets the task": {
			func(f *fixture, _ *isp.Provider) {
				f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"SUCCESS"}, Body: row{}})
			},
			"NOT_FOUND", "There is no such task.",
		},
		"the provider is closed": {
			func(_ *fixture, p *isp.Provider) { p.Close() },
			"UPSTREAM_UNAVAILABLE", "Unable to fetch task data",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var provider *isp.Provider
			f := newFixture(t, fixtureConfig{changeProvider: func(p *isp.Provider) { provider = p }})
			f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
			s := f.subscribe(t, request{token: f.tokenFor(t, ana), body: operation(t, taskSubscription(taskID), nil)})
			c := f.connect(t, f.tokenFor(t, ana))
			c.subscribe("1", taskSubscription(taskID))
			c.want(nextMessage("1", stateEvent("PENDING")))
			if got := s.next(); got != stateEvent("PENDING") {
				t.Errorf("event = %q, want the current state", got)
			}
			tt.end(f, provider)
			s.wantEvents(t, name, errorEvent(tt.code, tt.message), complete)
			c.wantError("1", tt.code, tt.message)
			c.send(`{"type":"ping"}`) // the socket is still open
			c.want(`{"type":"pong"}`)
		})
	}
}

// TestStreams_RecoverPanics checks both transports. net/http does not recover panics on the
// goroutine of a WebSocket's subscription.
func TestStreams_RecoverPanics(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{changeProvider: func(p *isp.Provider) { p.Tasks = nil }})
	s := f.subscribe(t, request{token: f.tokenFor(t, ana), body: operation(t, taskSubscription(taskID), nil)})
	s.wantEvents(t, "a panic", errorEvent("INTERNAL", "Internal server error."), complete)
	c := f.connect(t, f.tokenFor(t, ana))
	c.subscribe("1", taskSubscription(taskID))
	c.wantError("1", "INTERNAL", "Internal server error.")
	c.send(`{"type":"ping"}`)
	c.want(`{"type":"pong"}`)
	if got := strings.Count(f.log.String(), "stack="); got != 2 || strings.Count(f.log.String(), "level=") != got {
		t.Errorf("log = %s, want two stacks and nothing else", f.log)
	}
}
