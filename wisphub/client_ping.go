package wisphub

import (
	"context"
	"net/http"
	"strconv"
)

// PingRequest says how a client is to be pinged.
type PingRequest struct {
	// Pings is how many probes the router sends.
	Pings int `json:"pings"`
}

// StartedTask is a job that WispHub has begun.
type StartedTask struct {
	ID     Text `json:"task_id"`
	Status Text `json:"status"` // see ParseTaskState
}

// Ping has the router ping a client. The probes are the result of the task (wisphub-net-api §4.8, §5).
func (s *ClientsService) Ping(ctx context.Context, id int, ping PingRequest) (*StartedTask, error) {
	c := s.api.newWrite(http.MethodPost, jsonPayload(ping), jsonAnswer, clientsPath, strconv.Itoa(id), "ping")
	return writeRecord(ctx, s.api, c, func(task *StartedTask) bool { return task.ID != "" })
}
