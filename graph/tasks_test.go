package graph_test

import (
	"strings"
	"testing"

	"wisphub-graphql/wisphub/wisphubtest"
)

const taskID = "0e37df36-f698-4bd2-9a3d-1d3e8a0c9b1e"

func TestTask_Fields(t *testing.T) {
	t.Parallel()
	state := func(state string) wisphubtest.TaskScript {
		return wisphubtest.TaskScript{States: []string{state}}
	}
	tests := map[string]struct {
		script wisphubtest.TaskScript
		want   string
	}{
		"pending": {state("PENDING"), `{"status":"PENDING","finished":false,"result":null,"error":null,"ping":null}`},
		"running": {state("PROCESS"), `{"status":"RUNNING","finished":false,"result":null,"error":null,"ping":null}`},
		"done":    {state("SUCCESS"), `{"status":"SUCCESS","finished":true,"result":null,"error":null,"ping":null}`},
		"unheard": {state("RETRY"), `{"status":"UNKNOWN","finished":false,"result":null,"error":null,"ping":null}`},
		"stateless": {
			wisphubtest.TaskScript{States: []string{""}},
			`{"status":"UNKNOWN","finished":false,"result":null,"error":null,"ping":null}`,
		},
		"failed": {
			wisphubtest.TaskScript{States: []string{"FAILURE"}, Error: "list index out of range"},
			`{"status":"FAILURE","finished":true,"result":null,"error":"list index out of range","ping":null}`,
		},
		"object": {
			wisphubtest.TaskScript{States: []string{"SUCCESS"}, Result: row{"agregar": []int{26}, "errores": row{}}},
			`{"status":"SUCCESS","finished":true,"result":{"agregar":[26],"errores":{}},"error":null,"ping":null}`,
		},
		"text": {
			wisphubtest.TaskScript{States: []string{"SUCCESS"}, Result: "Servicio \"26\" activado"},
			`{"status":"SUCCESS","finished":true,"result":"Servicio \"26\" activado","error":null,"ping":null}`,
		},
		"list": {
			wisphubtest.TaskScript{States: []string{"SUCCESS"}, Result: []any{1, nil, "x"}},
			`{"status":"SUCCESS","finished":true,"result":[1,null,"x"],"error":null,"ping":null}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fixtureConfig{})
			f.upstream.PutTask(taskID, tt.script)
			got := f.data(t, `{task(taskId:"`+taskID+`"){status finished result error ping{sent}}}`)
			wantJSON(t, name, got, `{"task":`+tt.want+`}`)
		})
	}
}

func TestTask_BadIDs(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"SUCCESS"}})
	const fields = `{__typename id taskId}`
	const found = `{"__typename":"Task","id":"task:` + taskID + `","taskId":"` + taskID + `"}`
	tests := map[string]string{
		`task(taskId:"` + taskID + `")`:                        found,
		`node(id:"task:` + taskID + `")`:                       found,
		`task(taskId:"00000000-0000-4000-8000-000000000001")`:  `null`,
		`node(id:"task:00000000-0000-4000-8000-000000000001")`: `null`,
	}
	for field, want := range tests {
		selection := fields
		if field[0] == 'n' {
			selection = `{__typename id ... on Task{taskId}}`
		}
		wantJSON(t, field, f.data(t, `{it:`+field+selection+`}`), `{"it":`+want+`}`)
	}
	for _, id := range []string{"", taskID + "/", "../clientes/26", taskID + "\n"} {
		a := f.runWith(t, `query($id:String!){task(taskId:$id){id} viewer{username}}`, map[string]any{"id": id})
		wantJSON(t, id, a.body, `{"data":{"task":null,"viewer":{"username":"ana"}}}`)
	}
}

// WispHub answers 404 or an empty body for these.
func TestTask_Unknown(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"SUCCESS"}, Body: row{}})
	for range 2 {
		wantJSON(t, "a body without task", f.data(t, `{task(taskId:"`+taskID+`"){id}}`), `{"task":null}`)
	}
	if got := f.upstream.Total(); got != 1 {
		t.Errorf("two reads of an unknown task cost %d upstream calls, want 1", got)
	}
}

// A finished task is read once. A running one is read once while many callers look at it.
func TestTask_Cost(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	document := `{task(taskId:"` + f.upstream.PingTask(wisphubtest.PingStable, 2) + `"){status} again:task(taskId:"` + taskID + `"){status}}`
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"SUCCESS"}})
	for range 3 {
		wantJSON(t, "tasks", f.data(t, document), `{"task":{"status":"PENDING"},"again":{"status":"SUCCESS"}}`)
	}
	if got := f.upstream.Total(); got != 2 {
		t.Errorf("three reads of two tasks cost %d upstream calls, want 2", got)
	}
}

// The result may name routers and addresses. Callers with READ only get the other fields.
func TestTask_ResultNeedsSupport(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"SUCCESS"}, Result: row{"router": "192.0.2.1"}})
	document := `{task(taskId:"` + taskID + `"){status result finished} node(id:"task:` + taskID + `"){id ... on Task{hidden:result}} viewer{username}}`
	a := f.send(t, request{token: f.tokenFor(t, ben), body: operation(t, document, nil)})
	wantJSON(t, "task", string(a.Data), `{"task":{"status":"SUCCESS","result":null,"finished":true},
		"node":{"id":"task:`+taskID+`","hidden":null},"viewer":{"username":"ben"}}`)
	if len(a.Errors) != 2 {
		t.Fatalf("task = %s, want two errors", a.body)
	}
	for _, err := range a.Errors {
		if err.Extensions.Code != "FORBIDDEN" || err.Message != "Not enough permissions." {
			t.Errorf("%v = %s %q, want FORBIDDEN", err.Path, err.Extensions.Code, err.Message)
		}
	}
	if path := a.Errors[0].Path; len(path) != 2 || path[1] != "result" && path[1] != "hidden" {
		t.Errorf("path = %v, want the path of the result", path)
	}
}

// However long the reason of a failure is, its beginning is shown.
func Test15_Small_LongTaskErrorIsCut(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"FAILURE"}, Error: "no route to host " + strings.Repeat("at line 1 ", 5000)})
	data := f.data(t, `{task(taskId:"`+taskID+`"){error}}`)
	if !strings.Contains(data, `"no route to host at line 1`) || !strings.Contains(data, `…"`) {
		t.Errorf("a task with a long error = %s, want the beginning", data)
	}
}

// A task's error names routers, too. It needs SUPPORT and is cut.
func Test15_Small_TaskErrorNeedsSupport(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"FAILURE"}, Error: "192.0.2.1 " + strings.Repeat("ñ", 600)})
	document := `{task(taskId:"` + taskID + `"){status error finished}}`
	a := f.send(t, request{token: f.tokenFor(t, ben), body: operation(t, document, nil)})
	wantJSON(t, "the task for READ", string(a.Data), `{"task":{"status":"FAILURE","error":null,"finished":true}}`)
	wantError(t, "the task for READ", a, "FORBIDDEN", "Not enough permissions.")
	wantPath(t, "the task for READ", a, "task", "error")
	wantJSON(t, "the task for SUPPORT", f.data(t, document),
		`{"task":{"status":"FAILURE","error":"192.0.2.1 `+strings.Repeat("ñ", 489)+`…","finished":true}}`)
}
