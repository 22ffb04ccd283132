package isp

import (
	"context"
	"fmt"
	"strings"

	"wisphub-graphql/wisphub"
)

// PingPayload is what became of [Desk.PingClient].
type PingPayload struct {
	// Task is the job, nil when none was begun.
	Task       *Task
	UserErrors []*UserError
}

// PingClient has the client's router ping the client, so many times; 4 for nil.
func (d *Desk) PingClient(ctx context.Context, serviceID int, pings *int) (*PingPayload, error) {
	about := func(*PingPayload) []string { return []string{nodeID("client", serviceID)} }
	return audited(ctx, d, "pingClient", about, func(ctx context.Context) (payload *PingPayload, err error) {
		count := DefaultPings
		if pings != nil {
			count = *pings
		}
		payload = &PingPayload{UserErrors: checkPing(serviceID, count)}
		if len(payload.UserErrors) > 0 {
			return payload, nil
		}
		payload.Task, payload.UserErrors, err = d.ping(ctx, serviceID, count)
		return payload, err
	})
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

func (d *Desk) ping(ctx context.Context, serviceID, count int) (*Task, userErrors, error) {
	client, err := d.client(ctx, serviceID)
	if err != nil {
		return nil, nil, err
	}
	if client == nil {
		return nil, noClient("serviceId"), nil
	}
	ctx, done, err := d.commit(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer done()
	job, err := d.api.Clients.Ping(ctx, serviceID, wisphub.PingRequest{Pings: count})
	if err != nil {
		wrong, err := d.refused("task", err, map[string][]string{"pings": {"pings"}}, []string{"serviceId"})
		return nil, wrong, err
	}
	return startedTask(string(job.ID), string(job.Status)), userErrors{}, nil
}

// startedTask is a job that has just begun. A state that WispHub does not name, or that is an end, is PENDING: only a poll
// brings the result.
func startedTask(id, status string) *Task {
	task := newTask(strings.ToLower(id), &wisphub.Task{Status: wisphub.Text(status)})
	if task.Finished || task.Status == TaskUnknown {
		task.Status, task.Finished, task.Ping = TaskPending, false, nil
	}
	return task
}
