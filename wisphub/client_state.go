package wisphub

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
)

// StateChange is the job that changes the state of services: they have it when the task is finished, not before.
type StateChange struct {
	TaskID string
	// UnknownIDs are those of the ids asked for that the warnings name: WispHub does not know them, and does the others.
	UnknownIDs []int
	// Warnings are as WispHub sent them. Their shape is not known (wisphub-net-api §4.6).
	Warnings json.RawMessage
}

type stateChangeRequest struct {
	IDs []int `json:"servicios"`
}

type stateChangeAnswer struct {
	TaskID   Text            `json:"task_id"`
	Warnings json.RawMessage `json:"warnings"`
}

// Activate begins to give services back to their subscribers.
func (s *ClientsService) Activate(ctx context.Context, ids []int) (*StateChange, error) {
	return s.changeState(ctx, "activar", ids)
}

// Deactivate begins to suspend services.
func (s *ClientsService) Deactivate(ctx context.Context, ids []int) (*StateChange, error) {
	return s.changeState(ctx, "desactivar", ids)
}

func (s *ClientsService) changeState(ctx context.Context, action string, ids []int) (*StateChange, error) {
	c := s.api.newWrite(http.MethodPost, jsonPayload(stateChangeRequest{ids}), jsonAnswer, clientsPath, action)
	answer, err := writeRecord(ctx, s.api, c, func(a *stateChangeAnswer) bool { return a.TaskID != "" })
	if err != nil {
		return nil, err
	}
	return &StateChange{
		TaskID: string(answer.TaskID), UnknownIDs: idsIn(answer.Warnings, ids), Warnings: answer.Warnings,
	}, nil
}

var digits = regexp.MustCompile(`[0-9]+`)

// idsIn returns those of ids that stand anywhere in warnings: a number, or digits in a text or a key. Other numbers there
// mean something else.
func idsIn(warnings json.RawMessage, ids []int) []int {
	decoder := json.NewDecoder(bytes.NewReader(warnings))
	decoder.UseNumber() // 1000000 as it is, not as 1e+06
	var said any
	if decoder.Decode(&said) != nil {
		return nil
	}
	named := map[int]bool{}
	for _, text := range digits.FindAllString(fmt.Sprint(said), -1) {
		if id, err := strconv.Atoi(text); err == nil {
			named[id] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id int) bool { return !named[id] })
}
