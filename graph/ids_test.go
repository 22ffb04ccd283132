package graph_test

import (
	"net/http"
	"strings"
	"testing"
)

// Ids are strings: those beyond 32 bits, and texts that are no ids of tasks, find nothing.
func Test13_11_NodesBeyond32BitsAreNull(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	for _, id := range []string{
		"client:2147483648", "client:99999999999", "client:99999999999999999999", "plan:99999999999", "ticket:99999999999",
		"zone:99999999999", "router:99999999999", "sector:99999999999", "staff:99999999999", "paymentMethod:99999999999",
		"task:../clientes/26", "task:a.b", "task:" + strings.Repeat("x", 65),
	} {
		wantJSON(t, id, f.data(t, `{node(id:"`+id+`"){id}}`), `{"node":null}`)
	}
	wantJSON(t, "task", f.data(t, `{task(taskId:"a b"){id}}`), `{"task":null}`)
	if calls := f.upstream.Total(); calls != 0 {
		t.Errorf("ids of nothing cost %d upstream calls, want none", calls)
	}
}

// An Int has 32 bits, in literals and in variables.
func Test13_11_IntsHave32Bits(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	a := f.runWith(t, `query($id:Int!){plan(planId:$id){id}}`, map[string]any{"id": 99_999_999_999})
	if len(a.Errors) != 1 || a.Errors[0].Extensions.Code == "INTERNAL" {
		t.Errorf("plan(planId: 99999999999) = %s, want one error of the input", a.body)
	}
	if calls := f.upstream.Total(); calls != 0 {
		t.Errorf("an Int of 37 bits cost %d upstream calls, want none", calls)
	}
}

// A task's id is opaque, and kept as it is.
func Test13_11_TaskByOpaqueID(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{intercept: func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/api/tasks/Ab_9-z/" {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"task": {"status": "PENDING"}}`))
		return true
	}})
	const want = `{"id":"task:Ab_9-z","taskId":"Ab_9-z"}`
	wantJSON(t, "task", f.data(t, `{task(taskId:"Ab_9-z"){id taskId}}`), `{"task":`+want+`}`)
	wantJSON(t, "node", f.data(t, `{node(id:"task:Ab_9-z"){id ... on Task{taskId}}}`), `{"node":`+want+`}`)
	c := f.connect(t, f.tokenFor(t, ana))
	c.subscribe("q", taskSubscription("a b"))
	c.wantError("q", "NOT_FOUND", "There is no such task.")
}
