package isp

import (
	"testing"

	"wisphub-graphql/isp/ping"
	"wisphub-graphql/wisphub/wisphubtest"
)

// Each upstream result of a ping leads to its diagnosis.
func TestTasks_PingIsDiagnosed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		outcome        wisphubtest.PingOutcome
		pings          int
		want           ping.Status
		sent, received int
		averageMs      float64 // 0: none
	}{
		"stable":           {wisphubtest.PingStable, 4, ping.Stable, 4, 4, 4.217},
		"one stable":       {wisphubtest.PingStable, 1, ping.Stable, 1, 1, 1.287},
		"lossy":            {wisphubtest.PingLossy, 4, ping.Intermittent, 4, 2, 1.659},
		"antenna only":     {wisphubtest.PingAntennaOnly, 4, ping.AntennaOnly, 4, 0, 0},
		"silent":           {wisphubtest.PingSilent, 4, ping.NoInternet, 4, 0, 0},
		"ARP":              {wisphubtest.PingARP, 4, ping.Stable, 4, 4, 4.217},
		"router error":     {wisphubtest.PingRouterError, 4, ping.Failed, 0, 0, 0},
		"ARP error":        {wisphubtest.PingARPError, 4, ping.Failed, 0, 0, 0},
		"errors and pings": {wisphubtest.PingMixed, 4, ping.Stable, 2, 2, 1.659},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			upstream, provider := open(t, 1)
			id := upstream.PingTask(test.outcome, test.pings)
			for _, state := range []string{wisphubtest.TaskPending, wisphubtest.TaskProcess} {
				if row, err := provider.api.Tasks.Get(t.Context(), id); err != nil || string(row.Status) != state {
					t.Fatalf("task = %+v, %v, want %s", row, err, state)
				}
			}
			task, err := provider.Tasks.Get(t.Context(), id)
			if err != nil || task.Status != TaskSuccess {
				t.Fatalf("Get() = %+v, %v, want a finished task", task, err)
			}
			if got := task.Ping; got.Connection != test.want || got.Sent != test.sent || got.Received != test.received {
				t.Errorf("%s, %d of %d, want %s, %d of %d", got.Connection, got.Received, got.Sent, test.want, test.received, test.sent)
			}
			if task.Ping.Message == "" {
				t.Error("no message, want a sentence for the subscriber")
			}
			if len(task.Ping.Replies) != test.pings {
				t.Errorf("%d replies, want %d", len(task.Ping.Replies), test.pings)
			}
			average := 0.0
			if task.Ping.AverageMs != nil {
				average = *task.Ping.AverageMs
			}
			if average != test.averageMs {
				t.Errorf("AverageMs = %v, want %v", average, test.averageMs)
			}
		})
	}
}
