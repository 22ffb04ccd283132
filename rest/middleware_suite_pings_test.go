package rest

import (
	"fmt"
	"strings"
	"testing"

	"wisphub-graphql/wisphub/wisphubtest"
)

// suiteTask is the id of the tasks that scripted puts.
const suiteTask = "00000000-0000-4000-8000-000000000001"

var noPing = failed("PING_FAILED")

func scripted(script wisphubtest.TaskScript) func(*testing.T, *testServer) {
	return func(_ *testing.T, s *testServer) { s.upstream.PutTask(suiteTask, script) }
}

// probes returns a finished ping. Each letter is a probe: r received, t timed out, u host
// unreachable, e the router's error.
func probes(letters string) func(*testing.T, *testServer) {
	kinds := map[rune]any{
		'r': row{"received": "1", "host": "192.0.2.26", "sent": "1", "packet-loss": "0", "time": "1ms287us"},
		't': row{"received": "0", "host": "192.0.2.26", "sent": "1", "status": "timeout"},
		'u': row{"received": "1", "host": "198.51.100.1", "sent": "1", "status": "host unreachable"},
		'e': "failure: interface needs to be specified for arp ping",
	}
	var result []any
	for i, letter := range letters {
		result = append(result, row{fmt.Sprintf("ping-%d", i+1): kinds[letter]})
	}
	result = append(result, row{"ping-exitoso": fmt.Sprintf("%d de %d", strings.Count(letters, "r")+strings.Count(letters, "u"), len(letters))})
	return scripted(wisphubtest.TaskScript{States: []string{"SUCCESS"}, Result: result})
}

func pingResultCase(name, letters string, answer func(action, data string) reply, action, connection string) suiteCase {
	sent, received := len(letters)-strings.Count(letters, "e"), strings.Count(letters, "r")
	data := fmt.Sprintf(`{"connection":%q,"sent":%d,"received":%d}`, connection, sent, received)
	return get(name, "/ping/"+suiteTask, answer(action, data)).after(probes(letters))
}

var pingCases = []suiteCase{
	post("start", "/26/ping", `{"pings":4}`, success("PING_CREATED", `{"task_id":"*"}`)),
	post("start with one probe", "/26/ping", `{"pings":1}`, success("PING_CREATED", `{"task_id":"*"}`)),
	post("start with a text for the number", "/26/ping", `{"pings":"4"}`, success("PING_CREATED", `{"task_id":"*"}`)),
	post("unknown client", "/99/ping", `{"pings":4}`, noPing),
	post("service id that is no number", "/abc/ping", `{"pings":4}`, noPing),
	post("refused", "/26/ping", `{"pings":4}`, noPing).after(answers("POST /api/clientes/26/ping/", 400, `{"pings":["No se pudo."]}`)),
	post("refused without a field", "/26/ping", `{"pings":4}`, noPing).after(answers("POST /api/clientes/26/ping/", 400, `{"detail":"Sin router."}`)),
	post("unknown to WispHub", "/26/ping", `{"pings":4}`, noPing).after(answers("POST /api/clientes/26/ping/", 404, `{"detail":"No encontrado."}`)),
	post("pings that are no number", "/26/ping", `{"pings":"muchos"}`, invalid("pings")),
	post("no pings at all", "/26/ping", `{"pings":0}`, invalid("pings")),
	post("no object", "/26/ping", `4`, invalid("body")),

	pingResultCase("all of 4", "rrrr", success, "STABLE_CONNECTION", "stable"),
	pingResultCase("1 of 1", "r", success, "STABLE_CONNECTION", "stable"),
	pingResultCase("80 %", "rrrrt", success, "STABLE_CONNECTION", "stable"),
	pingResultCase("75 %", "rrrt", info, "INTERMITTENT_CONNECTION", "intermittent"),
	pingResultCase("79 %", "rrrrrrrrrrrrrrrtttt", info, "INTERMITTENT_CONNECTION", "intermittent"),
	pingResultCase("1 of 4", "trtt", info, "INTERMITTENT_CONNECTION", "intermittent"),
	pingResultCase("1 of 4, beside a hop", "rtut", info, "INTERMITTENT_CONNECTION", "intermittent"),
	pingResultCase("none of 4", "tttt", info, "NO_INTERNET", "no_internet"),
	pingResultCase("only a hop", "uuuu", info, "NO_INTERNET", "antenna_only"),
	pingResultCase("a hop once", "tttu", info, "NO_INTERNET", "antenna_only"),
	pingResultCase("errors are not sent", "rrrree", success, "STABLE_CONNECTION", "stable"),
	pingResultCase("errors beside timeouts", "eett", info, "NO_INTERNET", "no_internet"),
	get("only errors", "/ping/"+suiteTask, noPing).after(probes("eeee")),
	get("no probes", "/ping/"+suiteTask, noPing).after(probes("")),
	get("pending", "/ping/"+suiteTask, info("PING_PENDING", `{"connection":"pending","sent":0,"received":0}`)).after(scripted(wisphubtest.TaskScript{States: []string{"PENDING"}})),
	get("in process", "/ping/"+suiteTask, info("PING_PENDING", `{"connection":"pending","sent":0,"received":0}`)).after(scripted(wisphubtest.TaskScript{States: []string{"PROCESS"}})),
	get("task failed", "/ping/"+suiteTask, noPing).after(scripted(wisphubtest.TaskScript{States: []string{"FAILURE"}, Error: "timed out"})),
	get("unknown task", "/ping/"+suiteTask, noPing),
	get("task id of another form", "/ping/abc", noPing),
}
