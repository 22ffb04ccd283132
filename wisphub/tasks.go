package wisphub

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
)

const tasksPath = "tasks/" + idElement

// TasksService reads the tasks that WispHub runs in the background.
type TasksService service

// Task is the state of a task.
type Task struct {
	Status Text `json:"status"` // see ParseTaskState
	// Result is as WispHub sent it: a list, an object, a text, or nothing.
	Result json.RawMessage `json:"result"`
	Error  Text            `json:"error"`
}

// taskAnswer is the JSON object around a task.
type taskAnswer struct {
	task   Object[Task]
	null   bool // the key is there, and null
	detail Text
}

// UnmarshalJSON implements [json.Unmarshaler].
func (a *taskAnswer) UnmarshalJSON(data []byte) error {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(data, &members) // the syntax was checked before
	a.null = string(members["task"]) == "null"
	_ = a.detail.UnmarshalJSON(members["detail"])
	return a.task.UnmarshalJSON(members["task"])
}

func (a *taskAnswer) lacks() string {
	switch {
	case a.unknown():
		return ""
	case a.task.Value == nil:
		return "task"
	case a.task.Value.Status == "":
		return "the status of the task"
	}
	return ""
}

// unknown reports whether WispHub says that it does not know the id. Its answer is undocumented.
func (a *taskAnswer) unknown() bool {
	return a.null || strings.HasPrefix(string(a.detail), "No encontrado")
}

// taskIDs matches every id that WispHub may give: it is opaque.
var taskIDs = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Get returns the state of a task. {"task": null} is [ErrNotFound], like a 404. So is an id that
// is not 1 to 64 characters of A-Z, a-z, 0-9, _ and -, which costs no call.
func (s *TasksService) Get(ctx context.Context, id string) (*Task, error) {
	if !taskIDs.MatchString(id) {
		return nil, &Error{Call: "GET tasks", kind: ErrNotFound, Detail: "not an id of a task"}
	}
	answer, err := getRecord[taskAnswer](ctx, s.api, tasksPath, id)
	if err != nil {
		return nil, err
	}
	if answer.unknown() {
		return nil, &Error{Call: "GET tasks", kind: ErrNotFound, Detail: "WispHub knows no such task"}
	}
	return answer.task.Value, nil
}
