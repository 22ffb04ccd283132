package wisphub

import (
	"context"
	"net/http"
	"strconv"
)

// PingRequest is the body of a ping.
type PingRequest struct {
	// Pings is the number of probes that the router sends.
	Pings int `json:"pings"`
}

// StartedTask is a task that WispHub has started.
type StartedTask struct {
	ID     Text `json:"task_id"`
	Status Text `json:"status"` // see ParseTaskState
}

// Ping starts a task in which the router pings a client. Its result holds the probes
// (wisphub-net-api §4.8, §5).
func (s *ClientsService) Ping(ctx context.Context, id int, ping PingRequest) (*StartedTask, error) {
	c := s.api.newWrite(http.MethodPost, jsonPayload(ping), jsonAnswer, clientPath+"/ping", strconv.Itoa(id))
	return writeRecord(ctx, s.api, c, func(task *StartedTask) bool { return task.ID != "" })
}
