package wisphub

import (
	"bytes"
	"context"
	"encoding/json"
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

var (
	digits = regexp.MustCompile(`[0-9]+`)
	// pointer stands before ids in a sentence.
	pointer = regexp.MustCompile(`(?i)\bids?\b|[:#]`)
)

// idsIn returns those of ids that warnings name: an element or a key that is a number, and in a sentence the numbers behind
// "id", ":" or "#", or else the last one. Other numbers there mean something else.
func idsIn(warnings json.RawMessage, ids []int) []int {
	decoder := json.NewDecoder(bytes.NewReader(warnings))
	decoder.UseNumber() // 1000000 as it is, not as 1e+06
	var said any
	if decoder.Decode(&said) != nil {
		return nil
	}
	named := map[string]bool{}
	nameIn(said, named)
	return slices.DeleteFunc(slices.Clone(ids), func(id int) bool { return !named[strconv.Itoa(id)] })
}

// nameIn adds the ids that a value names.
func nameIn(said any, named map[string]bool) {
	switch said := said.(type) {
	case json.Number:
		named[said.String()] = true
	case string:
		nameInSentence(said, named)
	case []any:
		for _, element := range said {
			nameIn(element, named)
		}
	case map[string]any:
		for key, value := range said {
			nameInSentence(key, named)
			nameIn(value, named)
		}
	}
}

func nameInSentence(sentence string, named map[string]bool) {
	found := digits.FindAllString(sentence, -1)
	if at := pointer.FindStringIndex(sentence); at != nil {
		found = digits.FindAllString(sentence[at[1]:], -1)
	} else if len(found) > 1 {
		found = found[len(found)-1:]
	}
	for _, id := range found {
		named[id] = true
	}
}
