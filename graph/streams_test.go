package graph_test

import (
	"strings"
	"testing"

	"wisphub-graphql/isp"
	"wisphub-graphql/wisphub/wisphubtest"
)

// TestStreamsThatFail tell why there will be no more: events as one more answer, a socket as the error of the subscription.
func TestStreamsThatFail(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		end           func(*face, *isp.Provider)
		code, message string
	}{
		"the upstream forgets the task": {
			func(f *face, _ *isp.Provider) {
				f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"SUCCESS"}, Body: row{}})
			},
			"NOT_FOUND", "There is no such task.",
		},
		"the provider is closed": {
			func(_ *face, p *isp.Provider) { p.Close() },
			"UPSTREAM_UNAVAILABLE", "Unable to fetch task data",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var provider *isp.Provider
			f := newFace(t, faceConfig{meddle: func(p *isp.Provider) { provider = p }})
			f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"PENDING"}})
			s := f.subscribe(t, request{token: f.tokenOf(t, ana), body: operation(t, watching(taskID), nil)})
			c := f.connect(t, f.tokenOf(t, ana))
			c.subscribe("1", watching(taskID))
			c.want(nextOf("1", state("PENDING")))
			if got := s.next(); got != state("PENDING") {
				t.Errorf("event = %q, want the present state", got)
			}
			tt.end(f, provider)
			s.wantEvents(t, name, problem(tt.code, tt.message), complete)
			c.wantError("1", tt.code, tt.message)
			c.send(`{"type":"ping"}`) // the socket is still there
			c.want(`{"type":"pong"}`)
		})
	}
}

// TestStreamsSurvivePanics: a subscription on a socket has a goroutine of its own, beyond net/http's care.
func TestStreamsSurvivePanics(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{meddle: func(p *isp.Provider) { p.Tasks = nil }})
	s := f.subscribe(t, request{token: f.tokenOf(t, ana), body: operation(t, watching(taskID), nil)})
	s.wantEvents(t, "a panic", problem("INTERNAL", "Internal server error."), complete)
	c := f.connect(t, f.tokenOf(t, ana))
	c.subscribe("1", watching(taskID))
	c.wantError("1", "INTERNAL", "Internal server error.")
	c.send(`{"type":"ping"}`)
	c.want(`{"type":"pong"}`)
	if got := strings.Count(f.log.String(), "stack="); got != 2 || strings.Count(f.log.String(), "level=") != got {
		t.Errorf("log = %s, want two stacks and nothing else", f.log)
	}
}
