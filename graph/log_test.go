package graph_test

import (
	"net/http"
	"strings"
	"testing"
)

// failingPlans makes WispHub's list of plans fail.
func failingPlans(w http.ResponseWriter, r *http.Request) bool {
	if !strings.Contains(r.URL.Path, "plan") {
		return false
	}
	w.WriteHeader(http.StatusInternalServerError)
	return true
}

// The log has the schema's names, whatever aliases and fragments the document has.
func Test15_12_PathsInTheLog(t *testing.T) {
	t.Parallel()
	for document, path := range map[string]string{
		`{plans{name}}`:         "plans",
		`{canary:plans{name}}`:  "plans",
		`{canary: plans{name}}`: "plans",
		`{...F} fragment F on Query{...{canary:plans{name}}}`:                                                     "plans",
		`{canary:clients(first:1){canary2:nodes{canary3:plan{canary4:downloadKbps}}}}`:                            "clients.nodes.plan.downloadKbps",
		`{canary:clients(first:1){...C}} fragment C on ClientConnection{canary2:nodes{canary3:plan{uploadKbps}}}`: "clients.nodes.plan.uploadKbps",
	} {
		f := newFixture(t, fixtureConfig{intercept: failingPlans})
		f.run(t, document)
		log := f.log.String()
		if !strings.Contains(log, " path="+path+" ") && !strings.Contains(log, `"path":"`+path+`"`) || strings.Contains(log, "canary") {
			t.Errorf("%s is logged as %s, want the path %s", document, log, path)
		}
	}
}

// failingTasks makes all calls about tasks fail.
func failingTasks(w http.ResponseWriter, r *http.Request) bool {
	if !strings.Contains(r.URL.Path, "task") {
		return false
	}
	w.WriteHeader(http.StatusInternalServerError)
	return true
}

// A subscription that cannot start is logged once, over events and WebSocket.
func Test15_12_SubscriptionsInTheLog(t *testing.T) {
	t.Parallel()
	const document = `subscription canary{canary2:taskUpdated(taskId:"00000000-0000-4000-8000-000000000001"){status}}`
	for name, start := range map[string]func(f *fixture){
		"events": func(f *fixture) {
			f.subscribe(t, request{token: f.tokenFor(t, ana), body: operation(t, document, nil)}).next()
		},
		"WebSocket": func(f *fixture) {
			socket := f.connect(t, f.tokenFor(t, ana))
			socket.subscribe("canary3", document)
			socket.next()
		},
	} {
		f := newFixture(t, fixtureConfig{intercept: failingTasks})
		start(f)
		log := f.log.String()
		if strings.Count(log, "field failed") != 1 || !strings.Contains(log, " path=taskUpdated ") || strings.Contains(log, "canary") {
			t.Errorf("a failed subscription over %s is logged as %s, want one line with taskUpdated", name, log)
		}
	}
}
