package wisphub

import (
	"context"
	"encoding/json"
)

// TasksService reads the jobs that WispHub runs in the background.
type TasksService service

// Task is the state of a job.
type Task struct {
	Status Text `json:"status"` // see ParseTaskState
	// Result depends on the job: a list, an object, text, or nothing. It is as WispHub sent it.
	Result json.RawMessage `json:"result"`
	Error  Text            `json:"error"`
}

// taskAnswer is the frame around a task.
type taskAnswer struct {
	Task Object[Task] `json:"task"`
}

// Get returns the state of a job. An answer without a task is [ErrNotFound]: what WispHub says of an id that it does
// not know is not known either.
func (s *TasksService) Get(ctx context.Context, id string) (*Task, error) {
	answer, err := record[taskAnswer](ctx, s.api, "tasks", id)
	if err != nil {
		return nil, err
	}
	if answer.Task.Value == nil {
		return nil, &Error{Call: "GET tasks", kind: ErrNotFound, Detail: "an answer without a task"}
	}
	return answer.Task.Value, nil
}
