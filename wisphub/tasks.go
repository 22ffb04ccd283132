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
	Error  Text            `json:"error" max:"1048576"` // a long trace must not hide why a task failed
}

// taskAnswer is the JSON object around a task. Unknown means that WispHub does not know the id:
// how it says so is undocumented.
type taskAnswer struct {
	Task    Object[Task]
	unknown bool
}

// UnmarshalJSON implements [json.Unmarshaler].
func (a *taskAnswer) UnmarshalJSON(data []byte) error {
	var members struct {
		Task   json.RawMessage `json:"task"`
		Detail Text            `json:"detail"`
	}
	_ = json.Unmarshal(data, &members) // the syntax was checked before
	a.unknown = countElements(data, 1) == 0 || string(members.Task) == "null" ||
		strings.HasPrefix(string(members.Detail), "No encontrado")
	return a.Task.UnmarshalJSON(members.Task)
}

// lacks insists on a task. A task without a status is shown as one of unknown status.
func (a *taskAnswer) lacks() string {
	if a.Task.Value == nil && !a.unknown {
		return "task"
	}
	return ""
}

// taskIDs matches every id that WispHub may give: it is opaque.
var taskIDs = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Get returns the state of a task. {} and {"task": null} are [ErrNotFound], like a 404. So is an
// id that is not 1 to 64 characters of A-Z, a-z, 0-9, _ and -, which costs no call.
func (s *TasksService) Get(ctx context.Context, id string) (*Task, error) {
	if !taskIDs.MatchString(id) {
		return nil, &Error{Call: "GET tasks", kind: ErrNotFound, Detail: "not an id of a task"}
	}
	answer, err := getRecord[taskAnswer](ctx, s.api, tasksPath, id)
	if err != nil {
		return nil, err
	}
	if answer.unknown {
		return nil, &Error{Call: "GET tasks", kind: ErrNotFound, Detail: "WispHub knows no such task"}
	}
	return answer.Task.Value, nil
}
