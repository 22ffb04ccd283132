package wisphub

import (
	"context"
	"encoding/json"
)

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
	Task Object[Task] `json:"task"`
}

// Get returns the state of a task. An answer without a task is [ErrNotFound]: WispHub's answer to
// an unknown id is undocumented.
func (s *TasksService) Get(ctx context.Context, id string) (*Task, error) {
	answer, err := getRecord[taskAnswer](ctx, s.api, "tasks", id)
	if err != nil {
		return nil, err
	}
	if answer.Task.Value == nil {
		return nil, &Error{Call: "GET tasks", kind: ErrNotFound, Detail: "answer holds no task"}
	}
	return answer.Task.Value, nil
}
