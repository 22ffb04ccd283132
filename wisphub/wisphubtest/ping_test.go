package wisphubtest

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// finishedPing returns the results of a ping task that has ended.
func finishedPing(t *testing.T, s *Server, outcome PingOutcome, pings int) []map[string]any {
	t.Helper()
	id := s.PingTask(outcome, pings)
	if got := polls(s, id, 2); got[0] != pendingBody || got[1] != processBody {
		t.Errorf("first polls of a ping = %q, want PENDING and PROCESS", got)
	}
	var body struct {
		Task struct {
			Status string
			Result []map[string]any
		}
	}
	decode(t, do(s, "GET", "/api/tasks/"+id+"/"), &body)
	if body.Task.Status != TaskSuccess {
		t.Errorf("status of a finished ping = %s, want SUCCESS", body.Task.Status)
	}
	return body.Task.Result
}

// probeKinds lists the kinds of a ping's results.
func probeKinds(results []map[string]any) string {
	var names []string
	for _, result := range results {
		for _, value := range result {
			probe, _ := value.(map[string]any)
			switch {
			case probe == nil && strings.HasPrefix(text(value), "('Error "):
				names = append(names, "error")
			case probe == nil:
				names = append(names, text(value))
			case probe["status"] != nil:
				names = append(names, text(probe["status"]))
			case strings.Contains(text(probe["host"]), ":"):
				names = append(names, "arp")
			default:
				names = append(names, "reply")
			}
		}
	}
	return strings.Join(names, ", ")
}

func TestPingTask_Outcomes(t *testing.T) {
	t.Parallel()
	s := newTicketServer(nil)
	const noInterface = "failure: interface needs to be specified for arp ping"
	for _, test := range []struct {
		outcome PingOutcome
		want    string
	}{
		{PingStable, "reply, reply, reply, reply, 4 de 4"},
		{PingLossy, "reply, timeout, reply, timeout, 2 de 4"},
		{PingAntennaOnly, "host unreachable, timeout, host unreachable, timeout, 2 de 4"},
		{PingSilent, "timeout, timeout, timeout, timeout, 0 de 4"},
		{PingARP, "arp, arp, arp, arp, 4 de 4"},
		{PingRouterError, "error, error, error, error, 0 de 4"},
		{PingMixed, "reply, error, reply, error, 2 de 4"},
		{PingARPError, strings.Repeat(noInterface+", ", 4) + "0 de 4"},
	} {
		if got := probeKinds(finishedPing(t, s, test.outcome, 4)); got != test.want {
			t.Errorf("PingTask(%d, 4) = %s, want %s", test.outcome, got, test.want)
		}
	}
	if got := probeKinds(finishedPing(t, s, PingStable, 1)); got != "reply, 1 de 1" {
		t.Errorf("PingTask(PingStable, 1) = %s, want one reply", got)
	}
}

// Each kind of result has the keys of the specification.
func TestPingTask_Keys(t *testing.T) {
	t.Parallel()
	s := newTicketServer(nil)
	for outcome, want := range map[PingOutcome]string{
		PingStable:      "avg-rtt host max-rtt min-rtt packet-loss received sent seq size time ttl",
		PingARP:         "avg-rtt host max-rtt min-rtt packet-loss received sent seq time",
		PingSilent:      "host packet-loss received sent seq status",
		PingAntennaOnly: "host packet-loss received sent seq size status time ttl",
	} {
		results := finishedPing(t, s, outcome, 1)
		probe := results[0]["ping-1"].(map[string]any)
		if got := strings.Join(slices.Sorted(maps.Keys(probe)), " "); got != want || len(results[0]) != 1 {
			t.Errorf("keys of outcome %d = %s, want %s", outcome, got, want)
		}
		for key, value := range probe {
			if !isText(value) {
				t.Errorf("%s of outcome %d = %v, want text", key, outcome, value)
			}
		}
	}
	reply := finishedPing(t, s, PingStable, 1)[0]["ping-1"].(map[string]any)
	if reply["time"] != "1ms287us" || reply["received"] != "1" || reply["packet-loss"] != "0" || reply["size"] != "56" {
		t.Errorf("reply = %v, want time 1ms287us, received 1, packet-loss 0, size 56", reply)
	}
	hop := finishedPing(t, s, PingAntennaOnly, 1)[0]["ping-1"].(map[string]any)
	silent := finishedPing(t, s, PingSilent, 1)[0]["ping-1"].(map[string]any)
	if hop["received"] != "0" || hop["size"] != "84" || hop["host"] == silent["host"] {
		t.Errorf("unreachable = %v, want received 0, size 84 and another host", hop)
	}
}
