package isp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"wisphub-graphql/wisphub"
)

// ServiceStatePayload is what became of [Desk.ActivateClients] or [Desk.SuspendClients].
type ServiceStatePayload struct {
	// Task is the job, nil when none was begun.
	Task *Task
	// UnknownServiceIds are those that WispHub did not find; it does the others. Never nil.
	UnknownServiceIds []int
	UserErrors        []*UserError
}

// ActivateClients begins to turn services on again. At the end of the job they are read again.
func (d *Desk) ActivateClients(ctx context.Context, serviceIDs []int) (*ServiceStatePayload, error) {
	return d.changeState(ctx, "activateClients", serviceIDs, d.api.Clients.Activate)
}

// SuspendClients begins to cut services off. At the end of the job they are read again.
func (d *Desk) SuspendClients(ctx context.Context, serviceIDs []int) (*ServiceStatePayload, error) {
	return d.changeState(ctx, "suspendClients", serviceIDs, d.api.Clients.Deactivate)
}

// stateChanger sends the change.
type stateChanger func(ctx context.Context, ids []int) (*wisphub.StateChange, error)

func (d *Desk) changeState(ctx context.Context, action string, ids []int, send stateChanger) (*ServiceStatePayload, error) {
	about := func(*ServiceStatePayload) []string { return nodeIDs("client", ids) }
	return audited(ctx, d, action, about, func(ctx context.Context) (payload *ServiceStatePayload, err error) {
		payload = &ServiceStatePayload{UnknownServiceIds: []int{}, UserErrors: checkServiceIDs(ids)}
		if len(payload.UserErrors) > 0 {
			return payload, nil
		}
		ids = slices.Compact(slices.Sorted(slices.Values(ids)))
		if payload.UserErrors, err = d.unknownServices(ctx, ids); err != nil || len(payload.UserErrors) > 0 {
			return payload, err
		}
		return payload, d.sendState(ctx, ids, send, payload)
	})
}

// sendState begins the job and fills in the payload.
func (d *Desk) sendState(ctx context.Context, ids []int, send stateChanger, payload *ServiceStatePayload) error {
	ctx, done, err := d.commit(ctx)
	if err != nil {
		return err
	}
	defer done()
	change, err := send(ctx, ids)
	if err != nil {
		payload.UserErrors, err = d.refused("client", err, map[string][]string{"servicios": {"serviceIds"}}, []string{"serviceIds"})
		if errors.Is(err, ErrOutcomeUnknown) {
			d.lookAgain(ctx, func(ctx context.Context) error { return d.clients.reloadMany(ctx, ids) })
		}
		return err
	}
	payload.Task = startedTask(change.TaskID, "")
	if change.UnknownIDs != nil {
		payload.UnknownServiceIds = change.UnknownIDs
	}
	d.jobs.begin(payload.Task, ids)
	return nil
}

// checkServiceIDs says all that is wrong with a list of services. It is never nil.
func checkServiceIDs(ids []int) userErrors {
	wrong := userErrors{}
	switch {
	case len(ids) == 0:
		wrong.add(CodeRequired, "Must name a service.", "serviceIds")
	case len(ids) > MaxStateChange:
		wrong.add(CodeInvalid, fmt.Sprintf("Must be at most %d services.", MaxStateChange), "serviceIds")
		return wrong
	}
	for i, id := range ids {
		if id < 1 {
			wrong.add(CodeInvalid, "Must be 1 or more.", "serviceIds", strconv.Itoa(i))
		}
	}
	return wrong
}

// unknownServices names the services that the directory does not have. It is never nil beside a nil error.
func (d *Desk) unknownServices(ctx context.Context, ids []int) (userErrors, error) {
	directory, err := d.clients.currentDirectory(ctx)
	if err != nil {
		return nil, err
	}
	wrong := userErrors{}
	for _, id := range ids {
		if directory.byID[id] == nil {
			wrong.add(CodeNotFound, "There is no client "+strconv.Itoa(id)+".", "serviceIds")
		}
	}
	return wrong, nil
}

func nodeIDs(kind string, ids []int) []string {
	list := make([]string, min(len(ids), MaxStateChange))
	for i := range list {
		list[i] = nodeID(kind, ids[i])
	}
	return list
}
