package isp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"wisphub-graphql/wisphub"
)

// ServiceStatePayload is the result of [Clients.Activate] or [Clients.Suspend].
type ServiceStatePayload struct {
	// Task is WispHub's task that changes the services, nil if none was started.
	Task *Task
	// UnknownServiceIds are those that WispHub does not have. It changes the others if a task was
	// started. Never nil.
	UnknownServiceIds []int
	UserErrors        []*UserError
}

// Activate starts a task that turns services on again. When it has finished, they are read again.
func (c *Clients) Activate(ctx context.Context, serviceIDs []int) (*ServiceStatePayload, error) {
	return c.changeState(ctx, "activateClients", serviceIDs, c.api.Clients.Activate)
}

// Suspend starts a task that cuts services off. When it has finished, they are read again.
func (c *Clients) Suspend(ctx context.Context, serviceIDs []int) (*ServiceStatePayload, error) {
	return c.changeState(ctx, "suspendClients", serviceIDs, c.api.Clients.Deactivate)
}

// stateChanger is a method of [wisphub.ClientsService] that starts the task.
type stateChanger func(ctx context.Context, ids []int) (*wisphub.StateChange, error)

func (c *Clients) changeState(ctx context.Context, action string, ids []int, send stateChanger) (payload *ServiceStatePayload, err error) {
	ctx, write, err := c.mutations.begin(ctx, action, nodeIDs("client", ids)...)
	if err != nil {
		return nil, err
	}
	defer endMutation(write, &payload, &err)
	if wrong := checkServiceIDs(ids); len(wrong) > 0 {
		return stateNotChanged(wrong), nil
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	write.nodeIDs = nodeIDs("client", ids)
	if unknown, err := c.unknownServices(ctx, ids); err != nil || len(unknown) > 0 {
		return &ServiceStatePayload{UnknownServiceIds: unknown, UserErrors: noServices(unknown)}, err
	}
	ctx, cancel, err := write.commit(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	change, err := send(ctx, ids)
	if err != nil {
		wrong, err := c.mutations.rejection("client", err, inputPaths{"servicios": {"serviceIds"}}, []string{"serviceIds"})
		if errors.Is(err, ErrOutcomeUnknown) {
			c.mutations.recheck(ctx, func(ctx context.Context) error { return c.reloadMany(ctx, ids) })
		}
		return stateNotChanged(wrong), err
	}
	payload = &ServiceStatePayload{
		Task:              startedTask(change.TaskID, ""),
		UnknownServiceIds: append([]int{}, change.UnknownIDs...),
		UserErrors:        userErrors{},
	}
	c.followUp.begin(payload.Task, ids)
	return payload, nil
}

func stateNotChanged(wrong userErrors) *ServiceStatePayload {
	return &ServiceStatePayload{UnknownServiceIds: []int{}, UserErrors: wrong}
}

// checkServiceIDs returns all mistakes in a list of services. It is never nil.
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

// maxStateLookUps is how many services that the directory lacks are looked up one by one. For more,
// the list is read again.
const maxStateLookUps = 5

const (
	// missTTL is the age up to which a list shows that WispHub lacks a service.
	missTTL = 2 * time.Minute
	// maxMisses limits the services of which that is remembered.
	maxMisses = 10 * MaxStateChange
)

// StateLookUps returns how many calls [Clients.Activate] and [Clients.Suspend] spend on the look-up
// of single services.
func (c *Clients) StateLookUps(serviceIDs []int) int {
	entry, warm := c.directory.Peek(struct{}{})
	if !warm {
		return 0
	}
	if missing := len(c.overrides.current(entry.Value).missing(serviceIDs)); missing <= maxStateLookUps {
		return missing
	}
	return 0
}

// unknownServices returns the services that neither the directory nor WispHub has. Invented ids must
// not use up the calls of the hour, so the list is read again only while the pacing allows it.
func (c *Clients) unknownServices(ctx context.Context, ids []int) ([]int, error) {
	directory, err := c.currentDirectory(ctx)
	if err != nil {
		return nil, err
	}
	missing := directory.missing(ids)
	if len(missing) <= maxStateLookUps {
		return c.notFound(ctx, missing)
	}
	began := time.Now()
	if began.Sub(directory.asOf) < notFoundTTL || c.allMissed(missing, began) { // as fresh as a remembered look-up may be
		return missing, nil
	}
	paced := c.crawlAfter(ctx, began, c.crawlAllowed)
	if paced != nil && !errors.Is(paced, errCrawlPaced) {
		return nil, paced
	}
	if directory, err = c.currentDirectory(ctx); err != nil {
		return nil, err
	}
	missing = directory.missing(missing)
	if paced != nil && len(missing) > 0 && time.Since(directory.asOf) >= missTTL {
		return nil, paced
	}
	if paced == nil {
		for _, id := range missing {
			c.misses.Add(id, directory.asOf)
		}
	}
	return missing, nil
}

// allMissed reports whether lists that were read lately for these services lacked them all.
func (c *Clients) allMissed(ids []int, now time.Time) bool {
	return !slices.ContainsFunc(ids, func(id int) bool {
		read, known := c.misses.Get(id)
		return !known || now.Sub(read) >= missTTL
	})
}

// crawlAllowed returns an error if another crawl now would exceed the directory's share of the hour.
func (c *Clients) crawlAllowed() error {
	if held, known := c.directory.Peek(struct{}{}); known {
		c.pacing.merge(held.Value.crawls...)
	}
	if wait := c.pacing.wait(time.Now(), c.api.HourShare()); wait > 0 {
		return &FetchError{Noun: "client", RetryAfter: wait, kind: ErrUpstreamUnavailable, cause: errCrawlPaced}
	}
	return nil
}

// missing returns those of the services that the directory lacks.
func (d *directory) missing(ids []int) []int {
	return slices.DeleteFunc(slices.Clone(ids), func(id int) bool { return d.byID(id) != nil })
}

// notFound looks services up and returns those that WispHub does not have.
func (c *Clients) notFound(ctx context.Context, ids []int) ([]int, error) {
	found, errs := make([]*Client, len(ids)), make([]error, len(ids))
	inParallel(maxParallelReloads, len(ids), func(i int) { found[i], errs[i] = c.Get(ctx, ids[i]) })
	var unknown []int
	for i, client := range found {
		if client == nil {
			unknown = append(unknown, ids[i])
		}
	}
	return unknown, fetchError("client", errors.Join(errs...))
}

func noServices(ids []int) (wrong userErrors) {
	for _, id := range ids {
		wrong.add(CodeNotFound, "There is no client "+strconv.Itoa(id)+".", "serviceIds")
	}
	return wrong
}

// reloadChanged reads services again whose state has changed. It does so at a caller's priority:
// callers would see a suspended service as active until then.
func (c *Clients) reloadChanged(ctx context.Context, serviceIDs []int) error {
	c.urgent.Add(1)
	defer c.urgent.Add(-1)
	err := c.reloadMany(ctx, serviceIDs)
	if err != nil && ctx.Err() == nil {
		c.directory.Expire()
		c.logger.Warn("reload of services after a state change failed; the next client list has them", "error", err)
	}
	return err
}

// nodeIDs names things for the audit log, [MaxStateChange] at most.
func nodeIDs(kind string, ids []int) []string {
	list := make([]string, min(len(ids), MaxStateChange))
	for i := range list {
		list[i] = nodeID(kind, ids[i])
	}
	return list
}
