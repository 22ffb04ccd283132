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

// StateChange is the task that changes the state of services. They have it once the task has
// finished.
type StateChange struct {
	TaskID string
	// UnknownIDs are the requested ids that the warnings name. WispHub does not know them, and
	// changes the others.
	UnknownIDs []int
	// Warnings are as WispHub sent them. Their form is undocumented (wisphub-net-api §4.6).
	Warnings json.RawMessage
}

type stateChangeRequest struct {
	IDs []int `json:"servicios"`
}

type stateChangeAnswer struct {
	TaskID   Text            `json:"task_id"`
	Warnings json.RawMessage `json:"warnings"`
}

// Activate starts a task that activates services.
func (s *ClientsService) Activate(ctx context.Context, ids []int) (*StateChange, error) {
	return s.changeState(ctx, "activar", ids)
}

// Deactivate starts a task that suspends services.
func (s *ClientsService) Deactivate(ctx context.Context, ids []int) (*StateChange, error) {
	return s.changeState(ctx, "desactivar", ids)
}

func (s *ClientsService) changeState(ctx context.Context, action string, ids []int) (*StateChange, error) {
	c := s.api.newWrite(http.MethodPost, jsonPayload(stateChangeRequest{ids}), jsonAnswer, clientsPath+"/"+action)
	answer, err := writeRecord(ctx, s.api, c, func(a *stateChangeAnswer) bool { return a.TaskID != "" })
	if err != nil {
		return nil, err
	}
	return &StateChange{
		TaskID: string(answer.TaskID), UnknownIDs: unknownIDs(answer.Warnings, ids), Warnings: answer.Warnings,
	}, nil
}

var (
	numbers = regexp.MustCompile(`[0-9]+`)
	// idMarker comes before ids in a text.
	idMarker = regexp.MustCompile(`(?i)\bids?\b|[:#]`)
)

// unknownIDs returns those of ids that warnings name. An element or a key that is a number is an
// id. In a text, the ids are the numbers after "id", ":" or "#"; without such a marker, the last
// number. Other numbers in a text mean something else.
func unknownIDs(warnings json.RawMessage, ids []int) []int {
	decoder := json.NewDecoder(bytes.NewReader(warnings))
	decoder.UseNumber() // keeps 1000000, which would become 1e+06
	var value any
	if decoder.Decode(&value) != nil {
		return nil
	}
	named := map[string]bool{}
	collectIDs(value, named)
	return slices.DeleteFunc(slices.Clone(ids), func(id int) bool { return !named[strconv.Itoa(id)] })
}

// collectIDs adds the ids in a value to named.
func collectIDs(value any, named map[string]bool) {
	switch value := value.(type) {
	case json.Number:
		named[value.String()] = true
	case string:
		collectIDsInText(value, named)
	case []any:
		for _, element := range value {
			collectIDs(element, named)
		}
	case map[string]any:
		for key, member := range value {
			collectIDsInText(key, named)
			collectIDs(member, named)
		}
	}
}

func collectIDsInText(text string, named map[string]bool) {
	found := numbers.FindAllString(text, -1)
	if at := idMarker.FindStringIndex(text); at != nil {
		found = numbers.FindAllString(text[at[1]:], -1)
	} else if len(found) > 1 {
		found = found[len(found)-1:]
	}
	for _, id := range found {
		named[id] = true
	}
}
