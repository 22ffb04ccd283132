package isp

import (
	"context"
	"fmt"

	"wisphub-graphql/wisphub"
)

// PingPayload is the result of [Clients.Ping].
type PingPayload struct {
	// Task is WispHub's task that pings, nil if none was started.
	Task       *Task
	UserErrors []*UserError
}

// Ping starts a task in which the client's router pings the client. Nil pings means
// [DefaultPings].
func (c *Clients) Ping(ctx context.Context, serviceID int, pings *int) (payload *PingPayload, err error) {
	ctx, write, err := c.mutations.begin(ctx, "pingClient", nodeID("client", serviceID))
	if err != nil {
		return nil, err
	}
	defer endMutation(write, &payload, &err)
	count := DefaultPings
	if pings != nil {
		count = *pings
	}
	if wrong := checkPing(serviceID, count); len(wrong) > 0 {
		return &PingPayload{UserErrors: wrong}, nil
	}
	client, err := c.Get(ctx, serviceID)
	if err != nil {
		return nil, err
	}
	if client == nil {
		return &PingPayload{UserErrors: noClient("serviceId")}, nil
	}
	ctx, cancel, err := write.commit(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	task, err := c.api.Clients.Ping(ctx, serviceID, wisphub.PingRequest{Pings: count})
	if err != nil {
		wrong, err := c.mutations.rejection("task", err, inputPaths{"pings": {"pings"}}, []string{"serviceId"})
		return &PingPayload{UserErrors: wrong}, err
	}
	return &PingPayload{Task: startedTask(string(task.ID), string(task.Status)), UserErrors: userErrors{}}, nil
}

func checkPing(serviceID, count int) userErrors {
	wrong := userErrors{}
	if serviceID < 1 {
		wrong.add(CodeInvalid, "Must be 1 or more.", "serviceId")
	}
	if count < MinPings || count > MaxPings {
		wrong.add(CodeInvalid, fmt.Sprintf("Must be %d to %d.", MinPings, MaxPings), "pings")
	}
	return wrong
}

// startedTask returns a task that has just started. It is PENDING if WispHub names no known state
// or says that the task has finished, because only a poll brings the result.
func startedTask(id, status string) *Task {
	task := newTask(id, &wisphub.Task{Status: wisphub.Text(status)})
	if task.Finished || task.Status == TaskUnknown {
		task.Status, task.Finished, task.Ping = TaskPending, false, nil
	}
	return task
}
